"""An equation in MathML on one line: `a^2/(b + c)`, `√(x)`."""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = ("annotation", "annotation-xml", "mphantom", "mspace")
_DEEPEST = 60  # elements within one another


def written_math(element: Any, depth: int = 0) -> str:
    """The equation under `element` as a person would type it."""
    tag = _name(element)
    if tag in _UNSEEN or depth > _DEEPEST:
        return ""
    parts = [written_math(child, depth + 1) for child in element if _name(child)]
    first, second, third = (*map(_one, parts), "", "", "")[:3]
    match tag:
        case "mfrac":
            return f"{first}/{second}"
        case "msup" | "mover":
            return f"{first}^{second}"
        case "msub" | "munder":
            return f"{first}_{second}"
        case "msubsup" | "munderover":
            return f"{first}_{second}^{third}"
        case "msqrt":
            return f"√({''.join(parts)})"
        case "mroot":
            return f"{second}√({parts[0] if parts else ''})"
        case "mfenced":
            inside = ", ".join(parts)
            return f"{element.get('open', '(')}{inside}{element.get('close', ')')}"
        case "mtr":
            return ", ".join(parts)
        case "mtable":
            return "; ".join(parts)
        case "semantics":
            return parts[0] if parts else ""
        case _:
            return "".join(parts) if parts else " ".join((element.text or "").split())


def _name(element: Any) -> str:
    """The name without namespace or prefix; "" for what is no element."""
    return re.split(r"[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""


def _one(term: str) -> str:
    """`term` in brackets unless it is a single number or word."""
    return term if re.fullmatch(r"\w+|\d+[.,]\d+|\W", term) else f"({term})" if term else ""
