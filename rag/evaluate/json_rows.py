"""Rows of JSON out of plain or gzipped files, checked field by field."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import InvalidDataset

FORMS = (
    "give a SQuAD JSON file, a folder with corpus.jsonl, queries.jsonl and qrels.tsv, "
    "a folder with documents/ and questions.jsonl, "
    'or JSON lines such as {"id": "1", "question": "…", "answers": ["…"]}'
)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, unzipped where it is gzipped. Raises InvalidDataset."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InvalidDataset(f"{path}: cannot be read ({error}); {FORMS}") from error


def read_json(text: str, key: str) -> list[Any] | None:
    """The list under `key`, or None when the text is not one JSON object with such a list."""
    try:
        whole = json.loads(text)
    except ValueError:
        return None
    value = whole.get(key) if isinstance(whole, dict) else None
    return value if isinstance(value, list) else None


def objects(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where it stands and what it holds, for each line that is not blank. Raises InvalidDataset
    for a line that is no JSON object."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InvalidDataset(f"{where}: not JSON ({error}); {FORMS}") from error
        if not isinstance(row, dict):
            raise InvalidDataset(f"{where}: {line.strip()[:40]!r} is no JSON object; {FORMS}")
        yield where, row


def take(row: Any, key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """`row[key]`, which has to be of this kind, or else InvalidDataset names the place."""
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, kind):
        names = " or ".join(
            {str: "a string", int: "a number", list: "a list"}[each]
            for each in (kind if isinstance(kind, tuple) else (kind,))
        )
        raise InvalidDataset(f"{where}: {key} is {value!r:.60}; make it {names}")
    return value


def strings(row: dict[str, Any], key: str, where: str) -> list[str]:
    """`row[key]` as a list of strings, empty where the key is missing. Raises InvalidDataset."""
    values: list[Any] = take({key: [], **row}, key, list, where)
    for value in values:
        if not isinstance(value, str):
            raise InvalidDataset(f"{where}: {key} holds {value!r}; make it a list of strings")
    return values
