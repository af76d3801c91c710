"""Pure: the fields of a form in a PDF put beside the words that say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.extract.pdf.fields import Field
from index.extract.pdf.lines import Line, Word
from index.extract.pdf.page import line_of

_NEAR = 2.5  # heights of a line from a field to the label above it
_BOX = 60.0  # points from a box to be ticked to its label


def with_fields(lines: Sequence[Line], fields: Sequence[Field]) -> list[Line]:
    """`lines` with each field among the words around it, or else behind its label: the words that
    end left of it, or those right of a box, or those above it. One without a label stands at the
    end behind its name."""
    found = list(lines)
    for field in sorted(fields, key=lambda field: (-field.top, field.left)):
        around = next((at for at, line in enumerate(found) if _is_in(line, field)), None)
        if around is not None:
            word = Word(field.value, field.left, field.right, found[around].baseline, field.height)
            together = sorted([*found[around].words, word], key=lambda word: word.left)
            found[around] = line_of(together)
            continue
        beside = _beside(found, field)
        if beside is None:
            words = f"{field.name}: {field.value}" if field.name else field.value
            found.append(_line(words, field, field.baseline))
            continue
        at, after, baseline = beside
        if after and baseline == found[at].baseline and not field.is_box:
            found[at] = _as_label(found[at])
        found.insert(at + after, _line(field.value, field, baseline))
    return found


def _beside(lines: Sequence[Line], field: Field) -> tuple[int, bool, float] | None:
    """The label of `field` in `lines`, whether the field stands behind it, and on which
    baseline."""
    row = [(at, line) for at, line in enumerate(lines) if _is_level(line, field)]
    before = [(field.left - line.right, at) for at, line in row if line.right < field.left + 2]
    behind = [(line.left - field.right, at) for at, line in row if line.left > field.right - 2]
    if field.is_box and behind and min(behind)[0] < min([_BOX, *(gap for gap, _ in before)]):
        return min(behind)[1], False, lines[min(behind)[1]].baseline
    if before:
        return min(before)[1], True, lines[min(before)[1]].baseline
    above = [
        (line.baseline - field.top, at)
        for at, line in enumerate(lines)
        if line.left < field.right
        and line.right > field.left
        and -1 < line.baseline - field.top < _NEAR * line.size
    ]
    return (min(above)[1], True, field.baseline) if above else None


def _as_label(line: Line) -> Line:
    """`line` with a colon behind it, as a label has it: the words beside it are no heading."""
    if not line.words or not (line.text[-1:].isalnum() or line.text[-1:] in ")]"):
        return line
    last = replace(line.words[-1], text=line.words[-1].text + ":")
    return replace(line, text=line.text + ":", words=(*line.words[:-1], last))


def _is_level(line: Line, field: Field) -> bool:
    return abs(line.baseline - field.baseline) < 0.6 * max(field.height, line.size)


def _is_in(line: Line, field: Field) -> bool:
    return _is_level(line, field) and line.left < field.left and field.right < line.right


def _line(text: str, field: Field, baseline: float) -> Line:
    word = Word(text, field.left, field.right, baseline, field.height)
    return Line(text, field.left, field.right, baseline, field.height, (word,))
