"""JSON and JSON lines."""

from __future__ import annotations

import pytest

from index.errors import UnreadableFile
from index.load.documents import load_bytes


def test_values_become_lines_and_prose_stays_prose() -> None:
    data = b"""{
        "title": "Teas", "author": {"name": "Ada Ray"}, "date": "2024-05-06", "lang": "en",
        "price": 1.10, "open": true, "owner": null, "tags": ["green", "black"],
        "about": "Grown on a hill.\\nPicked in May.",
        "items": [{"name": "Sencha", "size": {"grams": 50}}, {"name": "Assam"}]
    }"""
    loaded = load_bytes(data, "a.json")
    assert loaded.text == (
        "Teas\n\nauthor.name: Ada Ray\ndate: 2024-05-06\nlang: en\nprice: 1.10\nopen: true\n"
        "tags: green, black\nabout:\n\nGrown on a hill.\nPicked in May.\n\n"
        "items.name: Sencha\nitems.size.grams: 50\n\nitems.name: Assam"
    )
    assert loaded.title == "Teas"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2024-05-06", "language": "en"}
    assert loaded.media_type == "application/json"


def test_an_object_with_a_title_and_prose_is_a_section() -> None:
    lines = b'{"title": "One", "text": "First.", "id": 1}\n\n{"title": "Two", "text": "Second."}\n'
    expected = "One\n\nFirst.\n\nid: 1\n\nTwo\n\nSecond."
    for name in ("a.jsonl", "a.ndjson", "a.json"):
        loaded = load_bytes(lines, name)
        assert loaded.text == expected
        assert [(h.start, h.end) for h in loaded.headings] == [(0, 3), (20, 23)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'"words"', "words"),
        (b"[1, 2.50, NaN]", "1, 2.50, NaN"),
        (b"[[1, 2], [3]]", "1, 2\n\n3"),
        (b'{"content": "Only this."}', "Only this."),
        (b'{"a\\u0000 b": "c\\u0000\\ud800"}', "a b: c\ufffd"),
        (b"1" * 5000, "1" * 5000),
    ],
)
def test_other_values(data: bytes, expected: str) -> None:
    assert load_bytes(data, "a.json").text == expected


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", b'{"a": 1,\n}', r"a\.json is no valid JSON \(line 2, column 1: Expecting prop"),
        ("a.jsonl", b'{"a": 1}\n{"b"}\n', r"\(line 2, column 5: Expecting ':'"),
        ("a.json", b'{"a": 1}\n{"b"}\n', r"\(line 2, column 5: Expecting ':'"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b"[null, {}]", "holds no text"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load_bytes(data, name)


def test_values_without_what_only_a_terminal_understands() -> None:
    data = b'{"log": "\\u001b[1;31mfail\\u001b[m at 6", "all": ["\\u001b[32mok\\u001b[0m", 2]}'
    assert load_bytes(data, "a.json").text == "log: fail at 6\nall: ok, 2"
