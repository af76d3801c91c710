"""The order of a list of documents, in SQL of any store, and its stretches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from index.records import Key, Listed, Listing, Stored

_COLUMNS = {"name": "name", "added": "added_at", "size": "characters", "pages": "pages"}
_NUMBER = "number"  # in the order in which they were first stored


def column(listing: Listing) -> str:
    """What the documents are sorted by, before their number."""
    return _COLUMNS.get(listing.sort, _NUMBER)


def order(listing: Listing) -> str:
    """The terms of an ORDER BY."""
    way = " DESC" if listing.descending else ""
    return ", ".join(f"{each}{way}" for each in dict.fromkeys((column(listing), _NUMBER)))


def stretch(
    found: Sequence[tuple[str, Key]], limit: int, stored: Callable[[list[str]], Iterable[Stored]]
) -> Listed:
    """The first `limit` of the documents `found`, each an id with its key, of which there is one
    more where the list goes on; `stored` gives those with some ids, in any order."""
    ids = [document_id for document_id, _ in found[:limit]]
    by_id = {each.id: each for each in stored(ids)}
    last = found[limit - 1][1] if len(found) > limit else None
    return Listed(tuple(by_id[document_id] for document_id in ids), last)
