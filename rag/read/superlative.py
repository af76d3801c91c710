"""“Which country has the highest limit?”: no sentence says so, but the rows of a table do. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.text.content_words import content_words
from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.cells import labelled_cells
from rag.read.reader import Evidence, Reading

_MOST = re.compile(
    r"\b(?:(?P<high>highest|largest|biggest|greatest|longest|heaviest|dearest|most expensive|"
    r"tallest|fastest)|lowest|smallest|shortest|lightest|cheapest|least expensive|slowest)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[,’'\u202f]\d{3})*(?:\.\d+)?|\d+,\d+")
_COLUMNS = {  # what a column is called whose values are compared so
    re.compile(r"expensive|cheap|dear", re.IGNORECASE): "price cost fee rate amount charge",
    re.compile(r"heav|light", re.IGNORECASE): "weight mass",
    re.compile(r"long|short", re.IGNORECASE): "length duration",
    re.compile(r"tall", re.IGNORECASE): "height",
    re.compile(r"fast|slow", re.IGNORECASE): "speed",
}
_STEM = 5  # letters by which words are alike

Row = tuple[int, int, int]
"""The number of a passage, from 1, and the start and end of a row in its text."""


def most_of_all(
    question: str, passages: Sequence[Passage], reading: Reading, least: float = 0.0
) -> Reading:
    """`reading` with the row that has the most, or the least, of what `question` asks for, where it
    asks so, the first evidence is a row that names its columns, and every row of that table in
    `passages` has a number of one unit in the column. Where the question has a word that tells
    one row from the others it asks for that row, and `reading` is as it was. What was compared in
    a column that the question names is at least as sure as `least`."""
    asked = _MOST.search(question)
    if not asked or not reading.sentences:
        return reading
    best = reading.sentences[0]
    passage = passages[best.passage - 1]
    heads = labelled_cells(passage.text[best.start : best.end])
    rows = _rows(passage.document_id, list(heads), passages)
    if len(heads) < 2 or len(rows) < 2:
        return reading
    words = _stems(question)
    values = [_stems(" ".join(cells.values())) for cells in rows.values()]
    telling = words - _stems(" ".join(heads))
    if any(telling & (one - other) for one in values for other in values):
        return reading
    called = (names for form, names in _COLUMNS.items() if form.search(asked.group()))
    words |= _stems(" ".join(called))
    column = _column(list(heads), list(rows.values()), words)
    if not column:
        return reading
    amounts = {row: _amount(cells[column]) for row, cells in rows.items()}
    extreme = (max if asked["high"] else min)(amounts.values())
    chosen = [row for row, amount in amounts.items() if amount == extreme]
    first = rows[chosen[0]]
    named = re.match(r"\W*(?:which|who)\b", question, re.IGNORECASE)
    short = next(iter(first.values())) if named else first[column]
    sentences = tuple(Evidence(*row, best.score) for row in chosen)
    told = words & _stems(column)
    return replace(
        reading,
        sentences=sentences,
        short=short if len(chosen) == 1 else None,
        confidence=max(reading.confidence, least) if told else reading.confidence,
    )


def _rows(
    document_id: str, heads: list[str], passages: Sequence[Passage]
) -> dict[Row, dict[str, str]]:
    """The cells, by column, of the rows with these heads in the passages of a document, each place
    in it once."""
    found: dict[Row, dict[str, str]] = {}
    seen: set[int] = set()
    for number, passage in enumerate(passages, start=1):
        if passage.document_id != document_id:
            continue
        for start, end in sentence_spans(passage.text):
            cells = labelled_cells(passage.text[start:end])
            if list(cells) == heads and passage.start + start not in seen:
                seen.add(passage.start + start)
                found[number, start, end] = cells
    return found


def _column(heads: list[str], rows: Sequence[dict[str, str]], words: set[str]) -> str:
    """The column whose head has most of `words`, or the only one with numbers where none has any;
    "" where it isn't told which, or it isn't numbers of one unit."""
    numbers = [
        head
        for head in heads[1:]
        if all(_NUMBER.search(row[head]) for row in rows)
        and len({_unit(row[head]) for row in rows}) == 1
    ]
    shared = {head: len(words & _stems(head)) for head in heads[1:]}
    most = max(shared.values())
    best = [head for head in heads[1:] if shared[head] == most] if most else numbers
    return best[0] if len(best) == 1 and best[0] in numbers else ""


def _amount(cell: str) -> float:
    found = _NUMBER.search(cell)
    assert found, "a column of numbers"
    text = found.group()
    whole = re.sub(r"[,’'\u202f](?=\d{3}(?!\d))", "", text)
    return float(whole.replace(",", "."))


def _unit(cell: str) -> str:
    return " ".join(_NUMBER.sub(" ", cell).split())


def _stems(text: str) -> set[str]:
    return {word.removesuffix("s")[:_STEM] for word in content_words(text)}
