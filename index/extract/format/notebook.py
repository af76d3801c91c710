"""Jupyter notebooks: Markdown cells as Markdown, code as it stands, and the text of its output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.markdown import write_markdown
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.text.terminal_codes import without_codes


def read_notebook(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """The cells in order; pictures and widgets among the outputs are left out. Raises
    `UnreadableFile` for what is no notebook."""
    try:
        notebook = json.loads(decode(data, charset))
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"is no valid notebook (line {error.lineno}: {error.msg})") from error
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise UnreadableFile("is no notebook: it has no cells")
    builder = TextBuilder(parsing)
    for number, cell in enumerate(_cells(notebook), start=1):
        builder.place(f"cell {number}")
        source = _joined(cell.get("source", cell.get("input")))
        if cell.get("cell_type") == "markdown":
            write_markdown(builder, source)
        elif cell.get("cell_type") == "heading":  # of notebooks before version 4
            builder.heading(source, int(cell.get("level", 1)))
        else:
            builder.block(source.strip("\n"))
            for output in cell.get("outputs", []):
                builder.block(_output(output))
    stated = notebook.get("metadata", {})
    authors = ", ".join(author.get("name", "") for author in stated.get("authors", []))
    return builder.build(stated.get("title", ""), metadata_of(author=authors))


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from notebook.get("cells", [])
    for sheet in notebook.get("worksheets", []):
        yield from sheet["cells"]


def _output(output: dict[str, Any]) -> str:
    """What a cell printed, returned or failed with."""
    if output.get("output_type") in ("error", "pyerr"):
        return without_codes(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    shown = output.get("data", output)
    text = _joined(shown.get("text/plain", shown.get("text")))
    return without_codes(text).strip("\n")


def _joined(lines: str | list[str] | None) -> str:
    """The format keeps a text whole or as a list of its lines."""
    return lines if isinstance(lines, str) else "".join(lines or [])
