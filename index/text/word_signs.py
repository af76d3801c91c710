"""Pure: what a search for words is to take for words, where signs don't say it: Chinese, Japanese,
Thai, Lao, Khmer and Burmese are written without spaces, and a raised figure is none of the number
that it stands at."""

from __future__ import annotations

import re
import unicodedata

_HAN_AND_KANA = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U000323af]+"
)
_THAI_AND_KIN = re.compile(  # letters with the vowels and tones that are set over and under them
    "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1780-\u17d3]+"
)
_SHIFTED = str.maketrans("₀₁₂₃₄₅₆₇₈₉¹²³⁰⁴⁵⁶⁷⁸⁹", "0123456789" + " " * 10)


def spaced(text: str) -> str:
    """`text` as it is indexed: of Chinese and Japanese each sign and each pair of signs is a word,
    of Thai, Lao, Khmer and Burmese each two and three letters; lowered figures are plain ones
    (CO2), and raised figures are left out."""
    return _spaced(text, indexed=True)


def asked(text: str) -> str:
    """`text` as it is looked for in what is indexed so: by as many signs together as there are of
    those that are indexed."""
    return _spaced(text, indexed=False)


def is_in_signs(text: str) -> bool:
    """Whether most letters of `text` are Chinese or Japanese."""
    signs = sum(map(len, _HAN_AND_KANA.findall(text)))
    return 2 * signs > sum(map(str.isalpha, text))


def _spaced(text: str, indexed: bool) -> str:
    if text.isascii():
        return text
    text = text.translate(_SHIFTED)
    text = _HAN_AND_KANA.sub(lambda run: _words(run[0], (1, 2), indexed), text)
    return _THAI_AND_KIN.sub(lambda run: _words(_letters(run[0]), (2, 3), indexed), text)


def _words(signs: str, lengths: tuple[int, int], indexed: bool) -> str:
    """The stretches of `signs` of the shorter and of the longer length; of those that are not
    indexed the longer alone, where there are any. What is short throughout is one word."""
    shorter, longer = (
        [signs[at : at + length] for at in range(len(signs) - length + 1)] for length in lengths
    )
    words = [*shorter, *longer] if indexed else longer or shorter
    return f" {' '.join(words or [signs])} "


def _letters(run: str) -> str:
    """`run` without the signs over and under its letters, at which full texts would cut it."""
    return "".join(sign for sign in run if not unicodedata.category(sign).startswith("M"))
