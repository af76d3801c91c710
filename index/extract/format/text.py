"""Plain text in any encoding."""

from __future__ import annotations

import codecs
import re

from index.document import MetadataValue
from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import iso_date, metadata_of
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.text.clean import clean
from index.text.terminal_codes import without_codes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STAMP = re.compile(r"(?i:date)[:\s]\s*(\d{4}-\d{2}-\d{2})(?=\s*\n|\s+[^\sa-z])\s*")
_DOS_OR_MAC = re.compile(r"mac_|cp(437|775|85\d|86[0135])$")
_SAMPLE = 65_536  # bytes that the guess of an encoding looks at


def read_text(data: bytes, charset: str, parsing: Parsing) -> Extracted:
    """The text of a plain text file. A stamp `date YYYY-MM-DD` in front becomes metadata."""
    text = clean(decode(data, charset))
    metadata: dict[str, MetadataValue] = {}
    if (stamp := _STAMP.match(text)) and iso_date(stamp[1]):
        metadata = metadata_of(dated=stamp[1])
        text = text[stamp.end() :]
    builder = TextBuilder(parsing)
    builder.block(text)
    return builder.build(metadata=metadata)


def decode(data: bytes, charset: str = "") -> str:
    """`data` as text: by its byte order mark, by `charset` where one is stated and fits, as
    UTF-8, or else by the likeliest encoding. Raises `UnreadableFile` for what is no text."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in (charset, _without_mark(data), "utf-8"):
        if encoding:
            try:
                return _checked(data.decode(encoding))
            except (LookupError, UnicodeDecodeError):
                continue
    return _checked(data.decode(_likeliest(data), "replace"))


def _without_mark(data: bytes) -> str:
    """UTF-16 that has no mark shows in the zero bytes of its Latin letters and spaces."""
    even, odd = data[:_SAMPLE:2], data[1:_SAMPLE:2]
    if odd.count(0) > 0.2 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.2 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return ""


def _likeliest(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(data[:_SAMPLE])
    best = matches.best()
    if best is None:
        raise UnreadableFile("is not text in any known encoding; is its suffix the right one?")
    # Where no language speaks for the best guess, Windows' Latin encoding is the commonest by far.
    rivals = {
        match.encoding
        for match in matches
        if (match.chaos, -match.coherence) <= (best.chaos, -best.coherence)
    }
    unsure = best.coherence == 0 and _DOS_OR_MAC.match(best.encoding)
    return "cp1252" if "cp1252" in rivals or unsure else best.encoding


def _checked(text: str) -> str:
    """`text` without what only a terminal understands, unless its control characters say that
    it never was text."""
    text = without_codes(text)
    control = sum(map(text.count, map(chr, [*range(9), *range(14, 32), 0xFFFD])))
    if control > 0.02 * len(text) + 1:
        raise UnreadableFile("holds binary data, not text; is its suffix the right one?")
    return text
