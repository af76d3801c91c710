from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support import WordEmbedder

from index.document import Document, document_id
from index.errors import UnknownDocument
from index.records import Excerpt
from rag.answer import Passage, Source, Stretch
from rag.cite.citer import Cited, Citer
from rag.cite.markers import Footnotes, plain
from rag.cite.support import Support

TEXT = (
    "Ants dig tunnels. Bees fly south in winter.\nCats sleep [3] all day, e.g. on mats. Dogs bark."
)
DOCUMENT = Document(document_id("zoo"), "zoo", "Zoo", TEXT, "", pages=(0, TEXT.index("Cats")))


class CountingEmbedder(WordEmbedder):
    """Counts the calls."""

    calls = 0

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        return super().passages(texts)


def passage(start: int, end: int) -> Passage:
    return Passage(
        1, DOCUMENT.id, "zoo", "Zoo", "", 1, start, end, TEXT[start:end], 1.0, 1, 1.0, 1.0
    )


PASSAGES = [passage(0, TEXT.index("\nCats")), passage(TEXT.index("Bees"), len(TEXT))]


def stored(document_id: str) -> Document:
    assert document_id == DOCUMENT.id
    return DOCUMENT


class Held:
    """Quotes of the documents that a function gives, as an index quotes those that it holds."""

    def __init__(self, document: Callable[[str], Document]) -> None:
        self._document = document

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        held = self._document(document_id)
        place = held.page_at(start), held.location_at(start)
        return Excerpt(held.id, held.uri, held.title, *place, start, held.text[start:end])

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        held = self._document(document_id).text
        at = held.find(text, start) if text in held[start:] else held.find(text)
        return self.quote(document_id, at, at + len(text)) if at >= 0 else None


def cite(text: str, document=stored, strict=False, calls=None) -> Cited:  # type: ignore[no-untyped-def]
    footnotes = Footnotes(PASSAGES)
    for _ in footnotes.renumber([text]):
        continue
    embedder = CountingEmbedder()
    cited = Citer(Held(document), embedder, Support()).cite(footnotes, PASSAGES, strict=strict)
    assert calls is None or embedder.calls == calls
    assert all(TEXT[c.start : c.end] == c.quote for c in cited.citations)
    position = 0
    for sentence in cited.sentences:  # each is a stretch of the text, in order
        position = cited.text.index(sentence.text, position) + len(sentence.text)
    return cited


def test_a_row_is_quoted_with_the_heads_of_its_columns() -> None:
    rows = ("Name      Number    Price", "Lid       TD-1      4.00", "Hose      TD-2      12.40")
    table = "\n".join(("Spare parts", "", *rows, ""))
    document = replace(DOCUMENT, text=table, pages=())
    start, end = table.index("Lid"), len(table) - 1  # its chunk begins after the heads
    cut = replace(passage(0, 1), start=start, end=end, text=table[start:end])
    footnotes = Footnotes([cut])
    list(footnotes.renumber(["Hose      TD-2      12.40 [1]"]))
    stored = Held(lambda document_id: document)
    (cited,) = Citer(stored, CountingEmbedder(), Support()).cite(footnotes, [cut]).citations
    assert table[cited.start : cited.end] == cited.quote == "Hose      TD-2      12.40"
    heads = cited.column_heads
    assert heads == Stretch(13, 38, table[13:38])
    assert table[13:38] == "Name      Number    Price"


def test_what_is_word_for_word_is_quoted_in_its_place_and_costs_nothing() -> None:
    cited = cite("Bees fly south in winter. [2] Ants dig tunnels. [1] Dogs bark [2].", calls=0)
    assert cited.text == "Bees fly south in winter. [1] Ants dig tunnels. [2] Dogs bark [3]."
    assert [c.quote for c in cited.citations] == [
        "Bees fly south in winter.",
        "Ants dig tunnels.",
        "Dogs bark.",
    ]
    assert [(c.number, c.page, c.support) for c in cited.citations] == [
        (1, 1, 1.0),
        (2, 1, 1.0),
        (3, 2, 1.0),
    ]
    assert [(s.text, s.citations, s.support, s.supported) for s in cited.sentences] == [
        ("Bees fly south in winter. [1]", (1,), 1.0, True),
        ("Ants dig tunnels. [2]", (2,), 1.0, True),
        ("Dogs bark [3].", (3,), 1.0, True),
    ]
    assert (cited.withheld, cited.removed) == (0, 0)


def test_other_words_are_weighed_in_one_call() -> None:
    cited = cite("In winter bees fly south. [1] The dogs there bark at 9 cats. [2]", calls=1)
    assert [c.quote for c in cited.citations] == ["Bees fly south in winter.", "Dogs bark."]
    assert [s.supported for s in cited.sentences] == [True, False]
    assert all(0 < s.support < 1 for s in cited.sentences)


@pytest.mark.parametrize(
    "invented",
    [
        "Bees fly 40 miles south in winter. [1]",
        "Bees fly south in winter to Rome. [1]",
        "Bees fly south on 3 May 2020 in winter. [1]",
        "Bees do not fly south in winter. [1]",
        "Bees fly south in winter.",
    ],
)
def test_an_invented_fact_a_denial_and_a_missing_marker_are_not_supported(invented: str) -> None:
    (sentence,) = cite(invented).sentences
    assert not sentence.supported
    assert sentence.support < Support().threshold


def test_a_bracketed_number_of_the_source_is_no_marker() -> None:
    (citation,) = cite("Cats sleep all day, e.g. on mats. [2]").citations
    assert (citation.quote, citation.support) == ("Cats sleep [3] all day, e.g. on mats.", 1.0)


def test_sentences_without_a_marker_lean_on_the_next_one_in_their_line() -> None:
    cited = cite("Ants dig tunnels. Bees fly south in winter. [1]\n\nDogs bark.")
    assert [c.quote for c in cited.citations] == ["Ants dig tunnels. Bees fly south in winter."]
    assert [(s.citations, s.supported) for s in cited.sentences] == [
        ((1,), True),
        ((1,), True),
        ((), False),
    ]


def test_one_that_does_not_follow_from_it_is_still_not_supported() -> None:
    first, second = cite("Zebras gallop at 40 miles. Ants dig tunnels. [1]").sentences
    assert (first.citations, first.supported) == ((), False)
    assert (second.citations, second.supported) == ((1,), True)


def test_a_quote_that_is_not_in_the_stored_text_is_withheld() -> None:
    changed = Document(DOCUMENT.id, "zoo", "Zoo", TEXT.replace("Ants dig", "Ants run"), "")
    cited = cite("Ants dig tunnels. [1] Dogs bark. [2]", document=lambda _: changed)
    assert cited.text == "Ants dig tunnels. Dogs bark. [1]"
    assert [(c.number, c.quote) for c in cited.citations] == [(1, "Dogs bark.")]
    assert [(s.citations, s.supported) for s in cited.sentences] == [((), False), ((1,), True)]
    assert cited.withheld == 1


def test_a_quote_of_a_document_that_is_gone_is_withheld() -> None:
    def gone(document_id: str) -> Document:
        raise UnknownDocument(document_id)

    cited = cite("Ants dig tunnels. [1]", document=gone)
    assert (cited.text, cited.citations, cited.withheld) == ("Ants dig tunnels.", (), 1)
    assert not cited.supported


def test_a_quote_without_a_word_of_the_sentence_is_withheld() -> None:
    cited = cite("Zebras gallop. [1]")
    assert (cited.text, cited.citations, cited.withheld) == ("Zebras gallop.", (), 1)


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
    passages = [replace(PASSAGES[1], also_in=sources)]
    footnotes = Footnotes(passages)
    list(footnotes.renumber(["Dogs bark. [1]"]))
    citer = Citer(Held(texts.__getitem__), WordEmbedder(), Support())
    (citation,) = citer.cite(footnotes, passages).citations
    assert (citation.page, citation.location) == (2, "p. 2")
    assert citation.also_in == (
        Source(zoo.id, "copy", "Zoo", 2, "p. 2"),
        Source("farm", "farm", "Farm", None, "b"),
    )
    assert [each.start for each in citation.also_in] == [citation.start, citation.start + 11]


def test_a_list_of_markers_cites_one_sentence() -> None:
    cited = cite("Bees fly south in winter [1], [2] and [2].")
    assert cited.text == "Bees fly south in winter [1], [2] and [3]."
    assert [c.quote for c in cited.citations] == ["Bees fly south in winter."] * 3


def test_nothing_is_forged_by_what_is_withheld() -> None:
    cited = cite("Ants dig tunnels. [1] Odd [[2]1] gallops.")
    assert cited.citations[0].quote == "Ants dig tunnels."
    assert cited.text.count("[1]") == 1


def test_strict_leaves_out_what_nothing_supports() -> None:
    cited = cite(
        "## Animals\nDogs bark. [2] Zebras gallop. [2]\n\n## Zebras\n- Zebras run 9 miles. [1]\n"
        "- They eat.\n\n## Ants\n- Ants dig tunnels. [1]\n\nIn short:",
        strict=True,
    )
    assert cited.text == "## Animals\nDogs bark. [1]\n\n## Ants\n- Ants dig tunnels. [2]"
    assert [(s.text, s.citations) for s in cited.sentences] == [
        ("Dogs bark. [1]", (1,)),
        ("- Ants dig tunnels. [2]", (2,)),
    ]
    assert [c.number for c in cited.citations] == [1, 2]


def test_a_bracketed_number_inside_another_is_plain_text_too() -> None:
    assert plain("Ants dig [[7]2] tunnels.") == "Ants dig tunnels."
