"""JSON and JSON lines: a line `path: value` for each value, prose as prose."""

from __future__ import annotations

import json

from index.document import MetadataValue
from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.text.terminal_codes import without_codes

_PROSE = {
    "abstract", "body", "content", "contents", "description", "message", "page_content",
    "paragraph", "passage", "summary", "text",
}  # fmt: skip
_LONG = 200  # characters; a longer value is prose too
_AUTHORS = ("author", "authors", "creator")
_DATES = ("date", "published", "datePublished", "date_published", "created", "created_at")
_LANGUAGES = ("language", "lang", "inLanguage")


def read_json(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """Each object a paragraph; one with a title and prose is a section under that title. The
    title, author, date and language are those of the outermost object. Raises `UnreadableFile`
    with the place of the first fault."""
    text = decode(data, charset)
    try:
        value = _parsed(text)
    except json.JSONDecodeError as error:
        if "Extra data" not in error.msg:
            raise UnreadableFile(_fault(error.lineno, error)) from error
        return _lines(text, parsing)  # JSON lines under the suffix of JSON
    return _extracted(value, parsing)


def read_json_lines(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """Each line as `read_json` reads the members of a list."""
    return _lines(decode(data, charset), parsing)


def _lines(text: str, parsing: Parsing) -> Extracted:
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                values.append(_parsed(line))
            except json.JSONDecodeError as error:
                raise UnreadableFile(_fault(number, error)) from error
    return _extracted(values[0] if len(values) == 1 else values, parsing)


def _parsed(text: str) -> object:
    """The value, its numbers as they are written."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError as error:
        raise UnreadableFile("is JSON nested too deeply to be read") from error
    return _plain(value) if "\\u00" in text else value


def _plain(value: object) -> object:
    """`value` with its texts as a terminal shows them: logs are full of its codes."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return without_codes(value) if isinstance(value, str) else value


def _fault(line: int, error: json.JSONDecodeError) -> str:
    return f"is no valid JSON (line {line}, column {error.colno}: {error.msg})"


def _extracted(value: object, parsing: Parsing) -> Extracted:
    writer = _Writer(TextBuilder(parsing))
    writer.write(value, "")
    writer.flush()
    if not isinstance(value, dict):
        return writer.builder.build()
    title = value.get("title")
    return writer.builder.build(title if isinstance(title, str) else "", _stated(value))


def _stated(value: dict[str, object]) -> dict[str, MetadataValue]:
    def first(keys: tuple[str, ...]) -> str:
        return next((words for key in keys if (words := _names(value.get(key)))), "")

    return metadata_of(author=first(_AUTHORS), dated=first(_DATES), language=first(_LANGUAGES))


def _names(value: object) -> str:
    """A text, the name of an object, or those of a list."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        return ", ".join(filter(None, map(_names, value)))
    return value if isinstance(value, str) else ""


class _Writer:
    """Writes one value after another; lines that belong together become one block."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self._lines: list[str] = []

    def flush(self) -> None:
        self.builder.block("\n".join(self._lines))
        self._lines.clear()

    def write(self, value: object, path: str) -> None:
        if isinstance(value, dict):
            self._object(value, path)
        elif isinstance(value, list):
            self._list(value, path)
        elif isinstance(value, str) and _is_prose(path, value):
            if path and path.rpartition(".")[2].lower() not in _PROSE:
                self._lines.append(f"{path}:")
            self.flush()
            self.builder.block(value)
        elif words := _shown(value):
            self._lines.append(f"{path}: {words}" if path else words)

    def _object(self, value: dict[str, object], path: str) -> None:
        title = value.get("title")
        prose = any(
            isinstance(inner, str) and _is_prose(key, inner) for key, inner in value.items()
        )
        headed = prose and isinstance(title, str) and bool(title.strip())
        if headed:
            self.flush()
            self.builder.heading(str(title), 2 if path else 1)
        for key, inner in value.items():
            if not (headed and key == "title"):
                name = " ".join(key.split())
                self.write(inner, f"{path}.{name}" if path else name)

    def _list(self, values: list[object], path: str) -> None:
        if not any(isinstance(value, dict | list) for value in values):
            self.write(", ".join(filter(None, map(_shown, values))), path)
            return
        for value in values:
            self.flush()
            self.write(value, path)
        self.flush()


def _is_prose(path: str, value: str) -> bool:
    name = path.rpartition(".")[2].lower()
    return bool(value.strip()) and (name in _PROSE or "\n" in value.strip() or len(value) > _LONG)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
