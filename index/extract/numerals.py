"""Pure: the numbers that programs set before the items of a list: 3, iv, (c)."""

from __future__ import annotations

_ROMAN = {
    1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x",
    9: "ix", 5: "v", 4: "iv", 1: "i",
}  # fmt: skip


def numeral(number: int, form: str) -> str:
    """`number` in one of Word's forms: `lowerLetter`, `upperRoman`, `decimalZero`, …, or filled up
    as `001` is; in plain figures in any other."""
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 40 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for value, numeral in _ROMAN.items():
            roman += numeral * (number // value)
            number %= value
        return roman.upper() if form == "upperRoman" else roman
    if form.endswith("1"):  # as the first of them is written: 001
        return str(number).rjust(len(form), "0")
    return f"{number:02}" if form == "decimalZero" else str(number)
