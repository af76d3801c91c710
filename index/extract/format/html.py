"""HTML through trafilatura: the main content of a page, or all that it shows but its menus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.html_page import (
    COUNTED,
    HIDING,
    enclose_answered,
    prepare,
    without_menus,
)
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.table_grid import Cell, grid_lines
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line

_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I)
_HEAD_BYTES = 4096
_LEAST_MAIN = 250  # characters; trafilatura's own bound, below which it guesses
# fmt: off
_UNSEEN = {
    "script", "style", "template", "noscript", "head", "title", "meta", "link", "svg",
    "iframe", "object", "graphic", "select", "button", "input", "textarea", "math", "audio",
    "video", "canvas",
}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em",
    "font", "hi", "i", "ins", "kbd", "label", "mark", "nobr", "q", "ref", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}
# fmt: on
_LISTS = {"ul", "ol", "list", "menu", "dl"}
_ITEMS = {"li", "item"}
_FIGURE = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{3}")
_LEAST_SHARE = 0.95  # of the visible text without menus; with less the page is taken whole
_LONG_CELL = 500  # characters; a table with such a cell is there for the page's layout


def read_html(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """The main content; all that is visible but menus where the page is short, or where less than
    95 % of that would be main content. Title, author, date and language as the page states them."""
    from trafilatura import bare_extraction

    html = decode_html(data, charset)
    tree = _tree(html)
    if tree is not None:
        prepare(tree)
    language = "" if tree is None else tree.get("lang") or ""
    page = bare_extraction(
        html if tree is None else deepcopy(tree),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    builder = _fuller(page.body if page is not None else None, tree, parsing)
    if page is None:
        return builder.build(metadata=metadata_of(language=language))
    return builder.build(
        page.title or "",
        metadata_of(author=page.author or "", dated=page.date or "", language=language),
    )


def visible_text(html: str, parsing: Parsing) -> str:
    """All the text of `html` that a browser shows, paragraphs set apart by an empty line."""
    builder = TextBuilder(parsing)
    write_visible(builder, f"<html><body>{html}</body></html>")
    return builder.build().text


def write_visible(
    builder: TextBuilder, page: str | bytes, quoted: str = "", style: str = ""
) -> None:
    """Writes all that a browser shows of a whole `page`, its headings as headings. Where a location
    for what is `quoted` is given, the lines of that begin with `>`. `style` are rules of style that
    the page has elsewhere."""
    tree = _tree(page if isinstance(page, str) else decode_html(page))
    if tree is not None:
        prepare(tree, style)
        if quoted:
            enclose_answered(tree)
        _Writer(builder, quoted=quoted).write(tree)


def _tree(html: str) -> Any:
    """The elements of a page, or of a piece of one; None where there are none."""
    from trafilatura import load_html

    tree = load_html(html)
    return load_html(f"<html><body>{html}</body></html>") if tree is None else tree


def decode_html(data: bytes, charset: str = "") -> str:
    """A page's bytes as text, by the character set that is given or else the one it states."""
    if not charset and (stated := _CHARSET.search(data[:_HEAD_BYTES])):
        charset = stated[1].decode("ascii")
    return decode(data, charset)


def _is_main(body: Any) -> bool:
    """Whether trafilatura found main content: its last resort is one paragraph of many lines."""
    text = "".join(body.itertext()).strip()
    guess = len(body) == 1 and len(body[0]) == 0 and "\n" in text
    return len(text) >= _LEAST_MAIN and not guess


def _fuller(main: Any, tree: Any, parsing: Parsing) -> TextBuilder:
    """The main content, where it is found and is nearly all of what the page shows but its menus;
    else all of that."""
    visible = TextBuilder(parsing)
    if tree is None:
        return visible
    _Writer(visible).write(without_menus(tree))
    if not len(visible):  # it is a menu as a whole
        _Writer(visible).write(tree)
    if main is None or not _is_main(main):
        return visible
    found = TextBuilder(parsing)
    top = next(tree.iter("h1"), None)
    if top is not None and _letters(top) not in _letters(main):
        found.heading(_all_text(top), 1)
    _Writer(found, {_letters(each): each for each in tree.iter("table")}).write(main)
    enough = len(found) >= _LEAST_SHARE * len(visible)
    return found if enough and not _lacks(found.build().text, visible.build()) else visible


def _lacks(found: str, visible: Extracted) -> bool:
    """Whether the main content lacks a heading, a sentence or a figure that the page shows in its
    midst, between lines that are there."""
    words = _joined(found)
    headings = {visible.text[one.start : one.end] for one in visible.headings}
    lines = [(line, _joined(line)) for line in visible.text.split("\n") if line.strip()]
    there = [not line or line in words for _, line in lines]
    if not any(there):
        return False
    first, last = there.index(True), len(there) - there[::-1].index(True)
    lacking = [lines[at][0] for at in range(first, last) if not there[at]]
    return any(line in headings or _tells(line) for line in lacking)


def _tells(line: str) -> bool:
    """Whether it has a figure, or is a sentence."""
    ends = line.rstrip().endswith((".", "!", "?", "。", "！", "？"))
    return bool(_FIGURE.search(line) or (ends and _WORD.search(line)))


def _joined(text: str) -> str:
    return "".join(filter(str.isalnum, text))


class _Writer:
    """Writes the blocks of one tree in order: HTML's own elements and trafilatura's (`head`,
    `list`, `item`, `row`, `cell`, `lb`, …) alike. `tables` are those of the page by their letters:
    trafilatura's don't tell which cells are merged."""

    def __init__(
        self, builder: TextBuilder, tables: Mapping[str, Any] | None = None, quoted: str = ""
    ) -> None:
        self._builder = builder
        self._quoted = quoted
        self._tables = tables or {}
        self._words: list[str] = []
        self._lists: list[int | None] = []  # next number of each list around, None for bullets
        self._marker = ""
        self._tight = False

    def write(self, tree: Any) -> None:
        self._visit(tree)
        self._flush()

    def _visit(self, node: Any) -> None:
        tag = node.tag
        if not isinstance(tag, str) or (tag in _UNSEEN and node.get("rend") is None):
            return
        if node.get("hidden") is not None or HIDING.search(node.get("style", "")):
            return
        level = node.get("rend", "") if tag == "head" else tag
        if re.fullmatch("h[1-6]", level):
            self._flush()
            self._builder.heading(_all_text(node), int(level[1]))
            self._tight = False
        elif tag == "pre" or (tag == "code" and "\n" in "".join(node.itertext())):
            self._flush()
            self._builder.block("".join(node.itertext()).strip("\n"))
        elif tag in ("br", "lb"):
            self._words.append("\n")
        elif tag == "table":
            self._flush()
            self._table(node)
        elif tag == "blockquote" and self._quoted:
            self._flush()
            self._quote(node)
        elif tag in _LISTS:
            self._flush()
            ordered = tag == "ol" or node.get("rend") == "ol"
            self._lists.append(1 if ordered else None)
            self._children(node)
            self._flush()
            self._lists.pop()
        elif tag in _INLINE:
            self._children(node)
        else:
            self._flush()
            if tag in _ITEMS and self._lists:
                number = self._lists[-1]
                self._marker = "- " if number is None else f"{number}. "
                self._lists[-1] = None if number is None else number + 1
            self._children(node)
            self._flush()

    def _quote(self, node: Any) -> None:
        """Writes what another message says, each line behind `>`."""
        inner = TextBuilder(self._builder.parsing)
        writer = _Writer(inner)
        writer._children(node)
        writer._flush()
        if len(inner):
            lines = inner.build().text.split("\n")
            self._builder.place(self._quoted)
            self._builder.block("\n".join(f"> {line}".rstrip() for line in lines))
            self._builder.place(self._quoted.rpartition(", ")[0])

    def _children(self, node: Any) -> None:
        self._say(node.text)
        for child in node:
            self._visit(child)
            self._say(child.tail)

    def _say(self, words: str | None) -> None:
        if words:
            self._words.append(re.sub(r"\s+", " ", words))

    def _flush(self) -> None:
        text = re.sub(r" *\n *", "\n", re.sub(" {2,}", " ", "".join(self._words))).strip()
        self._words.clear()
        if text.startswith(COUNTED):
            _, self._marker, text = (part.lstrip() for part in text.split(COUNTED, 2))
        if text:
            self._builder.paragraph(text, self._marker, len(self._lists), self._tight)
            self._tight = bool(self._marker)
            self._marker = ""

    def _table(self, table: Any) -> None:
        table = self._tables.get(_letters(table), table)
        rows = [row for row in table.iter("tr", "row") if _nearest(row, "table") is table]
        rows.sort(key=lambda row: _nearest(row, "tfoot") is not None)  # which is shown last
        cells = [[cell for cell in row if cell.tag in ("td", "th", "cell")] for row in rows]
        texts = [[_all_text(cell) for cell in row] for row in cells]
        layout = next(table.iter("h1", "h2", "h3", "head"), None) is not None or any(
            len(text) > _LONG_CELL for row in texts for text in row
        )
        if layout or any(inner is not table for inner in table.iter("table")):
            for row in cells:
                for cell in row:
                    self._children(cell)
                    self._flush()
        else:
            caption = [_all_text(child) for child in table if child.tag == "caption"]
            above = caption[-1] if caption else self._builder.above
            lines = grid_lines(([_cell(cell) for cell in row] for row in cells), above)
            self._builder.block("\n".join([*caption, *lines]))
        self._tight = False


def _cell(cell: Any) -> Cell:
    heading = cell.tag == "th" or cell.get("role") == "head" or _nearest(cell, "thead") is not None
    return Cell(_all_text(cell), _number(cell, "colspan"), _number(cell, "rowspan"), heading)


def _number(cell: Any, name: str) -> int:
    stated = cell.get(name, "")
    return int(stated) if re.fullmatch(r"[1-9]\d{0,3}", stated) else 1


def _letters(node: Any) -> str:
    return "".join(filter(str.isalnum, "".join(node.itertext())))


def _nearest(node: Any, tag: str) -> Any:
    return next(node.iterancestors(tag), None)


def _all_text(node: Any) -> str:
    """All the words under `node` on one line, with a space wherever a block or a line ends."""
    return one_line("".join(_pieces(node)))


def _pieces(node: Any) -> Iterator[str]:
    if isinstance(node.tag, str) and (node.tag not in _UNSEEN or node.get("rend") is not None):
        gap = "" if node.tag in _INLINE else " "
        yield gap + (node.text or "")
        for child in node:
            yield from _pieces(child)
            yield child.tail or ""
        yield gap
