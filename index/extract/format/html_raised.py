"""What of a page is raised or lowered: by its elements, and by the rules of its style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from index.text.raised import lowered, raised

_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LAST_CLASS = re.compile(r"(?:^|[\s>+~])[\w*]*\.([\w-]+)\s*$")
_ALIGNED = re.compile(r"(?<![\w-])vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_MOVED = re.compile(
    r"mso-text-raise:\s*(-?)\d|position:\s*relative;\s*top:\s*(-?)\d", re.IGNORECASE
)
_INLINE = ("span", "a", "em", "i", "b", "strong", "small", "font", "u")
_NOTE_LINKS = ("noteref", "doc-noteref")
_LONGEST = 12  # letters; what is longer is no mark


def set_apart(tree: Any, style: str = "") -> None:
    """Writes what is raised or lowered into the text around it. `style` are rules that the page
    has elsewhere."""
    classes = _classes("\n".join([style, *((one.text or "") for one in tree.iter("style"))]))
    for node in tree.iter(*_INLINE):
        if shift := _shift(node, classes):
            node.tag = shift
    for node in list(tree.iterdescendants("sup", "sub")):
        if node.getparent() is None:  # within another
            continue
        words = "".join(node.itertext())
        node.text = (lowered if node.tag == "sub" else raised)(words, _before(node))
        for child in list(node):
            node.remove(child)
        node.drop_tag()


def _classes(style: str) -> dict[str, str]:
    """The classes that rules raise or lower, and which of the two."""
    found = {}
    if "vertical-align" in style:
        for selectors, rules in _RULE.findall(_COMMENT.sub("", style)):
            if aligned := _ALIGNED.search(rules):
                for selector in selectors.split(","):
                    if named := _LAST_CLASS.search(selector):
                        found[named[1]] = aligned[1].lower()
    return found


def _shift(node: Any, classes: Mapping[str, str]) -> str:
    """The element that says the same: `sup`, `sub` or none."""
    style = node.get("style", "")
    if aligned := _ALIGNED.search(style):
        shift = aligned[1].lower()
    elif moved := _MOVED.search(style):
        shift = "sub" if (moved[1] == "-" if moved[1] is not None else not moved[2]) else "super"
    elif node.tag == "a" and {node.get("epub:type"), node.get("role")} & {*_NOTE_LINKS}:
        shift = "super"
    else:
        named = (classes[name] for name in node.get("class", "").split() if name in classes)
        shift = next(named, "") if classes else ""
    if not shift or len("".join(node.itertext()).strip()) > _LONGEST:
        return ""
    return "sup" if shift == "super" else "sub"


def _before(node: Any) -> str:
    """The words between `node` and the element before it, or else those of that element."""
    sibling = node.getprevious()
    if sibling is None:
        return node.getparent().text or ""
    return sibling.tail or "".join(sibling.itertext())
