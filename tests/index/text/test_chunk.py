from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from support import WordEmbedder, make_document

from index.document import Document, Heading, document_id
from index.text.captions import Caption, captions_in
from index.text.chunk import Chunking, chunk
from index.text.embedded_text import context_of, embedded

count = WordEmbedder().count_tokens


def texts(document: Document, chunking: Chunking) -> list[str]:
    return [document.text[c.start : c.end] for c in chunk(document, count, chunking)]


ONE, TWO, THREE, FOUR = (f"Here is number {n} today." for n in ("one", "two", "three", "four"))


def test_whole_sentences_up_to_the_budget_with_overlap() -> None:
    # Four sentences of 5 words; 4 of the 16 tokens are kept for special ones, so two fit in 12.
    document = make_document("x", f"{ONE} {TWO} {THREE} {FOUR}")
    assert texts(document, Chunking(16, 0)) == [f"{ONE} {TWO}", f"{THREE} {FOUR}"]
    assert texts(document, Chunking(16, 5)) == [
        f"{ONE} {TWO}",
        f"{TWO} {THREE}",
        f"{THREE} {FOUR}",
    ]
    assert texts(document, Chunking(16, 4)) == texts(document, Chunking(16, 0))


def test_the_title_takes_its_share_of_the_budget() -> None:
    text = f"{ONE} {TWO} {THREE} {FOUR}"
    titled = make_document("x", text, title="three words long")
    assert texts(titled, Chunking(19, 0)) == [f"{ONE} {TWO}", f"{THREE} {FOUR}"]
    assert texts(titled, Chunking(16, 0)) == [ONE, TWO, THREE, FOUR]


def test_a_long_title_leaves_room_for_the_text() -> None:
    context = context_of("many words " * 100, "outer › " * 50 + "inner")
    assert len(context) <= 203
    assert context.startswith("many words")
    assert context.endswith("inner")
    assert context_of("Title", "A › B") == "Title › A › B"
    assert context_of("", "") == ""


def test_never_across_a_heading() -> None:
    text = "Intro here.\nFirst\nOne. Two.\nInner\nThree.\nSecond\nFour."
    headings = tuple(
        Heading(text.index(words), text.index(words) + len(words), level)
        for words, level in [("First", 1), ("Inner", 2), ("Second", 1)]
    )
    document = Document(document_id("x"), "x", "Title", text, "", headings=headings)
    found = chunk(document, count, Chunking(100, 0))
    assert [(text[c.start : c.end], c.heading) for c in found] == [
        ("Intro here.", ""),
        ("First\nOne. Two.", "First"),
        ("Inner\nThree.", "First › Inner"),
        ("Second\nFour.", "Second"),
    ]


def test_a_sentence_over_the_budget_is_cut_between_words() -> None:
    document = make_document("x", " ".join(f"w{n}" for n in range(30)))
    assert texts(document, Chunking(14, 0)) == [
        " ".join(f"w{n}" for n in range(10)),
        " ".join(f"w{n}" for n in range(10, 20)),
        " ".join(f"w{n}" for n in range(20, 30)),
    ]


def test_a_word_over_the_budget_is_cut_too() -> None:
    document = make_document("x", "x" * 25)
    # 14 - 4 = 10 characters a piece; the counter takes each piece for one token, so they fit.
    assert texts(document, Chunking(14, 0)) == ["x" * 25]
    found = chunk(document, lambda batch: [len(text) for text in batch], Chunking(14, 0))
    assert [(c.start, c.end) for c in found] == [(0, 10), (10, 20), (20, 25)]


def test_every_character_lies_in_a_chunk_and_every_chunk_ends_later() -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "word " * n + "end." for n in range(60))
    document = make_document("x", text)
    found = chunk(document, count, Chunking(40, 10))
    covered = {i for c in found for i in range(c.start, c.end)}
    assert all(i in covered for i, character in enumerate(text) if not character.isspace())
    assert all(a.end < b.end and a.start < b.start for a, b in pairwise(found))


def test_no_text_no_chunks() -> None:
    assert chunk(make_document("x", " \n "), count, Chunking()) == []


def test_a_chunk_ends_where_its_page_does() -> None:
    text = f"{ONE} {TWO} {THREE}"
    document = Document(document_id("x"), "x", "", text, "", pages=(0, text.index(TWO)))
    assert texts(document, Chunking(100, 10)) == [ONE, f"{TWO} {THREE}"]


def test_a_heading_alone_belongs_to_the_next_section() -> None:
    headings = (Heading(0, 4, 1), Heading(5, 10, 2))
    document = Document(document_id("x"), "x", "", "Part\nInner\nWords.", "", headings=headings)
    (only,) = chunk(document, count, Chunking(100, 0))
    assert (only.start, only.heading) == (0, "Part › Inner")


def test_a_word_that_the_tokenizer_does_not_know_makes_no_endless_chunk() -> None:
    # A token stands for 64 characters at most, so a chunk of 16 - 4 tokens holds 12 times that.
    document = make_document("x", f"{ONE} {'x' * 5000}. {TWO} {'y' * 700} {THREE}")
    found = chunk(document, count, Chunking(16, 0))
    covered = {i for c in found for i in range(c.start, c.end)}
    assert all(i in covered for i, character in enumerate(document.text) if character != " ")
    assert max(c.end - c.start for c in found) <= 12 * 64 + 12


def test_a_document_is_counted_a_stretch_at_a_time() -> None:
    counted: list[int] = []

    def noting(batch: Sequence[str]) -> list[int]:
        counted.append(sum(map(len, batch)))
        return count(batch)

    line, sentences = "word " * 200_000, f"{ONE} " * 40_000
    for text in (line, sentences):
        chunks = chunk(make_document("x", text), noting, Chunking(16, 0))
        assert chunks[-1].end == len(text.rstrip())
    assert sum(counted) > 1_000_000
    assert max(counted) < 210_000


def test_rows_that_are_cut_from_their_table_have_its_caption() -> None:
    rows = [f"Town {n} | Sales: {n} | Cost: {n}" for n in range(6)]
    text = "\n".join(["Costs", "Some words.", "", "Table 1: Sales by town", *rows, "", "Done."])
    document = Document(document_id("x"), "x", "", text, "", headings=(Heading(0, 5, 1),))
    found = chunk(document, count, Chunking(30, 0))
    assert len(found) > 2
    for each in found:
        row = text[each.start : each.end].startswith("Town") and "Town 0" not in text[each.start :]
        assert each.heading == ("Costs › Table 1: Sales by town" if row else "Costs")
        assert count([embedded("", each.heading, text[each.start : each.end])])[0] <= 30 - 4


def test_what_is_no_caption() -> None:
    rows = "\nA | 1\nB | 2\nC | 3"
    for line in ("It is sold in shops.", "word " * 30, ""):
        assert captions_in(line + rows, 0, len(line + rows)) == []
    text = "Table 2. Prices.\n" + rows
    assert captions_in(text, 0, len(text)) == [Caption(18, len(text), "Table 2. Prices.")]
    assert captions_in("Prices\nA | 1\nB | 2", 0, 18) == []
