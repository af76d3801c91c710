"""reStructuredText through docutils: the text as a reader of the rendered page sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.numerals import numeral
from index.extract.table_rows import tables
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line
from index.text.raised import set_apart

# Nothing is included from other files, and no message about faults is printed or kept.
_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "syntax_highlight": "none",
}
_UNSEEN = {"comment", "substitution_definition", "target", "pending", "raw", "meta", "image"}
_STATED = {"author", "date"}
_CODE = {"literal_block", "doctest_block", "math_block"}
_LINES = {"paragraph", "term", "rubric", "attribution", "caption", "line"}
_SHIFTED = {"superscript", "subscript"}
_MARKS = {*_SHIFTED, "footnote_reference", "citation_reference"}
_FORMS = {
    "loweralpha": "lowerLetter",
    "upperalpha": "upperLetter",
    "lowerroman": "lowerRoman",
    "upperroman": "upperRoman",
}
_PAIRS = {"field", "option_list_item", "footnote", "citation"}  # a name and what it is about
_ROLE = re.compile(r":[\w:.+-]+:`~?([^`<]*?)(?:\s*<[^`]*>)?`")
_DIRECTIVE = re.compile(r"\.\.\s+([\w:.+-]+)::[ \t]*(.*)\n?((?:\s+:[\w-]+:.*\n?)*)([\s\S]*)")
# Directives whose content is no text but the names of files and modules.
_NAMES_ONLY = re.compile(
    r"toctree|index|include|auto\w+|(?:py:)?(?:current)?module|highlight|csv-table|raw"
)


def read_rst(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """Headings, paragraphs, lists, tables and code. What only Sphinx knows is read as the words
    it holds: ``:func:`open` `` is "open", a box such as `versionadded` its text."""
    from docutils.core import publish_doctree

    tree = publish_doctree(decode(data, charset).replace("\0", ""), settings_overrides=_SETTINGS)
    builder = TextBuilder(parsing)
    _Writer(builder).write(tree, 1 if tree.get("title") else 0)
    stated = {node.tagname: node.astext() for node in tree.findall() if node.tagname in _STATED}
    return builder.build(
        tree.get("title", ""),
        metadata_of(author=stated.get("author", ""), dated=stated.get("date", "")),
    )


class _Writer:
    """Writes the blocks under a node in order; knows the lists it is in."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._depth = 0  # of lists
        self._marker = ""
        self._tight = False

    def write(self, parent: Any, level: int) -> None:
        """`level` is that of the last heading above."""
        for node in parent.children:
            tag = node.tagname
            if tag in ("title", "subtitle"):
                self._heading(node, level + (tag == "subtitle"))
            elif tag == "section":
                self.write(node, level + 1)
            elif tag in ("bullet_list", "enumerated_list"):
                self._list(node, level)
            elif tag in _CODE or tag == "system_message":
                self._block(_unknown(node) if tag == "system_message" else node.astext())
            elif tag == "table":
                for table in tables(_rows(node), self._builder.above):
                    self._block(table)
            elif tag in _LINES:
                self._line(_words(node), tight=tag == "line")
            elif tag in _PAIRS:
                self._line(": ".join(map(_words, node.children)), tight=True)
            elif parent.tagname == "docinfo":
                self._line(f"{tag.capitalize()}: {_words(node)}", tight=True)
            elif tag not in _UNSEEN and tag != "#text":
                self._tight = False
                self.write(node, level)

    def _heading(self, node: Any, level: int) -> None:
        if node.parent.tagname in ("document", "section"):
            self._builder.heading(_words(node), level)
        else:  # of a box, a table
            self._builder.block(_words(node))
        self._tight = False

    def _list(self, node: Any, level: int) -> None:
        self._depth += 1
        for number, item in enumerate(node.children, start=int(node.get("start", 1))):
            word = numeral(number, _FORMS.get(node.get("enumtype"), "decimal"))
            counted = f"{node.get('prefix', '')}{word}{node.get('suffix', '.')} "
            self._marker = counted if node.tagname == "enumerated_list" else "- "
            self.write(item, level)
            self._marker = ""
        self._depth -= 1
        self._tight = self._depth > 0

    def _line(self, words: str, tight: bool) -> None:
        separator = "\n" if self._tight and (tight or self._marker) else "\n\n"
        if self._marker:
            separator += "  " * (self._depth - 1)
        if words:
            self._builder.block(self._marker + words, separator)
            self._tight = tight or bool(self._marker)
            self._marker = ""

    def _block(self, text: str) -> None:
        self._builder.block(text)
        self._tight = False


def _words(node: Any) -> str:
    """The words under `node`, with what is raised or lowered set apart, and the marks of notes."""
    marked = any(inner.tagname in _MARKS for inner in node.findall())
    words = set_apart(_pieces(node, "")) if marked else node.astext()
    return one_line(_ROLE.sub(r"\1", words))


def _pieces(node: Any, shift: str) -> Iterator[tuple[str, str]]:
    """The pieces of text under `node`, each with how it is raised or lowered."""
    if node.tagname.endswith("_reference"):
        yield "", f"[{node.astext()}]"
    elif not node.children:
        yield shift, node.astext()
    else:
        for number, child in enumerate(node.children):
            yield shift, node.child_text_separator if number else ""
            yield from _pieces(child, node.tagname if node.tagname in _SHIFTED else shift)


def _unknown(message: Any) -> str:
    """The text of a directive that docutils does not know, which its complaint holds."""
    source = next(
        (node.astext() for node in message.children if node.tagname == "literal_block"), ""
    )
    found = _DIRECTIVE.match(source)
    if found is None or _NAMES_ONLY.fullmatch(found[1]):
        return ""
    return _ROLE.sub(r"\1", f"{found[2]}\n{dedent(found[4]).strip()}")


def _rows(table: Any) -> list[list[str]]:
    rows = [node for node in table.findall() if node.tagname == "row"]
    return [[_words(entry) for entry in row.children] for row in rows]
