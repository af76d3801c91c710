"""Globs over uris: what a pattern matches, in this process and as a regular expression.

`?` stands for one character but "/", `*` for any number of those, `**/` at the beginning of a part
for any number of whole parts, and any other `**` for anything; all else stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

_SIGNS = re.compile(r"((?<![^/])\*\*/|\*\*|\*|\?)")
_STAND = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_NEAREST = {"**/": "(?:.*?/)??", "**": ".*?", "*": "[^/]*?"}


def is_glob(text: str) -> bool:
    """Whether `text` holds a sign of a glob."""
    return "*" in text or "?" in text


def expression(glob: str) -> str:
    """The regular expression of a glob, of signs that every dialect knows; "." is to match the
    ends of lines too."""
    return "".join(_STAND.get(part, re.escape(part)) for part in _SIGNS.split(glob))


@lru_cache(64)
def matcher(glob: str) -> Callable[[str], bool]:
    """Whether a uri matches, in a time that grows no faster than with the square of its length.

    What follows a `*` is sought at the nearest place, and no other is tried once it was found:
    what matches further on would match from there too. Only what stands behind the last of the
    signs has to end where the uri ends.
    """
    pattern = re.compile(_nearest(_SIGNS.split(glob)), re.DOTALL)
    return lambda uri: pattern.fullmatch(uri) is not None


def matches(glob: str, uri: str) -> bool:
    return matcher(glob)(uri)


def _nearest(parts: Sequence[str]) -> str:
    """`expression` with as little to try as there can be."""
    deep = [at for at, part in enumerate(parts) if part in ("**/", "**")]
    if not deep:
        return _within(parts, ends=True)
    found = _within(parts[: deep[0]], ends=False)
    for at, after in pairwise(deep):
        found += f"(?>{_NEAREST[parts[at]]}{_within(parts[at + 1 : after], ends=False)})"
    return found + _STAND[parts[deep[-1]]] + _within(parts[deep[-1] + 1 :], ends=True)


def _within(parts: Sequence[str], ends: bool) -> str:
    """Of parts without `**`; `ends` says that they are the last of a pattern."""
    stars = [at for at, part in enumerate(parts) if part == "*"]
    if not stars:
        return _plain(parts)
    found = _plain(parts[: stars[0]])
    for at, after in zip(stars, [*stars[1:], len(parts)], strict=True):
        rest = _plain(parts[at + 1 : after])
        last = ends and after == len(parts)
        found += f"{_STAND['*']}{rest}" if last else f"(?>{_NEAREST['*']}{rest})"
    return found


def _plain(parts: Sequence[str]) -> str:
    return "".join(_STAND.get(part, re.escape(part)) for part in parts)
