from __future__ import annotations

import random
import re
from itertools import combinations_with_replacement

import pytest

from rag.answer import Passage
from rag.cite.markers import Footnotes, without_forgeries

PASSAGES = [Passage(n, f"d{n}", "u", "T", "", None, 0, 1, "x", 1.0, n, 1.0, 1.0) for n in (1, 2, 3)]


def write(*pieces: str) -> Footnotes:
    footnotes = Footnotes(PASSAGES)
    out = list(footnotes.renumber(pieces))
    assert "".join(out) == footnotes.text
    for mark in footnotes.marks:  # none is parted between two pieces
        ends = [len("".join(out[:count])) for count in range(len(out))]
        assert not any(mark.start < end < mark.end for end in ends)
    return footnotes


@pytest.mark.parametrize(
    ("text", "written", "cited", "removed"),
    [
        ("Ants dig. [3] Bees fly. [1]", "Ants dig. [1] Bees fly. [2]", [3, 1], 0),
        ("Ants dig. [9] Bees [1, 2]. An array[0].", "Ants dig. Bees [1] [2]. An array.", [1, 2], 2),
        ("A [1-3] b [2–9] c [1; 3,]", "A [1] [2] [3] b c [4] [5]", [1, 2, 3, 1, 3], 1),
        ("A【2】b [^1] c [ 3 ]", "A [1]b [2] c [3]", [2, 1, 3], 0),
        ("- [2] Ants\n- Bees [1]\n\n[3] Cats", "- [1] Ants\n- Bees [2]\n\n[3] Cats", [2, 1, 3], 0),
        ("See [note] and [x] and [", "See [note] and [x] and [", [], 0),
        ("[9] Ants", "Ants", [], 1),
        ("[[9]1] and [[1]]", "[1) and [[1]]", [1], 1),
        ("[[9][9]2]", "[2)", [], 2),
        ("[1](http://x) [2]: http://x", "[1] (http://x) [2] : http://x", [1, 2], 0),
        ("[12345678901234]", "[12345678901234)", [], 0),
    ],
)
def test_markers_and_what_only_looks_like_one(
    text: str, written: str, cited: list[int], removed: int
) -> None:
    footnotes = write(text)
    assert footnotes.text == written
    assert [mark.passage.rank for mark in footnotes.marks] == cited
    assert footnotes.removed == removed
    for number, mark in enumerate(footnotes.marks, start=1):
        assert written[mark.start : mark.end] == f"[{number}]"


HOSTILE = [
    "Ants dig. [1] Bees [1, 2]. An array[0] too. [",
    "[[9]1] x [1[1]] [[1]] y[9]\n[2]: z [1][2] [1-] [2",
    "[9] Ants [[7][7]1] [^2] [1-9] 【1】 [12",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_however_a_text_is_split_the_same_is_written(text: str) -> None:
    whole = write(text)
    for i, j in combinations_with_replacement(range(len(text) + 1), 2):
        split = write(text[:i], text[i:j], text[j:])
        assert (split.text, split.marks) == (whole.text, whole.marks)
        assert split.removed == whole.removed
    assert write(*text).text == whole.text


def test_nothing_but_a_footnote_looks_like_one() -> None:
    chosen = random.Random(7)
    for _ in range(300):
        text = "".join(chosen.choice("[]12 9,\na(:-^【】") for _ in range(24))
        footnotes = write(*text)
        found = {match.span() for match in re.finditer(r"\[\d+\]", footnotes.text)}
        assert found == {(mark.start, mark.end) for mark in footnotes.marks}


def test_a_forged_marker_is_closed_by_a_round_bracket() -> None:
    assert without_forgeries("a [1] b [1] [x]", [(2, 5)]) == "a [1] b [1) [x]"


def test_a_long_run_of_spaces_or_brackets_takes_no_time() -> None:
    spaces = " " * 200_000
    assert write(f"Ants{spaces}dig.{spaces}[1]{spaces}").text.endswith("[1]")
    assert write("[1," * 50_000).marks == []
