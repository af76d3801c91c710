"""CSV and TSV: each row a line in which each cell knows its column's heading."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from index.extract.content import Extracted
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.table_rows import write_rows
from index.extract.text_builder import TextBuilder

_DELIMITERS = ",\t;|"  # the commoner first, which wins a tie
_NONE = "\x1f"  # for a list that nothing divides; no text holds it
_LONGEST = 2**31 - 1  # characters of a cell; the module's own limit refuses whole articles
_DECIMAL = re.compile(r"(?<![\d,.])\d+,\d+(?=[;\t|\r\n]|\Z)")
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:,\d{1,9})?")
_SAMPLE = 50  # rows that tell the delimiter


def read_csv(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """The rows of a table whose cells are set apart by commas, tabs, semicolons or bars, whichever
    divides most rows evenly; a line `sep=;` in front says it outright."""
    csv.field_size_limit(_LONGEST)
    text = decode(data, charset).replace("\0", "")
    first, _, rest = text.partition("\n")
    stated = first.strip().strip('"')
    if stated.lower().startswith("sep=") and len(stated) == 5:
        text, delimiter = rest, stated[4]
    else:
        delimiter = _delimiter(text)
    builder = TextBuilder(parsing)
    write_rows(builder, _rows(text, delimiter))
    return builder.build()


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows; where the quotation marks don't add up each line is a row, so that a stray one
    swallows no more than its own."""
    try:
        source = io.StringIO(text, newline="")
        return list(csv.reader(source, delimiter=delimiter, strict=True))
    except csv.Error:
        lines = text.splitlines()
        return [row for line in lines for row in csv.reader([line], delimiter=delimiter)]


def _delimiter(text: str) -> str:
    """What divides the largest share of the first rows, and half of them at least, into as many
    cells. Of those that divide the same share the one that cuts no decimal number (4,20) in two
    wins, then the one with more cells."""
    sample = "".join(islice(io.StringIO(text), _SAMPLE))
    if _is_one_column(sample):
        return _NONE
    best, most = _NONE, (0.5, False, 0)
    for candidate in _DELIMITERS:
        rows = [row for row in _rows(sample, candidate) if row]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, count = max(widths.items(), key=lambda pair: pair[1], default=(0, 0))
        share = count / max(len(rows), 1)
        whole = candidate != "," or not _cuts_decimals(sample)
        if share >= 0.5 and (share, whole, width) > most:
            best, most = candidate, (share, whole, width)
    return best


def _is_one_column(sample: str) -> bool:
    """Whether below its first line, a name, `sample` holds numbers alone, most of them with a
    decimal comma: 1,5."""
    head, *lines = [line.strip() for line in sample.splitlines() if line.strip()] or [""]
    numbers = len(lines) > 1 and all(map(_NUMBER.fullmatch, lines))
    return numbers and "," not in head and not _NUMBER.fullmatch(head)


def _cuts_decimals(sample: str) -> bool:
    """Whether a comma in `sample` stands in numbers before another delimiter: `4,20;Kiel`."""
    lines = [line for line in sample.splitlines() if line]
    with_others = sum(
        any(sign in line for sign in ";\t|") and _DECIMAL.search(line) is not None for line in lines
    )
    return with_others * 2 >= len(lines)
