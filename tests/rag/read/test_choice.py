from __future__ import annotations

import numpy as np

from rag.read.choice import diverse, items_after, items_beside, repeats, rows_beside

UNIT = np.eye(3, dtype=np.float32)


def test_relevance_is_weighed_against_likeness() -> None:
    # The second is the cosine 0.8 from the first, the third is unlike both.
    vectors = np.array([UNIT[0], 0.8 * UNIT[0] + 0.6 * UNIT[1], UNIT[2]], dtype=np.float32)
    scores = np.array([0.9, 0.8, 0.6])
    # After the first: 0.7 × 0.8 - 0.3 × 0.8 = 0.32 against 0.7 × 0.6 = 0.42.
    assert diverse(scores, vectors, 3) == [0, 2, 1]
    assert diverse(scores, vectors, 2) == [0, 2]


def test_what_says_the_same_or_scores_too_little_is_left_out() -> None:
    same = np.array([UNIT[0], UNIT[0], UNIT[1]], dtype=np.float32)
    assert diverse(np.array([0.9, 0.85, 0.44]), same, 3) == [0]
    assert diverse(np.array([0.9, 0.85, 0.45]), same, 3) == [0, 2]
    assert diverse(np.array([]), np.zeros((0, 3), dtype=np.float32), 3) == []


def test_a_sentence_repeats_when_most_of_its_words_were_said() -> None:
    # Of the five words "the keeper slept at home", three stand in the other: 0.6.
    assert repeats("The keeper slept at home.", ["Ada, the keeper, slept."])
    assert not repeats("The keeper sat at home.", ["Ada, the keeper, slept."])
    assert not repeats("Anything.", [])


def test_the_items_of_a_list_that_a_sentence_announces() -> None:
    text = "You need:\n- a saw\n- two nails\n- glue\n\nThen begin. It is easy."
    assert [text[a:b] for a, b in items_after(text, 9, 5)] == ["- a saw", "- two nails", "- glue"]
    assert [text[a:b] for a, b in items_after(text, 9, 2)] == ["- a saw", "- two nails"]
    assert items_after(text, text.index("begin.") + 6, 5) == []
    assert items_after("He said: come. So we came.", 8, 5) == []


def test_a_heading_announces_the_list_right_under_it() -> None:
    text = "Action items\n- Jo: prices\n- Di: bikes\n\nNext: May."
    assert [text[a:b] for a, b in items_after(text, 12, 5)] == ["- Jo: prices", "- Di: bikes"]
    assert items_after(text, text.index("\n- Di"), 5) == []  # an item announces no others
    assert items_after("We met.\n- Jo", 7, 5) == []
    assert items_after("Action items\n\n- Jo", 12, 5) == []
    assert items_after("Nobody who was asked knew what it was for\n- Jo", 41, 5) == []


LOOSE = (
    "Changes:\n\n- The port is new. It was 1.\n- Lids\n  fit. They close.\n- Old files go.\n\nMore."
)


def test_an_item_may_have_several_sentences() -> None:
    whole = ["- The port is new.", "It was 1.", "- Lids\n  fit.", "They close.", "- Old files go."]
    assert [LOOSE[a:b] for a, b in items_after(LOOSE, 8, 3)] == whole
    assert [LOOSE[a:b] for a, b in items_after(LOOSE, 8, 2)] == whole[:4]
    for said in whole:
        start = LOOSE.index(said)
        beside = items_beside(LOOSE, start, start + len(said), 3)
        assert [LOOSE[a:b] for a, b in beside] == whole
    assert items_beside(LOOSE, start, start + len(said), 2) == []
    assert items_beside(LOOSE, LOOSE.index("More."), len(LOOSE), 3) == []


def test_the_rows_of_a_table_where_nothing_asked_tells_one_from_another() -> None:
    rows = ["Part: Lid | Price: 4", "Part: Hose | Price: 5"]
    text = "Spare parts\n\n" + "\n".join([*rows, "Size: 3 | Price: 5"])
    start = text.index("Part: Hose")

    def beside(question: str, most: int = 2) -> list[str]:
        found = rows_beside(question, text, start, start + len(rows[1]), most)
        return [text[a:b] for a, b in found]

    assert beside("Name all spare parts.") == rows
    assert beside("List all prices of the hose.") == []  # it has a word of this row alone
    assert beside("Name all spare parts.", most=1) == []
    assert rows_beside("Name all spare parts.", text, 0, len("Spare parts"), 5) == []
