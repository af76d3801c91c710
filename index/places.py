"""The parts of a store that a word may mean: collections, folders, documents."""

from __future__ import annotations

from collections.abc import Iterable

from index.filter import parse_filter
from index.records import Place
from index.store import ReadTransaction, Store

_LOOKED_AT = 1000  # documents whose folders may be meant


def places(store: Store, text: str, limit: int = 8) -> list[Place]:
    """At most `limit` parts whose names hold `text`, whatever its case: collections, then folders,
    then documents."""
    with store.read() as snapshot:
        wanted = text.casefold()
        found = [
            Place("collection", name, "", 0, {"collection": name})
            for name in snapshot.collections.names()
            if wanted in name.casefold()
        ]
        documents = snapshot.documents_like(text, _LOOKED_AT)
        found += [
            Place("folder", folder, "", 0, {"uri": {"prefix": folder}})
            for folder in _folders(uri for _, uri, _ in documents)
            if wanted in folder.casefold()
        ]
        found += [
            Place("document", title, uri, 0, {"document_id": [id_]})
            for id_, uri, title in documents
        ]
        return [_counted(snapshot, place) for place in found[:limit]]


def _counted(snapshot: ReadTransaction, place: Place) -> Place:
    count = snapshot.counts(parse_filter(place.filter)).documents
    return Place(place.kind, place.name, place.uri, count, place.filter)


def _folders(uris: Iterable[str]) -> list[str]:
    """Every folder that holds one of `uris`, the outermost first."""
    found = set()
    for uri in uris:
        *parts, _ = uri.split("/")
        found |= {"/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)}
    return sorted(found - {"/"}, key=lambda folder: (folder.count("/"), folder))
