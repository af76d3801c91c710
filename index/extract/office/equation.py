"""An equation of Office's (OMML) on one line: `a^2/(b + c)`, `√(x)`."""

from __future__ import annotations

import re
from typing import Any

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def written(element: Any) -> str:
    """The equation under `element` as a person would type it."""
    tag = element.tag.removeprefix(_M) if isinstance(element.tag, str) else ""
    parts = {child.tag: written(child) for child in element if isinstance(child.tag, str)}

    def part(name: str) -> str:
        return parts.get(_M + name, "")

    match tag:
        case "t":
            return element.text or ""
        case "f":
            return f"{_one(part('num'))}/{_one(part('den'))}"
        case "sSup":
            return f"{_one(part('e'))}^{_one(part('sup'))}"
        case "sSub":
            return f"{_one(part('e'))}_{_one(part('sub'))}"
        case "sSubSup":
            return f"{_one(part('e'))}_{_one(part('sub'))}^{_one(part('sup'))}"
        case "rad":
            root = part("deg")
            return f"{root}√({part('e')})"
        case "nary":
            bounds = "".join(
                f"{sign}{_one(bound)}"
                for sign, bound in (("_", part("sub")), ("^", part("sup")))
                if bound
            )
            return f"{_character(element, 'naryPr', 'chr', '∫')}{bounds} {part('e')}"
        case "d":
            inside = ", ".join(written(one) for one in element.iterchildren(_M + "e"))
            first = _character(element, "dPr", "begChr", "(")
            return first + inside + _character(element, "dPr", "endChr", ")")
        case "func":
            return f"{part('fName')} {part('e')}"
        case "sPre":
            return f"_{_one(part('sub'))}^{_one(part('sup'))}{part('e')}"
        case "limLow" | "limUpp":
            return f"{part('e')}{'_' if tag == 'limLow' else '^'}{_one(part('lim'))}"
        case "eqArr":
            return "; ".join(written(one) for one in element.iterchildren(_M + "e"))
        case "mr":
            return ", ".join(written(one) for one in element.iterchildren(_M + "e"))
        case "m":
            return "; ".join(written(one) for one in element.iterchildren(_M + "mr"))
        case _:
            return "".join(written(child) for child in element)


def _one(term: str) -> str:
    """`term` in brackets unless it is a single number or word."""
    return term if re.fullmatch(r"\w+|\d+[.,]\d+", term) else f"({term})"


def _character(element: Any, properties: str, name: str, usual: str) -> str:
    found = element.find(f"{_M}{properties}/{_M}{name}")
    return usual if found is None else str(found.get(_M + "val", ""))
