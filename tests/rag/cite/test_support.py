"""Whether a quote bears out a sentence, with the real weights and the real embedder."""

from __future__ import annotations

from math import log

import pytest

from index.embed.embedder import Embedder
from rag.answer import Passage
from rag.cite.quotes import Quotes, is_verbatim, verbatim
from rag.cite.support import Quoted, Rarity, Support, contradicts, features

TEXT = (
    "The mine was opened in 1911 by Anna Berg. It employed 1,200 people.\n"
    "The mine did not pay its workers on time. Coal was carried to the harbour by mules."
)
PASSAGE = Passage(1, "d", "u", "Mine", "", None, 5, 5 + len(TEXT), TEXT, 1.0, 1, 1.0, 1.0)


def test_features_by_hand() -> None:
    rarity = Rarity(["ants dig", "ants fly", "bees fly"])
    assert rarity["ants"] == pytest.approx(log(1 + 3 / 3))
    assert rarity["worms"] == pytest.approx(log(1 + 3))
    found = features("Ants and 7 worms dig", Quoted("Ants dig."), 0.5, rarity)
    weight = {"ants": log(2), "7": log(4), "worms": log(4), "dig": log(1 + 3 / 2)}
    share = (weight["ants"] + weight["dig"]) / sum(weight.values())
    assert found == pytest.approx([0.5, 0.5, share, log(3), 0, log(2), 0, log(5)])
    assert features("Ants dig", Quoted("They dig.", "Ants"), 1, rarity)[[1, 4]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("sentence", "quote", "expected"),
    [
        ("Ants do not dig.", "Ants dig.", True),
        ("Ants dig.", "Ants don't dig.", True),
        ("Ants never dig.", "Ants do not dig.", False),
        ("Ants dig.", "Ants dig.", False),
        ("Ants dig.", "Ants dig deep holes where no bird or mouse has lived.", False),
    ],
)
def test_a_denial_contradicts_what_says_the_same(sentence: str, quote: str, expected: bool) -> None:
    assert contradicts(sentence, Quoted(quote)) is expected


def test_a_refuted_sentence_stays_below_the_threshold() -> None:
    support = Support()
    assert support.capped(0.9, False) == 0.9
    assert support.capped(0.9, True) < support.threshold


@pytest.mark.parametrize(
    ("claim", "quote", "supported"),
    [
        ("Anna Berg opened the mine in 1911.", "The mine was opened in 1911 by Anna Berg.", True),
        ("Mules carried the coal to the harbour.", "Coal was carried to the harbour", True),
        ("The mine paid its workers on time.", "The mine did not pay its workers", False),
        ("Whales sing in the deep ocean.", "", False),
    ],
)
def test_the_best_sentence_and_whether_it_is_enough(
    minilm: Embedder, claim: str, quote: str, supported: bool
) -> None:
    support = Support()
    quotes = Quotes([claim], [PASSAGE], [PASSAGE], minilm, support)
    best = quotes.best([claim], PASSAGE)
    assert best is not None
    assert quote in best.text
    assert TEXT[best.start : best.end] == best.text
    assert (quotes.score(claim, [best]) >= support.threshold) is supported


def test_word_for_word() -> None:
    both = verbatim("It employed 1,200 people. The mine did not pay its workers on time.", PASSAGE)
    assert both is not None
    assert both.text == TEXT[42:109]
    assert verbatim("It employed people.", PASSAGE) is None
    assert is_verbatim("- **Ants**  dig", "Ants [3]\ndig")
