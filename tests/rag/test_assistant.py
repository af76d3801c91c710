from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.chunk import Chunking
from index.errors import InvalidFilter, InvalidQuestion
from index.index import Index
from rag.answer import Answer, Passage, Turn
from rag.answerer import Evidence, ExtractiveAnswerer, Reading
from rag.assistant import ABSTENTION, NO_DOCUMENTS, Assistant
from rag.settings import Settings


class ScriptedReader:
    """Finds the first sentence of the first passage, and is as sure as it is told to be."""

    name = "scripted"
    threshold = 0.5

    def __init__(self, confidence: float = 0.9) -> None:
        self.confidence = confidence
        self.asked: list[str] = []

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        self.asked.append(question)
        if not passages:
            return Reading((), None, 0.0)
        end = passages[0].text.index(".") + 1
        return Reading((Evidence(1, 0, end, 1.0),), "span", self.confidence)


class ScriptedAnswerer:
    name = "scripted"

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    def stream(
        self,
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        reading: Reading,
    ) -> Iterator[str]:
        yield from self.pieces


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path, WordEmbedder(), Chunking())
    list(
        opened.add(
            [
                make_document("a", "Ants dig tunnels. They eat leaves.", "Ants", author="Ann"),
                make_document("b", "Bees make honey. They fly far.", "Bees", author="Bob"),
            ]
        )
    )
    yield opened
    opened.close()


def assistant(index: Index, reader: ScriptedReader, *pieces: str) -> Assistant:
    answerers = [ExtractiveAnswerer(), ScriptedAnswerer(*pieces)]
    return Assistant(index, reader, answerers, Settings(passages=2, max_question_chars=100))


def test_a_sure_answer_is_the_sentence_with_its_proof(index: Index) -> None:
    answer = assistant(index, ScriptedReader()).ask("  Who dig \n tunnels? ")
    assert answer.answered
    assert (answer.text, answer.short) == ("Ants dig tunnels. [1]", "span")
    assert (answer.confidence, answer.model) == (0.9, "reader")
    assert answer.question == "Who dig tunnels?"
    (citation,) = answer.citations
    assert (citation.uri, citation.start, citation.end) == ("a", 0, 17)
    assert index.document(citation.document_id).text[0:17] == citation.quote == "Ants dig tunnels."
    assert [p.uri for p in answer.passages] == ["a", "b"]
    assert set(answer.timings) == {"retrieve", "read", "write", "cite", "total"}


def test_an_unsure_one_abstains_and_shows_the_nearest_passages(index: Index) -> None:
    answer = assistant(index, ScriptedReader(0.49)).ask("Who dig tunnels?")
    assert (answer.answered, answer.text, answer.short) == (False, ABSTENTION, None)
    assert (answer.citations, len(answer.passages), answer.confidence) == ((), 2, 0.49)


def test_the_least_confidence_is_a_setting(index: Index) -> None:
    sure = assistant(index, ScriptedReader(0.49))
    assert sure.with_settings(min_confidence=0.4).ask("Who dig tunnels?").answered
    assert not sure.with_settings(min_confidence=0.5).ask("Who dig tunnels?").answered


def test_without_documents_it_says_so(tmp_path: Path) -> None:
    empty = Index(tmp_path / "empty", WordEmbedder(), Chunking())
    answer = assistant(empty, ScriptedReader()).ask("Anything?")
    assert (answer.answered, answer.text, answer.passages) == (False, NO_DOCUMENTS, ())
    empty.close()


def test_a_stream_is_the_text_and_then_the_answer(index: Index) -> None:
    reader = ScriptedReader()
    pieces = list(
        assistant(index, reader, "Ants dig", " tunnels. [", "1]").stream(
            "Who dig tunnels?", answerer="scripted"
        )
    )
    *texts, answer = pieces
    assert isinstance(answer, Answer)
    assert "".join(str(t) for t in texts) == answer.text == "Ants dig tunnels. [1]"
    assert answer.model == "scripted"


def test_an_answer_none_of_whose_quotes_stands_is_withheld(index: Index) -> None:
    answer = assistant(index, ScriptedReader(), "Zebras gallop. [1]").ask(
        "Who dig tunnels?", answerer="scripted"
    )
    assert (answer.answered, answer.text, answer.withheld) == (False, ABSTENTION, 1)


def test_a_document_removed_while_the_answer_is_written_is_not_cited(index: Index) -> None:
    class Removes(ScriptedAnswerer):
        def stream(self, *arguments: object) -> Iterator[str]:  # type: ignore[override]
            yield "Ants dig tunnels. [1] "
            index.remove("a")
            yield "Bees make honey. [2]"

    asked = Assistant(index, ScriptedReader(), [Removes()], Settings(passages=2))
    answer = asked.ask("Who dig tunnels?")
    assert answer.text == "Ants dig tunnels. Bees make honey. [1]"
    assert [c.uri for c in answer.citations] == ["b"]
    assert answer.withheld == 1


def test_a_follow_up_is_retrieved_with_its_topic(index: Index) -> None:
    reader = ScriptedReader()
    history = [Turn("user", "Who dig tunnels?"), Turn("assistant", "Ants dig tunnels. [1]")]
    answer = assistant(index, reader).ask("What do they eat?", history=history)
    assert answer.question == "Who dig tunnels? What do they eat?"
    assert reader.asked == ["What do they eat?"]


def test_asked_what_the_documents_are_about_they_say_how_they_begin(index: Index) -> None:
    reader = ScriptedReader()
    answer = assistant(index, reader).ask("What are these documents about?")
    assert answer.text == "Ants dig tunnels. [1] Bees make honey. [2]"
    assert [c.uri for c in answer.citations] == ["a", "b"]
    assert reader.asked == []
    only_bob = assistant(index, reader).ask(
        "What are these documents about?", filter={"author": "Bob"}
    )
    assert only_bob.text == "Bees make honey. [1]"


def test_passages_and_what_they_are_folded_with_say_where_they_stand(tmp_path: Path) -> None:
    index = Index(tmp_path, WordEmbedder(), Chunking())
    log = "The keeper of the lighthouse kept the light for forty years and wrote a log of it all."
    first = replace(make_document("a.pdf", log), locations=((0, "p. 3"),))
    second = replace(make_document("b.pdf", f"{log}\n"), locations=((0, "slide 4"),))
    other = replace(first, uri="c.pdf")
    list(index.add([first, second, other]))
    answer = Assistant(
        index, ScriptedReader(), [ExtractiveAnswerer()], Settings(store=tmp_path)
    ).ask("Who kept the light?")
    (passage,), (citation,) = answer.passages, answer.citations
    places = {passage.uri: passage.location, **{s.uri: s.location for s in passage.also_in}}
    assert places == {"a.pdf": "p. 3", "b.pdf": "slide 4", "c.pdf": "p. 3"}
    assert {
        citation.uri: citation.location,
        **{s.uri: s.location for s in citation.also_in},
    } == places
    index.close()


def test_filters_and_k(index: Index) -> None:
    asked = assistant(index, ScriptedReader())
    assert [p.uri for p in asked.search("ants", filter={"author": "Bob"})] == ["b"]
    assert len(asked.search("ants", k=1)) == 1
    with pytest.raises(InvalidFilter):
        asked.search("ants", filter={"author": {}})


@pytest.mark.parametrize(
    ("question", "options", "message"),
    [
        (" \n ", {}, "the question is empty"),
        ("x" * 101, {}, "has 101 characters, the most is 100"),
        ("ants", {"k": 0}, "k is 0; ask for 1 to 100"),
        ("ants", {"k": 101}, "k is 101"),
        ("ants", {"answerer": "oracle"}, "'oracle' is not one of those there are: 'reader'"),
    ],
)
def test_wrong_input_is_named(
    index: Index, question: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidQuestion, match=message):
        assistant(index, ScriptedReader()).ask(question, **options)  # type: ignore[arg-type]


def test_the_same_index_with_another_fusion(index: Index) -> None:
    asked = assistant(index, ScriptedReader())
    dense = asked.with_settings(fusion="dense")
    assert dense.index is asked.index
    assert dense.search("ants")[0].score == pytest.approx(dense.search("ants")[0].cosine)
    assert asked.settings.fusion == "convex"
