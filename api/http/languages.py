"""The languages of the page: a file of words each, and which of them a browser gets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request

FOLDER = Path(__file__).parents[1] / "static" / "languages"
COOKIE = "footnote_language"
DEFAULT = "en"

Words = Mapping[str, str | Mapping[str, str]]
"""By key, what is said; where that depends on a number, by the plural category of CLDR. What
stands in braces is filled in."""


@cache
def languages() -> Mapping[str, Words]:
    """The words of each language, by its code in BCP 47, in the order of their names."""
    read = {path.stem: _read(path) for path in FOLDER.glob("*.json")}
    return dict(sorted(read.items(), key=lambda item: str(item[1]["language"])))


def _read(path: Path) -> Words:
    words: Words = json.loads(path.read_text(encoding="utf-8"))
    return words


def language_of(request: Request) -> str:
    """The language that was chosen in this browser, else the first of its own that there is."""
    known = languages()
    chosen = request.cookies.get(COOKIE, "")
    if chosen in known:
        return chosen
    for tag in _wished(request.headers.get("accept-language", "")):
        primary = tag.partition("-")[0]
        if primary in known:
            return primary
    return DEFAULT


def _wished(header: str) -> list[str]:
    """The tags of an `Accept-Language` header, the most wanted first."""
    wished = []
    for part in header.lower().split(","):
        tag, _, rest = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
        share = float(quality[1]) if quality else 1.0
        if tag.strip() and share > 0:
            wished.append((share, tag.strip()))
    return [tag for _, tag in sorted(wished, key=lambda each: -each[0])]
