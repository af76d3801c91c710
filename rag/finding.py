"""What a question finds: its passages, and what the reader makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.index import Index
from rag.answer import Passage
from rag.read.overview import asks_for_overview, overview
from rag.read.reader import Reader, Reading
from rag.read.rerank import follow, rerank
from rag.retrieve.near_duplicates import SPARE, fold
from rag.retrieve.retrieve import openings, retrieve
from rag.settings import Settings

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
        lap: Lap,
    ) -> Found:
        """What `question` finds; `context` are words that help to retrieve, and are not read."""
        if asks_for_overview(question):
            passages = self._folded(openings(self._index, SPARE * k, filter), k)
            lap("retrieve")
            reading = overview(passages)
        else:
            passages = self._retrieved(f"{context} {question}".strip(), k, filter)
            lap("retrieve")
            reading = self._reader.read(question, passages)
            if self._settings.rerank != "never":
                passages = rerank(passages, reading.relevance)
                reading = follow(reading, len(passages))
        lap("read")
        return Found(question, tuple(passages), reading)

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
        aliases = self._index.aliases({passage.document_id for passage in passages})
        return fold(self._located(passages), k, aliases)

    def _located(self, passages: Sequence[Passage]) -> list[Passage]:
        """`passages` with their locations, which are looked up for those alone that are shown."""
        places = [(passage.document_id, passage.start) for passage in passages]
        return [
            replace(passage, location=location) if location else passage
            for passage, location in zip(passages, self._index.locations(places), strict=True)
        ]


def together(found: Sequence[Found], k: int, least: float) -> Found:
    """Several questions as one: the evidence of each in turn, of those with at least the `least`
    confidence, and the least confidence among them. Of their passages the `k` best are kept, and
    those that hold evidence."""
    if len(found) == 1:
        return found[0]
    shown = [each for each in found if each.confidence >= least and each.reading.sentences]
    evidence = [
        (each.passages[one.passage - 1], one) for each in shown for one in each.reading.sentences
    ]
    held = {passage.chunk_id for passage, _ in evidence}
    first = _distinct([p for each in found for p in each.passages])
    best = sorted(first, key=lambda passage: -passage.score)
    passages = tuple(
        replace(passage, rank=rank)
        for rank, passage in enumerate(
            [p for place, p in enumerate(best) if place < k or p.chunk_id in held], start=1
        )
    )
    numbers = {passage.chunk_id: passage.rank for passage in passages}
    sentences = dict.fromkeys(replace(one, passage=numbers[p.chunk_id]) for p, one in evidence)
    shorts = filter(None, [each.reading.short for each in shown])
    return Found(
        question=" ".join(each.question for each in found),
        passages=passages,
        reading=Reading(
            tuple(sentences),
            "; ".join(dict.fromkeys(shorts)) or None,
            min(each.confidence for each in shown or found),
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
