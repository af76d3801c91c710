"""Text in the shapes of Office's drawings: its raised figures and equations, and the shapes that a
file holds in two forms."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from index.extract.office.equation import written
from index.text.raised import lowered, raised

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def without_alternatives(root: Any) -> None:
    """Puts in the place of what `root` holds in two forms the newer of them, if it has
    words, or else the other."""
    for both in list(root.iter(_CHOICE + "AlternateContent")):
        forms = [*both.iterchildren(_CHOICE + "Choice"), *both.iterchildren(_CHOICE + "Fallback")]
        form = next(filter(_has_words, forms), forms[0] if forms else None)
        for child in () if form is None else list(form):
            both.addprevious(child)
        both.getparent().remove(both)


def _has_words(form: Any) -> bool:
    return any((words.text or "").strip() for words in form.iter("{*}t"))


def drawn_words(paragraph: Any) -> str:
    """The words of a paragraph, lines set apart by `\\n`."""
    pieces = []
    for child in paragraph:
        properties = child.find(_A + "rPr")
        shift = 0 if properties is None else _sign(properties.get("baseline", "0"))
        if child.tag == _A + "br":
            pieces.append((0, "\n"))
        elif child.tag in (_A + "r", _A + "fld"):
            pieces.append((shift, child.findtext(_A + "t") or ""))
        else:
            pieces += [(0, written(equation)) for equation in child.iter(_MATH)]
    words = ""
    for shift, run in groupby(pieces, key=itemgetter(0)):
        text = "".join(piece for _, piece in run)
        words += (raised if shift > 0 else lowered)(text, words) if shift else text
    return words


def _sign(baseline: str) -> int:
    """1 where text is raised, -1 where it is lowered."""
    if baseline.strip("-%0.") == "":
        return 0
    return -1 if baseline.startswith("-") else 1
