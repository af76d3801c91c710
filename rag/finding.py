"""What a question finds: its passages, and what the reader makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from index.index import Index
from index.records import Stored
from rag.answer import Passage
from rag.read.overview import (
    DOCUMENTS,
    LISTED,
    about,
    asks_for_overview,
    catalogue,
    document_asked_for,
    overview,
    telling,
    those_about,
    topic_asked_for,
)
from rag.read.reader import Evidence, Reader, Reading
from rag.read.rerank import follow, rerank
from rag.read.superlative import most_of_all
from rag.retrieve.near_duplicates import SPARE, fold
from rag.retrieve.retrieve import openings, retrieve
from rag.settings import Settings
from rag.stop import Stop

Lap = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it was read, the passages that were found for it, and the reading of them;
    `whole` is whether all that was asked has evidence, where it was several questions."""

    question: str
    passages: tuple[Passage, ...]
    reading: Reading
    whole: bool = True

    @property
    def confidence(self) -> float:
        return self.reading.confidence


class Finder:
    """Retrieves from `index` and has `reader` read, as `settings` say."""

    def __init__(self, index: Index, reader: Reader, settings: Settings) -> None:
        self._index = index
        self._reader = reader
        self._settings = settings

    def search(self, query: str, k: int, filter: Mapping[str, object] | None) -> list[Passage]:
        """The `k` best passages for `query`, best first, of near-identical ones the best."""
        if self._settings.rerank != "always":
            return self._retrieved(query, k, filter)
        passages = self._retrieved(query, max(k, self._settings.passages), filter)
        return rerank(passages, self._reader.relevance(query, passages))[:k]

    def found(
        self,
        question: str,
        context: str,
        k: int,
        filter: Mapping[str, object] | None,
        stop: Stop,
        lap: Lap,
    ) -> Found:
        """What `question` finds; `context` are words that help to retrieve, and are not read."""
        stop.check()
        opened = self._opened(question, k, filter)
        if opened is not None:
            passages, reading = opened
            lap("retrieve")
        else:
            passages = self._retrieved(f"{context} {question}".strip(), k, filter)
            lap("retrieve")
            stop.check()
            reading = self._reader.read(question, passages)
            reading = most_of_all(question, passages, reading, self._reader.unsure_threshold)
            if self._settings.rerank != "never":
                passages = rerank(passages, reading.relevance)
                reading = follow(reading, len(passages))
        lap("read")
        return Found(question, tuple(passages), reading)

    def _opened(
        self, question: str, k: int, filter: Mapping[str, object] | None
    ) -> tuple[list[Passage], Reading] | None:
        """For a question that asks what the documents are, which are about something, or what one
        of them is about: the passages that tell, and what they tell after a sentence from the
        catalogue. None for others."""
        if asks_for_overview(question):
            passages = self._folded(openings(self._index, SPARE * k, filter), k)
            first = self._index.documents(0, LISTED, filter)
            if not first:
                return passages, overview(passages)
            names = [PurePosixPath(each.uri).name for each in first]
            shown = min(len(passages), DOCUMENTS)
            return passages, overview(passages, catalogue(names, self._count(filter), shown))
        if topic := topic_asked_for(question):
            found = _ranked(about(topic, self._retrieved(topic, max(k, LISTED), filter)))
            named = [PurePosixPath(each.uri).name for each in found]
            lead = those_about(topic, named, self._count(filter))
            return (found, telling(topic, found, lead)) if found else None
        name = document_asked_for(question)
        stored = self._stored_as(name, filter) if name else None
        if stored is None:
            return None
        own = {**(filter or {}), "document_id": [stored.id]}
        found = _ranked(sorted(self._retrieved(name, k, own), key=lambda each: each.start))
        file = PurePosixPath(stored.uri).name
        return found, overview(found, f"Of {self._count(filter)} documents, this is from {file}:")

    def _count(self, filter: Mapping[str, object] | None) -> int:
        return self._index.counts(filter).documents

    def _stored_as(self, name: str, filter: Mapping[str, object] | None) -> Stored | None:
        """The one document under `filter` whose file name, with its suffix or without it, or title
        is `name`."""
        named = self._index.called(name)
        if not named:
            return None
        found = self._index.documents(0, 2, {**(filter or {}), "document_id": named})
        return found[0] if len(found) == 1 else None

    def _retrieved(self, query: str, k: int, filter: Mapping[str, object] | None) -> list[Passage]:
        settings = self._settings
        found = retrieve(
            self._index,
            query,
            k=SPARE * k,
            depth=max(settings.depth, k),
            fusion=settings.fusion,
            dense_weight=settings.dense_weight,
            filter=filter,
        )
        return self._folded(found, k)

    def _folded(self, passages: Sequence[Passage], k: int) -> list[Passage]:
        """The `k` best, with their locations, which are looked up for those alone that are
        shown."""
        places = [(passage.document_id, passage.start) for passage in passages]
        with self._index.store.read() as snapshot:
            aliases = snapshot.aliases({document_id for document_id, _ in places})
            locations = snapshot.locations(places)
        located = [
            replace(passage, location=location) if location else passage
            for passage, location in zip(passages, locations, strict=True)
        ]
        return fold(located, k, aliases)


def _ranked(passages: Sequence[Passage]) -> list[Passage]:
    return [replace(each, rank=rank) for rank, each in enumerate(passages, start=1)]


def together(found: Sequence[Found], k: int, least: float) -> Found:
    """Several questions as one: the evidence of each in turn, of those with at least the `least`
    confidence, and the least confidence among them. Of their passages the `k` best are kept, and
    those that hold evidence."""
    if len(found) == 1:
        return found[0]
    shown = [each for each in found if each.confidence >= least and each.reading.sentences]
    held = {
        each.passages[one.passage - 1].chunk_id
        for each in shown
        for one in (
            *each.reading.sentences,
            *each.reading.contradicting,
            *each.reading.superseded,
        )
    }
    first = _distinct([p for each in found for p in each.passages])
    best = sorted(first, key=lambda passage: -passage.score)
    passages = tuple(
        replace(passage, rank=rank)
        for rank, passage in enumerate(
            [p for place, p in enumerate(best) if place < k or p.chunk_id in held], start=1
        )
    )
    numbers = {passage.chunk_id: passage.rank for passage in passages}

    def all_of(kind: Callable[[Reading], Sequence[Evidence]]) -> tuple[Evidence, ...]:
        """The evidence of one kind, once each, with the numbers that the passages have now."""
        some = (
            replace(one, passage=numbers[each.passages[one.passage - 1].chunk_id])
            for each in shown
            for one in kind(each.reading)
        )
        return tuple(dict.fromkeys(some))

    shorts = filter(None, [each.reading.short for each in shown])
    return Found(
        question=" ".join(each.question for each in found),
        passages=passages,
        reading=Reading(
            all_of(lambda reading: reading.sentences),
            "; ".join(dict.fromkeys(shorts)) or None,
            min(each.confidence for each in shown or found),
            doubt=next(filter(None, (each.reading.doubt for each in shown)), ""),
            contradicting=all_of(lambda reading: reading.contradicting),
            superseded=all_of(lambda reading: reading.superseded),
            calibrated=all(each.reading.calibrated for each in found),
        ),
        whole=len(shown) == len(found),
    )


def _distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Each passage once, as it scored best."""
    best: dict[int, Passage] = {}
    for passage in passages:
        known = best.get(passage.chunk_id)
        if known is None or passage.score > known.score:
            best[passage.chunk_id] = passage
    return list(best.values())
