"""What a file states of itself, made uniform: its title, its date, who wrote it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import PurePosixPath

from index.document import MetadataValue
from index.extract.content import Extracted
from index.text.clean import one_line
from index.uri import _has_words, _tokens, name_title

_TITLE_LENGTH = 60
_MEANINGLESS = {
    "", "untitled", "untitled document", "document", "unknown", "none", "anonymous", "unspecified",
}  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMERIC_DATE = re.compile(r"(?:D:)?(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d{1,5}$)")
_WRITTEN_DATES = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")


def iso_date(stated: str) -> str | None:
    """The day in `stated` as YYYY-MM-DD; None where it names no single day. Years come first
    (ISO 8601, 2023/11/08, PDF's D:20231108…) or months are words (8 November 2023); 08/11/2023
    can be two days and is neither."""
    stated = stated.strip()
    if found := _NUMERIC_DATE.match(stated):
        with suppress(ValueError):
            return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|[,.]", " ", stated)
    for form in _WRITTEN_DATES:
        with suppress(ValueError):
            return datetime.strptime(" ".join(words.split()), form).date().isoformat()
    return None


def metadata_of(
    *, author: str = "", dated: str = "", language: str = ""
) -> dict[str, MetadataValue]:
    """The metadata that is stated, by its common names; what is empty is left out."""
    stated = {
        "author": one_line(author),
        "date": iso_date(dated) or "",
        "language": one_line(language).replace("_", "-"),
    }
    return {key: value for key, value in stated.items() if value}


def title_of(extracted: Extracted, uri: str) -> str:
    """A title fit to be shown: the one stated, else the heading of level 1 that is the only one or
    comes first of all, else the file's name, else how the text begins. The name stands behind the
    title where it tells a year that the title does not: `Annual report (ACME 2022 10K)`."""
    name = name_title(uri)
    title = one_line(extracted.title)
    if title.lower().strip("()") in _MEANINGLESS or not _has_words(_tokens(title)):
        top = [heading for heading in extracted.headings if heading.level == 1]
        stated = top and (len(top) == 1 or top[0].start == 0)
        title = extracted.text[top[0].start : top[0].end] if stated else ""
    if not title:
        return name or _beginning(extracted.text)
    years = set(filter(_YEAR.fullmatch, _tokens(PurePosixPath(uri).stem))) if name else set()
    return title if years <= set(_tokens(title)) else f"{title} ({name})"


def _beginning(text: str) -> str:
    """The first sentence of `text`, cut between words with an ellipsis when it is long."""
    first = one_line(re.split(r"(?<=[.!?])\s|\n\s*\n", text, maxsplit=1)[0])
    if len(first) <= _TITLE_LENGTH:
        return first
    cut = first[:_TITLE_LENGTH]
    return cut[: cut.rfind(" ") if " " in cut else _TITLE_LENGTH - 1].rstrip(" ,;:–—-") + "…"
