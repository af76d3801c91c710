"""Pure: what a search for words is to take for words, where signs don't say it: Chinese and
Japanese are written without spaces, and a raised figure is none of the number that it stands at."""

from __future__ import annotations

import re

_HAN_AND_KANA = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U000323af]+"
)
_SHIFTED = str.maketrans("₀₁₂₃₄₅₆₇₈₉¹²³⁰⁴⁵⁶⁷⁸⁹", "0123456789" + " " * 10)


def spaced(text: str) -> str:
    """`text` as it is indexed: of Chinese and Japanese each sign and each pair of signs is a word,
    lowered figures are plain ones (CO2), and raised figures are left out."""
    return _spaced(text, alone=True)


def asked(text: str) -> str:
    """`text` as it is looked for in what is indexed so: by pairs of signs, or by one that is
    alone."""
    return _spaced(text, alone=False)


def is_in_signs(text: str) -> bool:
    """Whether most letters of `text` are Chinese or Japanese."""
    signs = sum(map(len, _HAN_AND_KANA.findall(text)))
    return 2 * signs > sum(map(str.isalpha, text))


def _spaced(text: str, alone: bool) -> str:
    if text.isascii():
        return text

    def words(run: re.Match[str]) -> str:
        signs = run[0]
        pairs = [signs[at : at + 2] for at in range(len(signs) - 1)]
        return f" {' '.join([*signs, *pairs] if alone else pairs or [signs])} "

    return _HAN_AND_KANA.sub(words, text.translate(_SHIFTED))
