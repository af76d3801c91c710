"""The text of an answer as it leaves: its footnotes numbered anew, some sentences left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.cite.markers import without_forgeries

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text; the number in it of each footnote that is left, by index; the place in it of each
    claim, None for one that was left out."""

    text: str
    numbers: Mapping[int, int]
    claims: tuple[Span | None, ...]


def render(
    text: str,
    marks: Sequence[Span],
    claims: Sequence[Span],
    *,
    kept: Sequence[bool],
    dropped: Sequence[bool],
) -> Rendered:
    """`text` with those footnotes at `marks` that are `kept`, numbered in order, and without the
    `claims` that are `dropped`. A line that holds nothing else goes too, and a heading over
    nothing else."""
    gone = list(_left_out(text, claims, dropped))
    changes = [(start, end, "") for start, end in gone]
    numbers: dict[int, int] = {}
    for index, (start, end) in enumerate(marks):
        if any(a <= start < b for a, b in gone):
            continue
        if kept[index]:
            numbers[index] = len(numbers) + 1
            changes.append((start, end, f"[{numbers[index]}]"))
        else:
            changes.append((start - (text[start - 1 : start] == " "), end, ""))
    out, position = "", 0
    where: list[int] = []  # each character is in `out`
    for start, end, instead in [*sorted(changes), (len(text), len(text), "")]:
        where += range(len(out), len(out) + start - position)
        out += text[position:start]
        where += [len(out)] * (end - start)
        out += instead
        position = end
    where.append(len(out))
    spans = [(where[marks[i][0]], where[marks[i][0]] + len(f"[{n}]")) for i, n in numbers.items()]
    out = without_forgeries(out, spans)
    margin = len(out) - len(out.lstrip())
    out = out.strip()
    places = [
        None if is_gone else (max(where[start] - margin, 0), min(where[end] - margin, len(out)))
        for (start, end), is_gone in zip(claims, dropped, strict=True)
    ]
    return Rendered(out, numbers, tuple(places))


def _left_out(text: str, claims: Sequence[Span], dropped: Sequence[bool]) -> Iterator[Span]:
    """The stretches that go with dropped claims, from the last to the first."""
    if not any(dropped):
        return
    end, heads_something = len(text), False
    for line in reversed(text.splitlines(keepends=True)):
        start = end - len(line)
        here = [n for n, (a, b) in enumerate(claims) if a < end and start < b]
        staying = any(not dropped[n] for n in here)
        if not line.strip():
            pass
        elif staying:
            yield from (_with_spaces(text, *claims[n]) for n in here if dropped[n])
            heads_something = True
        elif here or not heads_something:
            yield start, end + len(text[end:]) - len(text[end:].lstrip("\n"))
        else:
            heads_something = False
        end = start


def _with_spaces(text: str, start: int, end: int) -> Span:
    """The stretch with the spaces after it, or at the end of a line with those before it."""
    after = text[end:].lstrip(" ")
    if after and not after.startswith("\n"):
        return start, len(text) - len(after)
    return len(text[:start].rstrip(" ")), len(text) - len(after)
