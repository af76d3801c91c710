"""Conditions on documents as SQL for PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from index.document import MetadataValue
from index.filter import Condition
from index.glob import expression
from index.uri import MEMBER

CHUNKS_OF = (
    "SELECT chunks.id FROM documents JOIN chunks ON chunks.document_id = documents.id WHERE {where}"
)
_COLUMNS = {"document_id": "documents.id", "title": "documents.title"}
_COLUMNS |= {"media_type": "documents.media_type"}
# A range of numbers holds true and false as 1 and 0, as SQLite has them.
_NUMBER = (
    "CASE jsonb_typeof(facts -> %s) WHEN 'number' THEN (facts ->> %s)::numeric "
    "WHEN 'boolean' THEN (facts -> %s)::boolean::int END"
)
_MEMBERS = (
    "SELECT m.document_id FROM collections AS c JOIN memberships AS m ON m.collection = c.number "
    "WHERE c.name = ANY(%s::text[]) UNION SELECT n.document_id FROM collections AS c "
    "JOIN collection_folders AS f ON f.collection = c.number "
    "JOIN names AS n ON n.uri >= f.folder AND n.uri < f.beyond WHERE c.name = ANY(%s::text[])"
)
Tested = tuple[str, list[object]]


def where(conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    """An SQL expression over `documents` that says whether all `conditions` hold, and its
    parameters. A `uri` is any name of the document."""
    parts, values = ["true"], list[object]()
    for condition in conditions:
        if condition.key == "uri":
            test, wanted = _place(condition)
            test = f"documents.id IN (SELECT document_id FROM names WHERE {test})"
        elif condition.key == "collection":
            names = [kept(str(name)) for name in condition.values]
            test, wanted = f"documents.id IN ({_MEMBERS})", [names, names]
        elif condition.key in _COLUMNS:
            test, wanted = _on_text(condition, _COLUMNS[condition.key])
        else:
            test, wanted = _on_fact(condition)
        parts.append(test)
        values += wanted
    return " AND ".join(parts), values


def _place(condition: Condition) -> Tested:
    """The SQL of a condition on `uri`, a column of `names` with an index."""
    if condition.prefix:
        prefix = kept(condition.prefix)
        if prefix.endswith("/"):
            return "uri >= %s AND uri < %s", [prefix, beyond(prefix)]
        below = [f"{prefix}/", beyond(f"{prefix}/"), prefix + MEMBER, beyond(prefix + MEMBER)]
        return "uri = %s OR uri >= %s AND uri < %s OR uri >= %s AND uri < %s", [prefix, *below]
    if condition.glob:
        glob = kept(condition.glob)
        begin = re.split(r"[*?]", glob)[0].rpartition("/")
        test, values = "uri ~ %s", list[object]([f"^(?:{expression(glob)})$"])
        if not begin[1]:
            return test, values
        folder = begin[0] + "/"
        return f"uri >= %s AND uri < %s AND {test}", [folder, beyond(folder), *values]
    return _on_text(condition, "uri")


def beyond(folder: str) -> str:
    """The least text after all that begin with `folder`, which ends with "/"."""
    return folder[:-1] + chr(ord("/") + 1)


def kept(text: str) -> str:
    """`text` for a comparison: PostgreSQL takes no NUL, which is in no text either."""
    return text.replace("\0", "\ufffe")


def _on_text(condition: Condition, column: str) -> Tested:
    parts, values = list[str](), list[object]()
    if condition.values:
        parts.append(f"{column} = ANY(%s::text[])")
        values.append([kept(value) for value in condition.values if isinstance(value, str)])
    low, high = condition.low, condition.high
    if any(not isinstance(bound, str) for bound in (low, high) if bound is not None):
        return "false", []
    return _between(parts, values, column, [], low, high)


def _on_fact(condition: Condition) -> Tested:
    key = kept(condition.key)
    parts, values = list[str](), list[object]()
    if condition.values:
        alike = [form for value in condition.values for form in _forms(value)]
        parts.append(f"({' OR '.join(['facts @> %s::jsonb'] * len(alike))})")
        values += [json.dumps({key: form}) for form in alike]
    bounds = [bound for bound in (condition.low, condition.high) if bound is not None]
    if len({isinstance(bound, str) for bound in bounds}) > 1:
        return "false", []
    if bounds and isinstance(bounds[0], str):
        parts.append("jsonb_typeof(facts -> %s) = 'string'")
        values.append(key)
        return _between(parts, values, "(facts ->> %s)", [key], condition.low, condition.high)
    for bound, operator in ((condition.low, ">="), (condition.high, "<=")):
        if bound is not None:
            parts.append(f"{_NUMBER} {operator} %s::numeric")
            values += [key, key, key, repr(bound)]
    return " AND ".join(parts), values


def _between(
    parts: list[str],
    values: list[object],
    field: str,
    own: list[object],
    low: MetadataValue | None,
    high: MetadataValue | None,
) -> Tested:
    """A text is at most `high` when its beginning is. Ordered by code point."""
    if isinstance(low, str):
        parts.append(f'{field} COLLATE "C" >= %s')
        values += [*own, kept(low)]
    if isinstance(high, str):
        parts.append(f'left({field}, {len(high)}) COLLATE "C" <= %s')
        values += [*own, kept(high)]
    return " AND ".join(parts), values


def _forms(value: MetadataValue) -> list[MetadataValue]:
    """What is equal to `value` in JSON: true is 1, as it is in SQLite."""
    if isinstance(value, str):
        return [kept(value)]
    return (
        [value, int(value) if isinstance(value, bool) else bool(value)]
        if value in (0, 1)
        else [value]
    )
