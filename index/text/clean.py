"""Text without what is no text.

One text, decided here for every format:
- Lines end in `\\n` alone; trailing spaces are dropped, and at most one line is left empty.
- No control characters (NUL and those of the direction of writing among them), no lone
  surrogates, no byte order marks, no soft hyphens and no private-use characters, all of which a
  reader does not see.
- No-break spaces become spaces and the typographic ligatures (ﬁ, ﬂ, …) their letters, which is
  what a person who reads them would type.
- A letter followed by its combining accent becomes one code point (é), which looks the same. NFC
  as a whole is not applied: it swaps some CJK ideographs for others that look different.
"""

from __future__ import annotations

import re
import unicodedata

_TRANSLATION: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0xE000, 0xF900)]),
    **dict.fromkeys([0xAD, 0xFEFF, 0xFFFE, 0xFFFF]),
    **dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " "),
    **dict.fromkeys(map(ord, "\n\f\v\x85\u2028\u2029"), "\n"),
    **dict.fromkeys([0xF0A7, 0xF0B7], "•"),  # bullets of the Symbol and Wingdings fonts
    ord("\t"): "\t",
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}


_ACCENTED = re.compile(r"\w[\u0300-\u036f\u3099\u309a]+")


def clean(text: str) -> str:
    """`text` as this module's first words promise it, without whitespace at either end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_TRANSLATION)
    text = _ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip().strip("\u200b").strip()


def one_line(text: str) -> str:
    """`text` cleaned, with every run of whitespace made one space."""
    return " ".join(clean(text).split())
