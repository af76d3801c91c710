"""The whole line on the founding document, with the real models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import StoreMissing
from index.load.documents import load, walk
from rag.assistant import Assistant
from rag.build import build
from rag.open_index import open_index, reindex
from rag.read.evidence_reader import EvidenceReader
from rag.settings import Settings

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def footnote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    assistant = build(Settings(store=tmp_path_factory.mktemp("store")))
    list(assistant.index.add(load(path) for path in walk([SEEDS])))
    yield assistant
    assistant.index.close()


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("Who is planning to travel to Russia?", "Kim Jong-un"),
        ("What warning did the United States give North Korea?", "pay a price"),
    ],
)
def test_it_answers_from_the_founding_document(
    footnote: Assistant, question: str, quoted: str
) -> None:
    answer = footnote.ask(question)
    assert answer.answered
    assert answer.confidence >= footnote.min_confidence
    assert quoted in answer.citations[0].quote
    for citation in answer.citations:
        text = footnote.index.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    "question", ["What is the capital of Australia?", "Who wrote the Moonlight Sonata?"]
)
def test_it_says_when_it_does_not_know(footnote: Assistant, question: str) -> None:
    answer = footnote.ask(question)
    assert not answer.answered
    assert answer.citations == ()
    assert answer.passages


def test_reindexing_with_other_chunks_keeps_the_answers(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path)
    index = open_index(settings)
    list(index.add(load(path) for path in walk([SEEDS])))
    before = index.counts()
    index.close()
    smaller = settings.model_copy(update={"chunk_tokens": 100, "chunk_overlap": 20})
    after = reindex(smaller, lambda done, total: None)
    assert after.documents == before.documents == 1
    assert after.chunks > before.chunks
    assistant = build(smaller)
    assert "Kim Jong-un" in assistant.ask("Who is planning to travel to Russia?").text
    assistant.index.close()


def test_two_collections_share_their_models(footnote: Assistant, tmp_path: Path) -> None:
    other = build(Settings(store=tmp_path))
    assert other.index.embedder is footnote.index.embedder
    assert other.index.store is not footnote.index.store
    assert isinstance(other._reader, EvidenceReader)
    assert isinstance(footnote._reader, EvidenceReader)
    assert other._reader._model is footnote._reader._model
    assert other.ask("Who is planning to travel to Russia?").passages == ()
    other.index.close()


def test_opening_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        open_index(Settings(store=tmp_path / "none"), create=False)
