"""Conditions on documents, as a user writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from index.document import MetadataValue
from index.errors import InvalidCollection, InvalidFilter

_MOST_CONDITIONS = 100
_LONGEST_GLOB = 1000
_LONGEST_NAME = 100
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """`key` equals one of `values`, or lies between `low` and `high`, both included; the key `uri`
    may lie below `prefix`, or match `glob`; the key `collection` names those that `values` are.

    A text bound covers everything it is the beginning of: up to "2023-11" includes 2023-11-30. A
    prefix ends where a part of a path does: "hr" is the document or archive of that name and all
    that lies below it, "hr/" only what lies below it, and neither is "hrx/". In a glob `?` stands
    for one character but "/", `*` for any number of those, and `**`, which is a part of its own and
    there at most once, for any number of parts; all else stands for itself.
    """

    key: str
    values: tuple[MetadataValue, ...] = ()
    low: MetadataValue | None = None
    high: MetadataValue | None = None
    prefix: str = ""
    glob: str = ""


def parse_filter(filter: Mapping[str, object] | None) -> tuple[Condition, ...]:
    """The conditions in `{"author": "X", "date": {"from": "2023", "to": "2024-06"}, …}`, all of
    which must hold. A key is `document_id`, `uri`, `title`, `media_type` or any metadata key; its
    value is one value, a list of values, or `{"from": …, "to": …}` with at least one of the two.
    Of a `uri` it may also be `{"prefix": "hr/"}` or `{"glob": "hr/**/*.md"}`; a `collection` is a
    name, or a list of names.

    Raises `InvalidFilter`.
    """
    conditions = tuple(_condition(key, wanted) for key, wanted in (filter or {}).items())
    if len(conditions) > _MOST_CONDITIONS:
        raise InvalidFilter(
            f"the filter has {len(conditions)} conditions; write at most {_MOST_CONDITIONS}"
        )
    return conditions


def _condition(key: str, wanted: object) -> Condition:
    if not _is_value(key) or not key.strip():
        raise InvalidFilter(f"filter key {key!r}: write a metadata key such as 'author' or 'date'")
    if key == "collection":
        return _collections(wanted)
    if key == "uri" and isinstance(wanted, dict) and [*wanted] in (["prefix"], ["glob"]):
        return _place(*next(iter(wanted.items())))
    if _is_value(wanted):
        return Condition(key, values=(wanted,))
    if isinstance(wanted, list) and wanted and all(_is_value(value) for value in wanted):
        return Condition(key, values=tuple(wanted))
    if isinstance(wanted, dict) and wanted and wanted.keys() <= {"from", "to"}:
        low, high = wanted.get("from"), wanted.get("to")
        bounds = [bound for bound in (low, high) if bound is not None]
        if bounds and all(_is_value(b) and not isinstance(b, bool) and b != "" for b in bounds):
            return Condition(key, low=low, high=high)
    forms = ', or {"from": …, "to": …}'
    if key == "uri":
        forms = ', {"from": …, "to": …}, {"prefix": "folder/"}, or {"glob": "folder/*.md"}'
    raise InvalidFilter(f"filter on {key!r}: {wanted!r} is not a value, a list of values{forms}")


def _collections(wanted: object) -> Condition:
    given = wanted if isinstance(wanted, list) else [wanted]
    names = [name for name in given if isinstance(name, str) and _is_text(name)]
    if not names or len(names) < len(given):
        raise InvalidFilter(
            f"filter on 'collection': {wanted!r} is not the name of one, or a list of names"
        )
    return Condition("collection", values=tuple(names))


def _place(form: str, wanted: object) -> Condition:
    if not (isinstance(wanted, str) and wanted and _is_text(wanted)):
        raise InvalidFilter(f"filter on 'uri': the {form} {wanted!r} is no text such as 'hr/'")
    if form == "prefix":
        return Condition("uri", prefix=wanted)
    parts = wanted.split("/")
    if parts.count("**") > 1 or any("**" in part and part != "**" for part in parts):
        raise InvalidFilter(
            f"filter on 'uri': in the glob {wanted!r} ** may stand once, and alone between "
            "slashes, as in 'hr/**/*.md'"
        )
    if len(wanted) > _LONGEST_GLOB:
        raise InvalidFilter(
            f"filter on 'uri': the glob has {len(wanted)} characters; write at most {_LONGEST_GLOB}"
        )
    return Condition("uri", glob=wanted.removesuffix("/") if wanted.endswith("**/") else wanted)


def within(place: str) -> dict[str, object]:
    """The filter that a place in words means: a glob where it holds `*` or `?` ("hr/*.md"), a
    folder where it holds "/" ("hr/"), else the name of a collection ("hr"). Raises
    `InvalidFilter`."""
    place = place.strip()
    if not place:
        raise InvalidFilter("the place to ask in is empty; name a folder 'hr/' or a collection")
    if "*" in place or "?" in place:
        return {"uri": {"glob": place.removeprefix("./")}}
    if "/" in place:
        return {"uri": {"prefix": place.removeprefix("./") or place}}
    return {"collection": place}


def scoped(filter: Mapping[str, object] | None, place: str | None) -> Mapping[str, object] | None:
    """`filter` and the place, if any, both of which must hold. Raises `InvalidFilter`."""
    if place is None:
        return filter
    wanted, given = within(place), filter or {}
    if both := given.keys() & wanted.keys():
        raise InvalidFilter(
            f"the filter and the place {place!r} both speak of the {min(both)}; give one of them"
        )
    return {**given, **wanted}


def collection_name(name: str) -> str:
    """`name`, where a collection may have it: of 1 to 100 characters without "/", "*", "?" and
    control characters, so that it can be told from a folder and a glob. Raises
    `InvalidCollection`."""
    fits = 0 < len(name) <= _LONGEST_NAME and name == name.strip() and name.isprintable()
    if not fits or any(sign in name for sign in "/*?") or name in (".", ".."):
        raise InvalidCollection(
            f"a collection cannot be called {name[:_LONGEST_NAME]!r}; give it a name of 1 to "
            f"{_LONGEST_NAME} characters without /, * and ?"
        )
    return name


def folder_name(folder: str) -> str:
    """`folder` as a collection is fed by it: with "/" at its end. Raises `InvalidCollection`."""
    name = folder.removeprefix("./").rstrip("/") + "/"
    if (name == "/" and not folder.startswith("/")) or not _is_text(name) or "*" in name:
        raise InvalidCollection(
            f"{folder!r} is no folder that can feed a collection, such as 'hr/'"
        )
    return name


def collections_in(conditions: Iterable[Condition]) -> list[str]:
    """The names of the collections that `conditions` mean, each once."""
    found = (each for each in conditions if each.key == "collection")
    return list(dict.fromkeys(str(name) for each in found for name in each.values))


def _is_value(value: object) -> TypeGuard[MetadataValue]:
    """Whether `value` is one that the store can hold."""
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return isinstance(value, float) and math.isfinite(value)


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
