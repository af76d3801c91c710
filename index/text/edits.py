"""How many edits lie between two words. Pure."""

from __future__ import annotations


def edits(first: str, second: str, most: int) -> int:
    """The letters to be put in, left out, changed, or swapped with their neighbour, to make
    `second` of `first`; `most` + 1 where they are more (optimal string alignment)."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    return min(_row(first, second)[-1], most + 1)


def edits_to_beginning(whole: str, beginning: str) -> int:
    """The fewest edits that make `beginning` of the first letters of `whole`, however many."""
    return min(_row(beginning, whole))


def _row(first: str, second: str) -> list[int]:
    """The edits between `first` and each beginning of `second`, the empty one included."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row
