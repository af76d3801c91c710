"""Pure: what was not read of a file, as words."""

from __future__ import annotations

from collections.abc import Mapping


def counted(left_out: Mapping[str, int]) -> str:
    """Each thing with its number, where that is above one: `form fields (3); signatures`."""
    return "; ".join(f"{what} ({count})" if count > 1 else what for what, count in left_out.items())
