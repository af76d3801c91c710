from __future__ import annotations

from index.text.typos import respelt, typable, uninflected


def test_words_with_digits_short_ones_and_parts_of_codes_are_never_typos() -> None:
    text = "How offen must user@example.org clean PPX-FILTER and filter7 in src/main.c, Compresor?"
    assert typable(text) == ["offen", "clean", "Compresor"]


def test_what_a_word_may_be_an_inflection_of() -> None:
    assert uninflected("lodger") == ["lodge"]
    assert uninflected("landlords") == ["landlord"]
    assert uninflected("fliter") == ["flite"]
    assert uninflected("offen") == []


def test_a_word_is_replaced_with_its_capital() -> None:
    words = {"Fliter": "FILTER", "offen": "often", "other": None}
    assert respelt("Fliter: how offen, other?", words) == "Filter: how often, other?"
    assert respelt("who is dumass", {"dumass": "Dumas"}) == "who is Dumas"
