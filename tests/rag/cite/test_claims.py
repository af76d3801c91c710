from __future__ import annotations

import re

import pytest

from rag.cite.claims import claims, said_again, without_markup


def said(text: str) -> list[tuple[str, tuple[int, ...], tuple[str, ...]]]:
    found = claims(text, [match.span() for match in re.finditer(r"\[\d+\]", text)])
    return [(text[claim.start : claim.end], claim.marks, claim.parts) for claim in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Ants dig tunnels. [1] Bees fly [2].",
            [
                ("Ants dig tunnels. [1]", (0,), ("Ants dig tunnels.",)),
                ("Bees fly [2].", (1,), ("Bees fly.",)),
            ],
        ),
        (
            "Bees fly [1], and all cats sleep [2] [3].",
            [
                (
                    "Bees fly [1], and all cats sleep [2] [3].",
                    (0, 1, 2),
                    ("Bees fly", ", and all cats sleep", ", and all cats sleep"),
                )
            ],
        ),
        (
            "[1] Ants dig. [2] Bees fly.",
            [("[1] Ants dig.", (0,), ("Ants dig.",)), ("[2] Bees fly.", (1,), ("Bees fly.",))],
        ),
        (
            "## Tunnels\n- **Ants** dig. [1]\n- [2] Bees fly.\n\nIn short:\nYes.",
            [
                ("- **Ants** dig. [1]", (0,), ("Ants dig.",)),
                ("- [2] Bees fly.", (1,), ("Bees fly.",)),
            ],
        ),
        ("# Ants dig [1]", [("# Ants dig [1]", (0,), ("Ants dig",))]),
        ("No marker here.", [("No marker here.", (), ())]),
        ("Ants dig.\n[1]", [("Ants dig.\n[1]", (0,), ("Ants dig.",))]),
        ("[1]", []),
        ("", []),
    ],
)
def test_each_footnote_belongs_to_its_sentence(
    text: str, found: list[tuple[str, tuple[int, ...], tuple[str, ...]]]
) -> None:
    assert said(text) == found


def test_a_long_heading_is_a_claim() -> None:
    long = "**Zebras are said to gallop every day across all of the wide plains there**"
    assert [text for text, _, _ in said(long)] == [long]


def test_a_sentence_follows_another_only_in_its_line() -> None:
    found = claims("Ants dig tunnels. Bees fly south.\n\nCats sleep all day.", [])
    assert [claim.follows for claim in found] == [False, True, False]


def test_markup_is_no_word() -> None:
    assert without_markup("  2. **Ants** dig\n_deep_ `tunnels`") == "Ants dig deep tunnels"


@pytest.mark.parametrize(
    ("text", "cited", "again"),
    [
        ("Ants dig long tunnels.\nAnts dig long tunnels.\nBees fly.", "111", "nyn"),
        ("Ants dig long tunnels.\nBees fly off at noon.\nAnts dig long tunnels.", "111", "nnn"),
        ("Ants dig long tunnels.\nBees fly off at noon.\n" * 3, "121212", "nnyyyy"),
        ("Ants dig long tunnels.\nBees fly off at noon.\n" * 2, "1232", "nnnn"),
        (
            "Phone support is free.\nIt has 10 GB of room.\nPhone support is free.\nIt has 20 GB.",
            *("1111", "nnnn"),
        ),
        ("Ants dig long tunnels.\nAnts dig long tunnels.", "12", "nn"),
    ],
)
def test_what_only_repeats(text: str, cited: str, again: str) -> None:
    said = claims(text, [])
    found = said_again(said, [frozenset({int(number)}) for number in cited])
    assert "".join("y" if each else "n" for each in found) == again
