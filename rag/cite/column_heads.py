"""The heads of the columns above a row of a table whose cells blanks or tabs set apart. Pure."""

from __future__ import annotations

import re

from index.text.sentences import is_row

ABOVE = 6000  # characters before a row in which the first row of its table is looked for
_CELLS = re.compile(r"\t+| \| |\s{3,}")
_LABEL = re.compile(r"(?:^| \| )[^:|]{1,80}: ")


def heads_above(before: str, row: str) -> tuple[int, int] | None:
    """The (start, end) in `before` of the first row of the table that `row` is the next row of;
    None where `row` is none of a table or names its columns itself, where that row is no head, or
    lies further up. A head has words where the row has figures, or a rule beneath it."""
    if not is_row(row) or "\n" in row or _LABEL.search(row):
        return None
    first = None
    ruled = below_is_rule = False
    position = len(before)
    for line in reversed(before.splitlines(keepends=True)):
        position -= len(line)
        bare = line.strip()
        if is_row(line):
            ruled, below_is_rule = below_is_rule, False
            first = (position + line.index(bare), position + line.index(bare) + len(bare))
        elif not bare or any(map(str.isalnum, bare)):
            break
        else:
            below_is_rule = True
    if first is None:
        return None
    heads, cells = _cells(before[slice(*first)]), _cells(row)
    if min(len(heads), len(cells)) < 2 or len(cells) > len(heads) + 1:
        return None
    worded = all(any(map(str.isalpha, head)) for head in heads)
    over = [
        head
        for head, cell in zip(reversed(heads), reversed(cells), strict=False)
        if any(map(str.isdigit, cell))
    ]
    named = any(not any(map(str.isdigit, head)) for head in over)
    return first if worded and (ruled or named) else None


def _cells(row: str) -> list[str]:
    return [cell for cell in map(str.strip, _CELLS.split(row.strip())) if cell]
