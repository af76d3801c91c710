"""Conditions on documents, as a user writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from index.document import MetadataValue
from index.errors import InvalidFilter

_MOST_CONDITIONS = 100
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """`key` equals one of `values`, or lies between `low` and `high`, both included.

    A text bound covers everything it is the beginning of: up to "2023-11" includes 2023-11-30.
    """

    key: str
    values: tuple[MetadataValue, ...] = ()
    low: MetadataValue | None = None
    high: MetadataValue | None = None


def parse_filter(filter: Mapping[str, object] | None) -> tuple[Condition, ...]:
    """The conditions in `{"author": "X", "date": {"from": "2023", "to": "2024-06"}, …}`, all of
    which must hold. A key is `document_id`, `uri`, `title`, `media_type` or any metadata key; its
    value is one value, a list of values, or `{"from": …, "to": …}` with at least one of the two.

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
    if _is_value(wanted):
        return Condition(key, values=(wanted,))
    if isinstance(wanted, list) and wanted and all(_is_value(value) for value in wanted):
        return Condition(key, values=tuple(wanted))
    if isinstance(wanted, dict) and wanted and wanted.keys() <= {"from", "to"}:
        low, high = wanted.get("from"), wanted.get("to")
        bounds = [bound for bound in (low, high) if bound is not None]
        if bounds and all(_is_value(b) and not isinstance(b, bool) and b != "" for b in bounds):
            return Condition(key, low=low, high=high)
    raise InvalidFilter(
        f'filter on {key!r}: {wanted!r} is not a value, a list of values, or {{"from": …, "to": …}}'
    )


def _is_value(value: object) -> TypeGuard[MetadataValue]:
    """Whether `value` is one that the store can hold."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return isinstance(value, float) and math.isfinite(value)
