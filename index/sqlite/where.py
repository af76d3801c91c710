"""Conditions on documents as SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.document import MetadataValue
from index.filter import Condition
from index.uri import MEMBER

_DOCUMENT_COLUMNS = ("title", "media_type")


def where(conditions: Sequence[Condition]) -> tuple[str, list[MetadataValue]]:
    """An SQL expression over `documents` that says whether all `conditions` hold, and its
    parameters. A `uri` is any name of the document."""
    parts, values = ["1"], list[MetadataValue]()
    for condition in conditions:
        if condition.key == "uri":
            test, wanted = _place(condition)
            parts.append(f"documents.id IN (SELECT document_id FROM names WHERE {test})")
        elif condition.key == "collection":
            test, wanted = _membership(condition)
            parts.append(f"documents.id IN ({test})")
        else:
            test, wanted = _test(condition, *_field(condition.key))
            parts.append(test)
        values += wanted
    return " AND ".join(parts), values


def _place(condition: Condition) -> tuple[str, list[MetadataValue]]:
    """The SQL of a condition on `uri`, a column of `names` with an index."""
    if condition.prefix:
        return _below(condition.prefix)
    if condition.glob:
        return _matching(condition.glob)
    return _test(condition, "uri", [])


def _below(prefix: str) -> tuple[str, list[MetadataValue]]:
    if prefix.endswith("/"):
        return "uri >= ? AND uri < ?", [prefix, beyond(prefix)]
    ranges = [f"{prefix}/", beyond(f"{prefix}/"), prefix + MEMBER, beyond(prefix + MEMBER)]
    return "uri = ? OR uri >= ? AND uri < ? OR uri >= ? AND uri < ?", [prefix, *ranges]


def beyond(folder: str) -> str:
    """The least text after all that begin with `folder`, which ends with "/"."""
    return folder[:-1] + chr(ord("/") + 1)


def _matching(glob: str) -> tuple[str, list[MetadataValue]]:
    """`matches` is `index.glob.matches`; only the uris below the folder that the glob begins with
    are put to it."""
    begin = re.split(r"[*?]", glob)[0].rpartition("/")
    if begin[1]:
        folder = begin[0] + "/"
        return "uri >= ? AND uri < ? AND matches(?, uri)", [folder, beyond(folder), glob]
    return "matches(?, uri)", [glob]


def _membership(condition: Condition) -> tuple[str, list[MetadataValue]]:
    """The SQL of the ids of the documents that are in one of the collections."""
    marks = ", ".join("?" * len(condition.values))
    named = f"FROM collections AS c CROSS JOIN {{}} WHERE c.name IN ({marks})"
    put = named.format("memberships AS m ON m.collection = c.number")
    lying = named.format(
        "collection_folders AS f ON f.collection = c.number "
        "CROSS JOIN names AS n ON n.uri >= f.folder AND n.uri < f.beyond"
    )
    test = f"SELECT m.document_id {put} UNION SELECT n.document_id {lying}"
    return test, [*condition.values, *condition.values]


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
