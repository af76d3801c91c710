"""A store that is as simple as can be: everything in dictionaries, every score worked out anew."""

from __future__ import annotations

import io
import json
import math
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from index import versions
from index.document import LEFT_OUT, Chunk, Document, MetadataValue, document_id
from index.errors import (
    CollectionExists,
    InvalidCollection,
    StoreBusy,
    UnknownCollection,
    UnknownDocument,
    UnknownOriginal,
)
from index.filter import Condition, collection_name, collections_in, folder_name
from index.records import (
    Candidate,
    Collection,
    Copied,
    Counts,
    Excerpt,
    Extent,
    Identity,
    Key,
    Known,
    Listed,
    Listing,
    Row,
    Scored,
    Seen,
    Stored,
    ViewState,
)
from index.store import QuestionVector, Select
from index.text.content_words import content_words
from index.text.edits import edits
from index.text.folded import folded, sort_name, terms
from index.uri import MEMBER, name_title
from index.versions import reading

K1, B = 1.2, 0.75


@dataclass(frozen=True)
class Held:
    """A document, the version it was read in and when it was added."""

    document: Document
    version: int
    added_at: str


@dataclass
class State:
    """All that a store holds; the order of each dictionary is that of adding."""

    identity: Identity | None = None
    documents: dict[str, Held] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    chunks: dict[int, tuple[Chunk, NDArray[np.float32]]] = field(default_factory=dict)
    last_chunk: int = 0
    staging: Identity | None = None
    staged: dict[str, tuple[str, list[tuple[Chunk, NDArray[np.float32]]]]] = field(
        default_factory=dict
    )
    folders: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], tuple[Seen, int]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    collections: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    originals: dict[str, bytes] = field(default_factory=dict)
    former: dict[int, tuple[str, str, str, bytes]] = field(default_factory=dict)

    def copy(self) -> State:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return State(**{n: dict(v) if isinstance(v, dict) else v for n, v in values.items()})


class OracleStore:
    """A `Store` in memory."""

    name = "the store in memory"
    folder = None

    def __init__(self) -> None:
        self._state = State()
        self._lock = threading.Lock()
        self._stems = Stems()
        self.precedence = Nobody()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        yield Transaction(self._state, self._stems)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._lock:
            changed = self._state.copy()
            yield Transaction(changed, self._stems)
            used = {held.document.sha256 for held in changed.documents.values()}
            used |= {sha256 for _, _, sha256, _ in changed.former.values()}
            changed.originals = {k: v for k, v in changed.originals.items() if k in used}
            self._state = changed

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        state = self._state
        Collections(state).require(collections_in(conditions))
        if state.identity is None:
            return []
        query = vector(state.identity)
        allowed = [
            i for i, (c, _) in state.chunks.items() if meets(state, c.document_id, conditions)
        ]
        cosines = {i: float(state.chunks[i][1] @ query) for i in allowed}
        bm25 = self._bm25(state, question)
        nearest = sorted(allowed, key=lambda i: (-cosines[i], i))[:depth]
        by_words = sorted((i for i in allowed if i in bm25), key=lambda i: (-bm25[i], i))[:depth]
        top = max((bm25[i] for i in by_words), default=0.0)
        full = full_bm25(question, len(state.chunks))
        lexical = {i: bm25[i] / top * min(top / full, 1.0) for i in by_words}
        found = sorted({*nearest, *by_words})
        chosen = select([Scored(i, cosines[i], lexical.get(i, 0.0)) for i in found])
        return [Candidate(row(state, s.chunk_id), s.cosine, s.lexical) for s in chosen]

    def _bm25(self, state: State, question: str) -> dict[int, float]:
        """BM25 of the chunks that share a word with `question`, by id."""
        rows = {
            i: [self._stems.of(part) for part in parts(state, chunk)]
            for i, (chunk, _) in state.chunks.items()
        }
        lengths = {i: sum(map(len, columns)) for i, columns in rows.items()}
        mean = sum(lengths.values()) / max(len(rows), 1)
        scores: dict[int, float] = {}
        for word in content_words(question):
            phrase = self._stems.of(word)
            hits = {i: n for i, columns in rows.items() if (n := occurrences(phrase, columns))}
            rarity = math.log((len(rows) - len(hits) + 0.5) / (len(hits) + 0.5))
            for i, n in hits.items():
                weight = n * (K1 + 1) / (n + K1 * (1 - B + B * lengths[i] / mean))
                scores[i] = scores.get(i, 0.0) + max(rarity, 1e-6) * weight
        return scores

    def view_state(self) -> ViewState | None:
        number = len(self._state.chunks)
        return self._state.identity and ViewState("matrix", number, 0, 1e-6, False, "")

    def check(self) -> list[str]:
        state = self._state
        return [
            f"chunk {number} is of no document"
            for number, (chunk, _) in state.chunks.items()
            if chunk.document_id not in state.documents
        ]

    def size(self) -> int:
        return 0

    def reclaimable(self) -> int:
        return 0

    def close(self) -> None:
        self._stems.close()


class Nobody:
    """A `Precedence` in which nobody waits for anybody."""

    def asking(self) -> nullcontext[None]:
        return nullcontext()

    adding = asking


class Stems:
    """Splits text into stems as SQLite's FTS5 does."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(
            "CREATE VIRTUAL TABLE one USING fts5 (text, "
            "tokenize = 'porter unicode61 remove_diacritics 2');"
            "CREATE VIRTUAL TABLE stems USING fts5vocab (one, instance);"
        )

    def of(self, text: str) -> tuple[str, ...]:
        with self._lock:
            if text not in self._known:
                self._db.execute("DELETE FROM one")
                self._db.execute("INSERT INTO one VALUES (?)", (text,))
                rows = self._db.execute("SELECT term FROM stems ORDER BY offset")
                self._known[text] = tuple(stem for (stem,) in rows)
            return self._known[text]

    def close(self) -> None:
        self._db.close()


def occurrences(phrase: Sequence[str], columns: Iterable[Sequence[str]]) -> int:
    size = len(phrase)
    if not size:
        return 0
    return sum(c[at : at + size] == phrase for c in columns for at in range(len(c) - size + 1))


def full_bm25(question: str, chunks: int) -> float:
    """BM25 of a chunk of usual length with every word of `question` once, each in no other."""
    rarity = math.log(max(chunks - 0.5, 1) / 1.5)
    return len(content_words(question)) * max(rarity, math.log1p(1e-6))


def parts(state: State, chunk: Chunk) -> tuple[str, str, str]:
    document = state.documents[chunk.document_id].document
    return document.title, chunk.heading, document.text[chunk.start : chunk.end]


def row(state: State, number: int) -> Row:
    chunk, _ = state.chunks[number]
    document = state.documents[chunk.document_id].document
    text, page = document.text[chunk.start : chunk.end], document.page_at(chunk.start)
    return Row(
        replace(chunk, id=number), text, document.uri, document.title, page, document.metadata
    )


def meets(state: State, document_id: str, conditions: Sequence[Condition]) -> bool:
    document = state.documents[document_id].document
    names = [uri for uri, id_ in state.names.items() if id_ == document.id]
    stated: dict[str, list[Any]] = {
        **{key: [value] for key, value in document.metadata.items()},
        "document_id": [document.id],
        "title": [document.title],
        "media_type": [document.media_type],
        "uri": names,
        "collection": [n for n in state.collections if document.id in members(state, n)],
    }
    return all(any(holds(c, value) for value in stated.get(c.key, [])) for c in conditions)


def members(state: State, name: str) -> set[str]:
    put, folders = state.collections[name]
    lying = {i for uri, i in state.names.items() if any(uri.startswith(f) for f in folders)}
    return {*put, *lying}


def lies_below(prefix: str, uri: str) -> bool:
    if prefix.endswith("/"):
        return uri.startswith(prefix)
    return uri == prefix or uri.startswith((prefix + "/", prefix + "!/"))


def matches(glob: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a uri matches a glob, both in parts."""
    if not glob or not parts:
        return not glob and not parts
    if glob[0] == "**":
        rest = glob[1:] or ["*"]
        return any(matches(rest, parts[skipped:]) for skipped in range(len(parts)))
    signs = {"*": "[^/]*", "?": "[^/]"}
    pattern = "".join(signs.get(sign, re.escape(sign)) for sign in glob[0])
    return bool(re.fullmatch(pattern, parts[0], re.DOTALL)) and matches(glob[1:], parts[1:])


def holds(condition: Condition, value: MetadataValue) -> bool:
    if condition.prefix:
        return lies_below(condition.prefix, str(value))
    if condition.glob:
        return matches(condition.glob.split("/"), str(value).split("/"))
    low, high = condition.low, condition.high
    if any(isinstance(b, str) != isinstance(value, str) for b in (low, high) if b is not None):
        return False
    begins = value[: len(high)] if isinstance(high, str) and isinstance(value, str) else value
    return (
        (not condition.values or value in condition.values)
        and (low is None or value >= low)  # type: ignore[operator]
        and (high is None or begins <= high)  # type: ignore[operator]
    )


class Originals:
    def __init__(self, state: State) -> None:
        self._state = state

    def size(self, sha256: str) -> int | None:
        data = self._state.originals.get(sha256)
        return None if data is None else len(data)

    def total(self) -> int:
        return sum(map(len, self._state.originals.values()))

    def open(self, sha256: str) -> IO[bytes]:
        if sha256 not in self._state.originals:
            raise UnknownOriginal(f"the original with the SHA-256 {sha256} is not kept")
        return io.BytesIO(self._state.originals[sha256])

    def keep(self, sha256: str, data: bytes) -> None:
        self._state.originals[sha256] = data


class Former:
    def __init__(self, state: State) -> None:
        self._state = state

    def keep(self, undo: str, until: str, sha256: str, data: bytes) -> None:
        number = max(self._state.former, default=0) + 1
        self._state.former[number] = undo, until, sha256, data

    def of(self, undo: str, now: str) -> list[bytes]:
        rows = self._state.former.values()
        return [data for word, until, _, data in rows if word == undo and until > now]

    def forget(self, undo: str) -> None:
        kept = {n: row for n, row in self._state.former.items() if row[0] != undo}
        self._state.former = kept

    def expire(self, now: str) -> None:
        self._state.former = {n: row for n, row in self._state.former.items() if row[1] > now}

    def clear(self) -> None:
        self._state.former = {}

    def next(self) -> str | None:
        return min((until for _, until, _, _ in self._state.former.values()), default=None)


class Transaction:
    """A `ReadTransaction`, and a `WriteTransaction` of a state that nobody else has."""

    def __init__(self, state: State, stems: Stems) -> None:
        self._state = state
        self.readings = Versions(state)
        self.folders = Folders(state)
        self.collections = Collections(state)
        self.spelling = Words(state, stems)
        self.originals = Originals(state)
        self.former = Former(state)

    def identity(self) -> Identity | None:
        return self._state.identity

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        met = self.documents(0, -1, conditions)
        return Counts(len(met), sum(each.chunks for each in met))

    def size(self, conditions: Sequence[Condition] = ()) -> int:
        met = self.documents(0, -1, conditions)
        kept = {each.sha256: self._state.originals.get(each.sha256, b"") for each in met}
        return sum(each.characters for each in met) + sum(map(len, kept.values()))

    def find(self, id_or_uri: str) -> str:
        found = id_or_uri if id_or_uri in self._state.documents else None
        found = found or self._state.names.get(id_or_uri)
        if found is None:
            raise UnknownDocument(f"no document has the id or uri '{id_or_uri}'")
        return found

    def named(self, uri: str) -> tuple[str, str] | None:
        found = self._state.names.get(uri)
        return (found, self.document(found).sha256) if found else None

    def called(self, name: str) -> list[str]:
        low, found = name.casefold(), []
        for id_ in self._state.documents:
            document = self.document(id_)
            file = document.uri.split("/")[-1].casefold()
            if low in (document.title.casefold(), file, file.rpartition(".")[0] or file):
                found.append(id_)
        return found

    def twins(self, sha256: str) -> list[tuple[str, str, str]]:
        named = [(id_, uri, self.document(id_)) for uri, id_ in self._state.names.items()]
        return [(id_, uri, d.media_type) for id_, uri, d in named if d.sha256 == sha256]

    def members(self, archive: str) -> list[str]:
        return [uri for uri in self._state.names if uri.startswith(archive + MEMBER)]

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        found = {}
        for id_ in document_ids:
            if id_ in self._state.documents:
                shown = self.document(id_).uri
                names = [n for n, of in self._state.names.items() if of == id_ and n != shown]
                found[id_] = tuple(names)
        return {id_: names for id_, names in found.items() if names}

    def document(self, document_id: str) -> Document:
        if document_id not in self._state.documents:
            raise UnknownDocument(f"no document has the id or uri '{document_id}'")
        return self._state.documents[document_id].document

    def stored(self, document_id: str) -> Stored:
        document = self.document(document_id)
        chunks = [c for c, _ in self._state.chunks.values() if c.document_id == document_id]
        return Stored(
            document.id,
            document.uri,
            document.title,
            document.sha256,
            document.media_type,
            document.metadata,
            self.aliases([document_id]).get(document_id, ()),
            len(chunks),
            len(document.text),
            self._state.documents[document_id].added_at,
            len(document.pages),
        )

    def copied(self, document_id: str) -> Copied:
        held = self._state.documents[self.document(document_id).id]
        own = [
            (replace(chunk, id=number), vector)
            for number, (chunk, vector) in self._state.chunks.items()
            if chunk.document_id == document_id
        ]
        return Copied(
            held.document,
            tuple(uri for uri, id_ in self._state.names.items() if id_ == document_id),
            held.added_at,
            self.readings.is_current(document_id),
            tuple(chunk for chunk, _ in own),
            np.array([vector for _, vector in own]),
        )

    def restore(self, copied: Copied) -> str:
        document = copied.document
        if document.id in self._state.documents:
            document = replace(document, id=self._free_id(document.uri))
        version = reading(document.media_type) if copied.is_current else 0
        self._state.documents[document.id] = Held(document, version, copied.added_at)
        self._state.names.update(dict.fromkeys(copied.names, document.id))
        for chunk, vector in zip(copied.chunks, copied.vectors, strict=True):
            self._put_chunk(replace(chunk, document_id=document.id), vector)
        return document.id

    def documents(
        self, offset: int, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Stored]:
        self.collections.require(collections_in(conditions))
        held = self._state.documents
        ids = [id_ for id_ in held if meets(self._state, id_, conditions)][offset:]
        return [self.stored(id_) for id_ in (ids if limit < 0 else ids[:limit])]

    def _sorted(self, listing: Listing, conditions: Sequence[Condition]) -> list[tuple[Key, str]]:
        """Every document of a list, with its key."""
        self.collections.require(collections_in(conditions))
        rows = list[tuple[Key, str]]()
        for number, id_ in enumerate(self._state.documents):
            each = self.stored(id_)
            words = folded("\n".join([each.title, each.uri, *each.aliases]))
            if not meets(self._state, id_, conditions):
                continue
            if all(term in words for term in terms(listing.text)):
                by: dict[str, str | int] = {
                    "stored": number,
                    "name": sort_name(each.title),
                    "added": each.added_at,
                    "size": each.characters,
                    "pages": each.page_count,
                }
                rows.append(((by[listing.sort], number), id_))
        return sorted(rows, reverse=listing.descending)

    def listed(
        self,
        listing: Listing,
        limit: int,
        after: Key | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Listed:
        rows = self._sorted(listing, conditions)
        if after is not None:
            rows = [each for each in rows if (each[0] < after) == listing.descending]
            rows = [each for each in rows if each[0] != after]
        last = rows[limit - 1][0] if len(rows) > limit else None
        return Listed(tuple(self.stored(id_) for _, id_ in rows[:limit]), last)

    def extent(self, listing: Listing, every: int, conditions: Sequence[Condition] = ()) -> Extent:
        keys = [key for key, _ in self._sorted(listing, conditions)]
        return Extent(len(keys), tuple(keys[every - 1 :: every]) if every else ())

    def subfolders(
        self, folder: str, conditions: Sequence[Condition] = ()
    ) -> list[tuple[str, int]]:
        found: dict[str, set[str]] = {}
        for uri, id_ in self._state.names.items():
            part, slash, _ = uri.removeprefix(folder).partition("/")
            if uri.startswith(folder) and slash and meets(self._state, id_, conditions):
                found.setdefault(f"{folder}{part}/", set()).add(id_)
        return sorted((name, len(ids)) for name, ids in found.items())

    def documents_like(self, text: str, limit: int) -> list[tuple[str, str, str]]:
        def lower(words: str) -> str:
            return "".join(sign.lower() if sign.isascii() else sign for sign in words)

        held = [each.document for each in self._state.documents.values()]
        found = [d for d in held if lower(text) in lower(d.uri) or lower(text) in lower(d.title)]
        return [(d.id, d.uri, d.title) for d in found[:limit]]

    def openings(self, limit: int, conditions: Sequence[Condition]) -> list[Row]:
        found = []
        self.collections.require(collections_in(conditions))
        for id_ in self._state.documents:
            own = {n: c for n, (c, _) in self._state.chunks.items() if c.document_id == id_}
            if own and meets(self._state, id_, conditions):
                long = [n for n, c in own.items() if c.end - c.start >= 120]
                found.append(row(self._state, min(long or own)))
        return found[:limit]

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        held = self._state.documents
        return [held[id_].document.location_at(at) if id_ in held else "" for id_, at in places]

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        held = self.document(document_id)
        place = held.page_at(start), held.location_at(start)
        return Excerpt(held.id, held.uri, held.title, *place, start, held.text[start:end])

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        held = self.document(document_id).text
        at = held.find(text, start) if text in held[start:] else held.find(text)
        return self.quote(document_id, at, at + len(text)) if at >= 0 else None

    def setting(self, name: str) -> str | None:
        return self._state.settings.get(name)

    def settings(self) -> dict[str, str]:
        return dict(self._state.settings)

    def set_setting(self, name: str, value: str | None) -> None:
        self._state.settings.pop(name, None)
        if value is not None:
            self._state.settings[name] = value

    def set_identity(self, identity: Identity) -> None:
        self._state.identity = identity

    def link(self, uri: str, sha256: str, twin: str | None) -> tuple[str, str] | None:
        named = self.named(uri)
        if named and named[1] == sha256 and self.readings.is_current(named[0]):
            return named[0], "unchanged"
        if twin is None:
            return None
        if named:
            self.collections.pass_on(named[0], twin)
            self.drop_name(uri)
        self._state.names[uri] = twin
        return twin, "replaced" if named else "added"

    def put(
        self, document: Document, chunks: Sequence[Chunk], vectors: NDArray[np.float32]
    ) -> tuple[str, str]:
        named = self.named(document.uri)
        names = list(self._state.names.values())
        if named and named[1] != document.sha256 and names.count(named[0]) > 1:
            self.drop_name(document.uri)
            own = self._free_id(document.uri)
            self.collections.pass_on(named[0], own)
        else:
            own = named[0] if named else self._free_id(document.uri)
        shown = self.document(own).uri if own in self._state.documents else document.uri
        metadata = json.loads(json.dumps(dict(document.metadata)))
        self._drop_chunks(own)
        self._state.documents[own] = Held(
            replace(document, id=own, uri=shown, metadata=metadata, original=None),
            reading(document.media_type),
            "2026-01-01T00:00:00Z",
        )
        self._state.names.setdefault(document.uri, own)
        for chunk, vector in zip(chunks, vectors, strict=True):
            self._put_chunk(replace(chunk, document_id=own), vector)
        return own, "replaced" if named else "added"

    def _free_id(self, uri: str) -> str:
        tries = (document_id(uri if n == 0 else f"{uri}\n{n}") for n in count())
        return next(free for free in tries if free not in self._state.documents)

    def _put_chunk(self, chunk: Chunk, vector: NDArray[np.float32]) -> None:
        self._state.last_chunk += 1
        self._state.chunks[self._state.last_chunk] = chunk, vector

    def _drop_chunks(self, document_id: str) -> None:
        kept = {n: c for n, c in self._state.chunks.items() if c[0].document_id != document_id}
        self._state.chunks = kept

    def drop(self, document_id: str) -> None:
        self._drop_chunks(document_id)
        self._state.names = {u: i for u, i in self._state.names.items() if i != document_id}
        self._state.documents.pop(document_id, None)
        self.collections.forget(document_id)

    def drop_name(self, uri: str) -> None:
        stored = self.stored(self.find(uri))
        if not stored.aliases:
            self.drop(stored.id)
            return
        del self._state.names[uri]
        if uri == stored.uri:
            shown, held = stored.aliases[0], self._state.documents[stored.id]
            title = name_title(shown) if stored.title == name_title(uri) else ""
            document = replace(held.document, uri=shown, title=title or stored.title)
            self._state.documents[stored.id] = replace(held, document=document)

    def unstaged(self, identity: Identity) -> list[str]:
        if self._state.staging != identity:
            self._state.staging, self._state.staged = identity, {}
        held = {id_: each.document.sha256 for id_, each in self._state.documents.items()}
        staged = self._state.staged
        self._state.staged = {i: s for i, s in staged.items() if held.get(i) == s[0]}
        return [id_ for id_ in held if id_ not in self._state.staged]

    def stage(
        self,
        identity: Identity,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> None:
        if self._state.staging != identity:
            raise StoreBusy("another reindex with other settings has begun")
        made = list(zip(chunks, vectors, strict=True))
        self._state.staged[document.id] = document.sha256, made

    def swap_staged(self, identity: Identity) -> None:
        self._state.chunks = {}
        for id_ in self._state.documents:
            for chunk, vector in self._state.staged[id_][1]:
                self._put_chunk(chunk, vector)
        self._state.identity, self._state.staged = identity, {}
        self.former.clear()


class Collections:
    """`Collections` of a state: what was put into each, and its folders."""

    def __init__(self, state: State) -> None:
        self._state = state

    def names(self) -> list[str]:
        return sorted(self._state.collections)

    def all(self) -> list[Collection]:
        return [self.one(name) for name in self.names()]

    def one(self, name: str) -> Collection:
        self.require([name])
        held = members(self._state, name)
        chunks = sum(c.document_id in held for c, _ in self._state.chunks.values())
        folders = tuple(sorted(self._state.collections[name][1]))
        return Collection(name, len(held), chunks, folders, "2026-01-01T00:00:00Z")

    def require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._state.collections:
                raise UnknownCollection(f"there is no collection '{name}'")

    def create(self, name: str) -> None:
        if collection_name(name) in self._state.collections:
            raise CollectionExists(f"there is a collection '{name}' already")
        self._state.collections[name] = frozenset(), frozenset()

    def rename(self, name: str, new: str) -> None:
        self.require([name])
        if new != name:
            self.create(new)
            self._state.collections[new] = self._state.collections.pop(name)

    def delete(self, name: str) -> None:
        self.require([name])
        del self._state.collections[name]

    def include(self, name: str, document_ids: Iterable[str]) -> None:
        self.require([name])
        for id_ in document_ids:
            if id_ not in self._state.documents:
                raise UnknownDocument(f"no document has the id '{id_}'")
            put, folders = self._state.collections[name]
            self._state.collections[name] = put | {id_}, folders

    def exclude(self, name: str, document_ids: Iterable[str]) -> None:
        self.require([name])
        put, folders = self._state.collections[name]
        left = put - {*document_ids}
        self._state.collections[name] = left, folders
        if members(self._state, name) & {*document_ids}:
            raise InvalidCollection(f"a folder of '{name}' holds it")

    def feed(self, name: str, folder: str) -> None:
        self.require([name])
        put, folders = self._state.collections[name]
        self._state.collections[name] = put, folders | {folder_name(folder)}

    def unfeed(self, name: str, folder: str) -> None:
        self.require([name])
        put, folders = self._state.collections[name]
        if folder_name(folder) not in folders:
            raise InvalidCollection(f"'{folder}' does not feed '{name}'")
        self._state.collections[name] = put, folders - {folder_name(folder)}

    def pass_on(self, document_id: str, heir: str) -> None:
        for name, (put, folders) in self._state.collections.items():
            if document_id in put:
                self._state.collections[name] = put | {heir}, folders

    def forget(self, document_id: str) -> None:
        for name, (put, folders) in self._state.collections.items():
            self._state.collections[name] = put - {document_id}, folders


class Words:
    """`Spelling` of a state, by comparing with every word there is."""

    def __init__(self, state: State, stems: Stems) -> None:
        texts = [part for chunk, _ in state.chunks.values() for part in parts(state, chunk)]
        self._words = set(re.findall(r"[^\W\d_]+", " ".join(texts)))
        self._stems = stems

    def holds(self, word: str) -> bool:
        return any(self._stems.of(word) == self._stems.of(other) for other in self._words)

    def nearest(self, word: str) -> str | None:
        most = 1 + (len(word) >= 8)
        near = [
            (edits(word.lower(), other.lower(), most), other)
            for other in sorted(self._words)
            if other[0].lower() == word[0].lower()
        ]
        distance, found = min(near, default=(most + 1, ""))
        return found if distance <= most else None


class Versions:
    """`ReadingVersions` of a state."""

    def __init__(self, state: State) -> None:
        self._held = state.documents

    def is_current(self, document_id: str) -> bool:
        held = self._held[document_id]
        return held.version == reading(held.document.media_type)

    def outdated(self) -> int:
        return sum(not self.is_current(id_) for id_ in self._held)

    def incomplete(self) -> int:
        return sum(LEFT_OUT in each.document.metadata for each in self._held.values())

    def confirm(self, document_id: str, media_type: str) -> None:
        self._held[document_id] = replace(self._held[document_id], version=reading(media_type))

    def doubt(self, document_id: str) -> None:
        self._held[document_id] = replace(self._held[document_id], version=0)


class Folders:
    """`SyncedFolders` of a state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def name(self, path: str) -> str | None:
        return self._state.folders.get(path)

    def register(self, path: str, name: str) -> str:
        chosen = path if name in self._state.folders.values() else name
        return self._state.folders.setdefault(path, chosen)

    def paths(self) -> list[str]:
        return sorted(self._state.folders)

    def known(self, path: str) -> dict[str, Known]:
        found = {}
        for (folder, uri), (seen, refusing) in self._state.files.items():
            if folder == path:
                id_ = self._state.names.get(uri)
                held = self._state.documents[id_] if id_ else None
                current = held is not None and Versions(self._state).is_current(held.document.id)
                is_current = refusing == versions.REFUSING if seen.problem else current
                found[uri] = Known(seen, id_, held.document.sha256 if held else None, is_current)
        return found

    def see(self, path: str, files: Iterable[Seen]) -> None:
        self._state.files.update({(path, seen.uri): (seen, versions.REFUSING) for seen in files})

    def forget(self, path: str, uris: Iterable[str]) -> None:
        for uri in uris:
            self._state.files.pop((path, uri), None)

    def is_seen(self, uri: str) -> bool:
        return any(seen == uri for _, seen in self._state.files)

    def paths_of(self, uri: str) -> list[Path]:
        folders = (folder for folder, seen in self._state.files if seen == uri)
        names = self._state.folders
        return [Path(each, PurePosixPath(uri).relative_to(names[each])) for each in folders]
