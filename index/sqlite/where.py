"""Conditions on documents as SQL."""

from __future__ import annotations

from collections.abc import Sequence

from index.document import MetadataValue
from index.filter import Condition

_DOCUMENT_COLUMNS = ("title", "media_type")


def where(conditions: Sequence[Condition]) -> tuple[str, list[MetadataValue]]:
    """An SQL expression over `documents` that says whether all `conditions` hold, and its
    parameters. A `uri` is any name of the document."""
    parts, values = ["1"], list[MetadataValue]()
    for condition in conditions:
        if condition.key == "uri":
            test, wanted = _test(condition, "uri", [])
            parts.append(f"documents.id IN (SELECT document_id FROM names WHERE {test})")
        else:
            test, wanted = _test(condition, *_field(condition.key))
            parts.append(test)
        values += wanted
    return " AND ".join(parts), values


def _field(key: str) -> tuple[str, list[MetadataValue]]:
    """The SQL of what a condition is about, and its parameters."""
    if key == "document_id":
        return "documents.id", []
    if key in _DOCUMENT_COLUMNS:
        return f"documents.{key}", []
    return "(SELECT value FROM json_each(documents.metadata) WHERE key = ?)", [key]


def _test(
    condition: Condition, field: str, key: list[MetadataValue]
) -> tuple[str, list[MetadataValue]]:
    """The SQL of `condition` on `field`, whose parameters are `key`. A range holds only values of
    the kind of its bounds: SQLite would count every text as greater than every number."""
    parts, values = list[str](), list[MetadataValue]()

    def test(tested: str, operator: str, *wanted: MetadataValue) -> None:
        parts.append(f"{tested} {operator}")
        values.extend([*key, *wanted])

    if condition.values:
        marks = ", ".join("?" * len(condition.values))
        test(field, f"IN ({marks})", *condition.values)
    for bound in (condition.low, condition.high):
        if bound is not None:
            kinds = "'text'" if isinstance(bound, str) else "'integer', 'real'"
            test(f"typeof({field})", f"IN ({kinds})")
    if condition.low is not None:
        test(field, ">= ?", condition.low)
    if isinstance(condition.high, str):
        test(f"substr({field}, 1, {len(condition.high)})", "<= ?", condition.high)
    elif condition.high is not None:
        test(field, "<= ?", condition.high)
    return " AND ".join(parts), values
