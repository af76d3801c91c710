"""Markdown through markdown-it: the text as a reader of the rendered page sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from index.document import MetadataValue
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.table_grid import Cell, grid_lines
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line
from index.text.raised import lowered, raised

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.M
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_WORD_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*<?(\S+?)>?[ \t]*")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]{1,40})\]")
_TAG = re.compile(r"</?([a-z][a-z0-9]*)(?=[\s/>])[^>]*>|<[?!].*", re.S | re.I)
_FIRST_TAG = re.compile(r"\s*(<[^>]*>)")
_NEW_TAGS = frozenset({"details", "summary", "picture", "source", "template", "wbr", "slot"})
_UNENDED = {  # whose end is left out, or that have none
    "area", "br", "center", "col", "dd", "dt", "hr", "img", "input", "li", "p", "source", "td",
    "th", "tr", "wbr", "b", "i", "u", "s", "font", "span", "small", "div",
}  # fmt: skip
_TITLE = re.compile(r"title\s*:", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z][\w -]*?)\s*:(?:\s+(.*))?")


def read_markdown(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """The text of a Markdown file: headings recorded, code as it stands, lists
    with their markers, raw HTML without its tags. Front matter is metadata, and stands before the
    text too, so that it is found."""
    text = decode(data, charset).replace("\r\n", "\n").replace("\r", "\n")
    title, metadata = "", metadata_of()
    front = _FRONT_MATTER.match(text)
    fields = _fields(front[1]) if front else {}
    if front and fields:
        title, metadata = _stated(fields)
        text = text[front.end() :]
    builder = TextBuilder(parsing)
    if front and fields:
        stated = [line for line in front[1].split("\n") if not _TITLE.match(line)]
        builder.block("\n".join(filter(str.strip, stated)))
    write_markdown(builder, text)
    return builder.build(title, metadata)


def write_markdown(builder: TextBuilder, text: str) -> None:
    """Writes Markdown `text` without front matter."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    text, notes = _notes(text)
    _Writer(builder).write(parser.parse(text))
    for note in notes:
        builder.block(note)


def _notes(text: str) -> tuple[str, list[str]]:
    """`text` with the marks of its notes in brackets, and without those notes that are one word,
    which CommonMark takes for the target of a link; and those notes."""
    notes: list[str] = []
    lines = []
    fence = ""
    known = {note[1] for line in text.split("\n") if (note := _NOTE.match(line))}

    def mark(found: re.Match[str]) -> str:
        return f"\\[{found[1]}\\]" if found[1] in known else found[0]

    for line in text.split("\n"):
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        if fence:
            lines.append(line)
        elif note := _WORD_NOTE.fullmatch(line):
            notes.append(f"[{note[1]}] {note[2]}")
            lines.append("")
        elif note := _NOTE.match(line):
            lines.append(f"\\[{note[1]}\\] {line[note.end() :]}")
        else:
            lines.append(_NOTE_MARK.sub(mark, line))
    return "\n".join(lines), notes


def _fields(front: str) -> dict[str, str]:
    """The simple fields of YAML front matter, names in lower case: `key: value`, `key: [a, b]`
    and a list of `- a` lines below its key. Nested values are left out."""
    fields: dict[str, str] = {}
    key = ""
    for line in front.splitlines():
        if found := _FIELD.fullmatch(line.rstrip()):
            key = found[1].lower()
            values = re.sub(r"^\[(.*)\]$", r"\1", found[2] or "")
            listed = values.split(",") if values != (found[2] or "") else [values]
            fields[key] = ", ".join(value.strip().strip("\"'") for value in listed)
        elif key and (item := re.fullmatch(r"\s*-\s+([^:]+)", line)):
            fields[key] = ", ".join(filter(None, [fields[key], item[1].strip().strip("\"'")]))
    return {name: value for name, value in fields.items() if value}


def _stated(fields: Mapping[str, str]) -> tuple[str, dict[str, MetadataValue]]:
    """The title and the metadata; fields of no common name are kept as they are."""
    rest = dict(fields)
    title = rest.pop("title", "")
    author, authors = rest.pop("author", ""), rest.pop("authors", "")
    language, lang = rest.pop("language", ""), rest.pop("lang", "")
    common = metadata_of(
        author=author or authors, dated=rest.pop("date", ""), language=language or lang
    )
    return title, {**{key: one_line(value) for key, value in rest.items()}, **common}


class _Writer:
    """Writes the blocks of one parse in order; knows the list it is in."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lists: list[int | None] = []  # next number of each list around, None for bullets
        self._marker = ""
        self._tight = False

    def write(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Cell]] = []
        for place, token in enumerate(tokens):
            match token.type:
                case "heading_open":
                    self._builder.heading(_inline(tokens[place + 1]), int(token.tag[1]))
                case "inline" if tokens[place - 1].type == "paragraph_open":
                    self._paragraph(_inline(token))
                case "inline" if tokens[place - 1].type in ("th_open", "td_open"):
                    heading = tokens[place - 1].type == "th_open"
                    rows[-1].append(Cell(one_line(_inline(token)), heading=heading))
                case "fence" | "code_block":
                    self._builder.block(token.content.strip("\n"))
                case "html_block":
                    self._html(token.content)
                case "bullet_list_open" | "ordered_list_open":
                    ordered = token.type == "ordered_list_open"
                    self._lists.append(int(token.attrGet("start") or 1) if ordered else None)
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                    self._tight = bool(self._lists)
                case "list_item_open":
                    self._item()
                case "table_open":
                    rows = []
                case "tr_open":
                    rows.append([])
                case "table_close":
                    self._builder.block("\n".join(grid_lines(rows, self._builder.above)))
                    self._tight = False
                case _:
                    pass

    def _item(self) -> None:
        number = self._lists[-1]
        if number is not None:
            self._lists[-1] = number + 1
        self._marker = "- " if number is None else f"{number}. "

    def _paragraph(self, text: str) -> None:
        self._builder.paragraph(text, self._marker, len(self._lists), self._tight)
        self._tight = bool(self._marker)
        self._marker = ""

    def _html(self, html: str) -> None:
        from index.extract.format.html import visible_text

        first = _FIRST_TAG.match(html)
        is_html = first is None or _is_html(first[1])
        self._builder.block(visible_text(html, self._builder.parsing) if is_html else html)
        self._tight = False


def _is_html(tag: str) -> bool:
    """Whether `tag` is of HTML, so that a browser would not show it: `<br>`, but not `<PORT>`."""
    from lxml.html.defs import tags

    found = _TAG.fullmatch(tag)
    if found is None:
        return False
    name = found[1] or ""
    return not name or (name in (name.lower(), name.upper()) and name.lower() in tags | _NEW_TAGS)


def _is_blank(tag: str, following: Sequence[Token]) -> bool:
    """Whether `tag` is a blank to be filled in, such as `<title>`: of an element that ends behind
    its words, and here nothing `following` ends it."""
    name = tag[1:-1]
    if not name.isalpha() or name in _UNENDED:
        return False
    return not any(one.content.lower() == f"</{name}>" for one in following)


def _inline(token: Token) -> str:
    """The words of an inline token: links and emphasis by their text, images by their caption,
    what is in angle brackets but no tag of HTML as it stands."""
    parts: list[str] = []
    shifted: tuple[str, int] | None = None  # the tag of what is raised or lowered, and where
    children = token.children or []
    for place, child in enumerate(children):
        tag = child.content.lower() if child.type == "html_inline" else ""
        if tag in ("<sup>", "<sub>"):
            shifted = (tag[1:4], len(parts))
        elif shifted and tag == f"</{shifted[0]}>":
            name, at = shifted
            words = "".join(parts[at:])
            before = "".join(parts[:at])
            parts[at:] = [(raised if name == "sup" else lowered)(words, before)]
            shifted = None
        elif child.type in ("text", "code_inline") or (
            tag and (not _is_html(child.content) or _is_blank(tag, children[place + 1 :]))
        ):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(_inline(child))
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts)
