from __future__ import annotations

from dataclasses import replace

import pytest

from index.document import Document, document_id
from index.errors import UnknownDocument
from rag.answer import Passage, Source
from rag.answerer import plain
from rag.cite import Footnotes, best_quote, support

TEXT = (
    "Ants dig tunnels. Bees fly south in winter.\nCats sleep [3] all day, e.g. on mats. Dogs bark."
)
DOCUMENT = Document(document_id("zoo"), "zoo", "Zoo", TEXT, "", pages=(0, TEXT.index("Cats")))


def passage(start: int, end: int) -> Passage:
    return Passage(
        1, DOCUMENT.id, "zoo", "Zoo", "", 1, start, end, TEXT[start:end], 1.0, 1, 1.0, 1.0
    )


PASSAGES = [passage(0, TEXT.index("\nCats")), passage(TEXT.index("Bees"), len(TEXT))]


def stored(document_id: str) -> Document:
    assert document_id == DOCUMENT.id
    return DOCUMENT


def cite(*pieces: str, document=stored):  # type: ignore[no-untyped-def]
    footnotes = Footnotes(PASSAGES)
    text = "".join(footnotes.renumber(pieces))
    return text, footnotes.resolve(text, document)


def test_each_marker_is_a_footnote_and_each_quote_in_its_place() -> None:
    text, cited = cite("Bees fly south in winter. [2] Ants dig tunnels. [1] They bark too [2].")
    assert text == "Bees fly south in winter. [1] Ants dig tunnels. [2] They bark too [3]."
    assert cited.text == text
    assert [c.quote for c in cited.citations] == [
        "Bees fly south in winter.",
        "Ants dig tunnels.",
        "Dogs bark.",
    ]
    assert [(c.number, c.page) for c in cited.citations] == [(1, 1), (2, 1), (3, 2)]
    assert all(TEXT[c.start : c.end] == c.quote for c in cited.citations)
    assert [c.support for c in cited.citations] == pytest.approx([1, 1, 1 / 3])
    assert cited.withheld == 0


def test_a_bracketed_number_of_the_source_is_no_marker() -> None:
    _, cited = cite("Cats sleep all day, e.g. on mats. [2]")
    (citation,) = cited.citations
    assert citation.quote == "Cats sleep [3] all day, e.g. on mats."
    assert citation.support == 1.0


@pytest.mark.parametrize(
    "pieces",
    [
        ["Ants dig tunnels.", " [", "1", "]", " Bees fly south in winter.", " [1", "]"],
        list("Ants dig tunnels. [1] Bees fly south in winter. [1]"),
        ["Ants dig tunnels. [1] Bees fly south in winter. [1]"],
    ],
)
def test_markers_in_pieces_never_show_as_broken_text(pieces: list[str]) -> None:
    out = list(Footnotes(PASSAGES).renumber(pieces))
    assert "".join(out) == "Ants dig tunnels. [1] Bees fly south in winter. [2]"
    assert all(piece.count("[") == piece.count("]") for piece in out)


def test_a_marker_of_no_passage_is_left_out_and_a_list_is_taken_apart() -> None:
    text, cited = cite("Ants dig tunnels. [9] Bees fly [1, 2]. An array[0] too.")
    assert text == "Ants dig tunnels. Bees fly [1] [2]. An array too."
    assert [c.number for c in cited.citations] == [1, 2]


def test_text_that_only_looks_like_a_marker_is_kept() -> None:
    assert cite("See [note] and [", "x] and [")[0] == "See [note] and [x] and ["


def test_a_quote_that_is_not_in_the_stored_text_is_withheld() -> None:
    changed = Document(DOCUMENT.id, "zoo", "Zoo", TEXT.replace("Ants dig", "Ants run"), "")
    text, cited = cite("Ants dig tunnels. [1] Dogs bark. [2]", document=lambda _: changed)
    assert text == "Ants dig tunnels. [1] Dogs bark. [2]"
    assert cited.text == "Ants dig tunnels. Dogs bark. [1]"
    assert [(c.number, c.quote) for c in cited.citations] == [(1, "Dogs bark.")]
    assert cited.withheld == 1


def test_a_quote_of_a_document_that_is_gone_is_withheld() -> None:
    def gone(document_id: str) -> Document:
        raise UnknownDocument(document_id)

    _, cited = cite("Ants dig tunnels. [1]", document=gone)
    assert (cited.text, cited.citations, cited.withheld) == ("Ants dig tunnels.", (), 1)


def test_each_source_says_where_the_quote_stands_in_it() -> None:
    zoo = replace(DOCUMENT, locations=((0, "p. 1"), (TEXT.index("Cats"), "p. 2")))
    repeated = f"Dogs bark.\n{TEXT}"
    farm = replace(zoo, id="farm", text=repeated, pages=(), locations=((0, "a"), (20, "b")))
    texts = {zoo.id: zoo, "farm": farm, "barn": replace(zoo, id="barn", text="Dogs growl.")}
    sources = (
        Source(zoo.id, "copy", "Zoo", 1, "p. 1", start=18),
        Source("farm", "farm", "Farm", 1, "a", start=11),
        Source("farm", "farm", "Farm", 1, "b", start=20),
        Source("barn", "barn", "Barn", 1, "p. 1"),
    )
    footnotes = Footnotes([replace(PASSAGES[1], also_in=sources)])
    text = "".join(footnotes.renumber(["Dogs bark. [1]"]))
    (citation,) = footnotes.resolve(text, texts.__getitem__).citations
    assert (citation.page, citation.location) == (2, "p. 2")
    assert citation.also_in == (
        Source(zoo.id, "copy", "Zoo", 2, "p. 2"),
        Source("farm", "farm", "Farm", None, "b"),
    )
    assert [each.start for each in citation.also_in] == [citation.start, citation.start + 11]


def test_a_claim_with_no_word_in_the_passage_has_no_quote() -> None:
    _, cited = cite("Zebras gallop. [1]")
    assert (cited.citations, cited.withheld) == ((), 1)


def test_a_list_of_markers_cites_one_claim() -> None:
    text, cited = cite("Bees fly south in winter [1], [2] and [2].")
    assert text == "Bees fly south in winter [1], [2] and [3]."
    assert [c.quote for c in cited.citations] == ["Bees fly south in winter."] * 3


@pytest.mark.parametrize("forged", ["[[9]1]", "[[9]1, 2]", "[[1]]", "[1[1]]"])
def test_no_marker_is_forged_by_what_is_left_out(forged: str) -> None:
    text, cited = cite(f"Ants dig tunnels. [1] Odd {forged} text.")
    assert cited.citations[0].quote == "Ants dig tunnels."
    assert all(c.quote in TEXT for c in cited.citations)
    assert cited.text.count("Odd") == text.count("Odd") == 1


def test_a_bracketed_number_inside_another_is_plain_text_too() -> None:
    assert plain("Ants dig [[7]2] tunnels.") == "Ants dig tunnels."


def test_a_sentence_is_not_taken_for_a_longer_one_that_holds_its_words() -> None:
    text = "Not all ants dig tunnels. Ants dig tunnels."
    both = Passage(1, "d", "u", "T", "", None, 100, 100 + len(text), text, 1.0, 1, 1.0, 1.0)
    assert best_quote("Ants dig tunnels.", both) == (126, 143, 1.0)


def test_an_answer_of_two_sentences_is_quoted_whole() -> None:
    start, end, found = best_quote("Ants dig tunnels. Bees fly south in winter.", PASSAGES[0])
    assert (TEXT[start:end], found) == ("Ants dig tunnels. Bees fly south in winter.", 1.0)


def test_a_long_run_of_spaces_takes_no_time() -> None:
    spaces = " " * 200_000
    text, _ = cite(f"Ants{spaces}dig tunnels.{spaces}[1]{spaces}")
    assert text.endswith("[1]")
    assert plain(f"a{spaces}b") == "a b"


def test_best_quote_prefers_the_whole_sentence() -> None:
    start, end, found = best_quote("Dogs bark.", PASSAGES[1])
    assert (TEXT[start:end], found) == ("Dogs bark.", 1.0)


def test_support_is_the_share_of_words() -> None:
    assert support("Red green blue", "green and RED") == pytest.approx(2 / 3)
    assert support("", "x") == 0.0
