"""Pure: the order in which a person reads boxes on a page: what stands above everything else first,
else what stands left of everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_OVERLAP = 0.2  # of a box, that may lie over the one before it although they stand apart


@dataclass(frozen=True, slots=True)
class Box:
    """In any unit, with `top` and `bottom` counted downwards."""

    left: float
    top: float
    right: float
    bottom: float


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """The places in `boxes` as they are read. Those that can't be told apart keep their order."""
    return _ordered(boxes, list(range(len(boxes))))


def _ordered(boxes: Sequence[Box], places: list[int]) -> list[int]:
    if len(places) < 2:
        return places
    for begins, ends in (
        (lambda box: box.top, lambda box: box.bottom),
        (lambda box: box.left, lambda box: box.right),
    ):
        parts = _cut(boxes, places, begins, ends)
        if len(parts) > 1:
            return [place for part in parts for place in _ordered(boxes, part)]
    return sorted(places, key=lambda place: (boxes[place].top, boxes[place].left))


def _cut(
    boxes: Sequence[Box],
    places: list[int],
    begins: Callable[[Box], float],
    ends: Callable[[Box], float],
) -> list[list[int]]:
    """`places` in the runs that stand apart along one side."""
    parts: list[list[int]] = []
    reached = 0.0
    for place in sorted(places, key=lambda place: begins(boxes[place])):
        start, end = begins(boxes[place]), ends(boxes[place])
        if not parts or start >= reached - _OVERLAP * (end - start):
            parts.append([])
            reached = end
        parts[-1].append(place)
        reached = max(reached, end)
    return parts
