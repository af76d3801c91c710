"""The elements of a page as a person sees them: raised words in their places, foldable parts
unfolded, and what leads to other pages left out."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from index.extract.format.html_raised import set_apart
from index.extract.mathml import written_math
from index.extract.numerals import numeral

HIDING = re.compile(r"display:\s*none|visibility:\s*hidden", re.I)
COUNTED = "\ue0f0"  # around the number of an item, which is written in its text; no text holds it
_LISTED = re.compile(r"list-style(?:-type)?:[^;]*?\b((?:lower|upper)-(?:alpha|latin|roman))", re.I)
_COUNTED = {
    "a": "lowerLetter", "lower-alpha": "lowerLetter", "lower-latin": "lowerLetter",
    "A": "upperLetter", "upper-alpha": "upperLetter", "upper-latin": "upperLetter",
    "i": "lowerRoman", "lower-roman": "lowerRoman",
    "I": "upperRoman", "upper-roman": "upperRoman",
}  # fmt: skip
_FOLDED = re.compile(r"accordion|expand|collaps|panel", re.I)
_CRUMBS = re.compile("breadcrumb", re.I)
_LINKED = 0.6  # of the letters of a block; with more, in several links, it is a menu
_MENUS = ("nav", "ul", "ol", "div", "section", "header", "footer", "aside")
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")
_PANELS = ("div", "section", "p", "ul", "ol", "dl", "table")
_UNWRITTEN = {"hidden", "password", "submit", "button", "image", "file", "reset", "search"}
_ANSWERED = ("divRplyFwdMsg", "appendonsend")
_SENDER = re.compile(r"from|von|de|da|van", re.I)
_COOKIES = re.compile(r"\bcookie|\bconsent", re.I)
_COPYRIGHT = re.compile(r"©|copyright|all rights reserved", re.I)
_NOTICE = 200  # characters of a copyright notice, at most


def prepare(tree: Any, style: str = "") -> None:
    """Writes raised and lowered words into the text around them, and what fields of forms hold,
    makes the summaries of foldable parts and the buttons that are headings words of the page, and
    shows what such parts hold. `style` are rules of style that the page has elsewhere."""
    for node in list(tree.iter("template")):
        node.drop_tree()
    _written_out(tree)
    set_apart(tree, style)
    _filled_in(tree)
    for node in list(tree.iter("summary")):
        if next(node.iter(*_HEADS), None) is None:
            node.tag = "p"
        else:
            node.drop_tag()
    _unfolded(tree)
    for node in list(tree.iter("button")):
        panel = node.getnext()
        if next(node.iterancestors(*_HEADS), None) is not None:
            node.drop_tag()
        elif panel is not None and panel.tag in _PANELS:
            node.tag = "p"
            _show(panel)
        elif node.get("role") == "tab":
            node.tag = "p"
    for node in tree.iter("div", "section"):
        around = node.getparent()
        names = [node.get("class", ""), "" if around is None else around.get("class", "")]
        if _FOLDED.search(" ".join(names)):
            _show(node)


def _unfolded(tree: Any) -> None:
    """Shows what buttons, tabs and the like would show when they are pressed."""
    controlled = set()
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        controlled.update(node.get("aria-controls", "").split())
        if node.get("aria-expanded") is not None or node.get("role") == "button":
            around = node.getparent()
            head = around if around is not None and around.tag in _HEADS else node
            if (panel := head.getnext()) is not None:
                _show(panel)
    for node in tree.iter():
        if isinstance(node.tag, str) and (
            node.get("id") in controlled or node.get("role") == "tabpanel"
        ):
            _show(node)


def _written_out(tree: Any) -> None:
    """Writes equations and the readings of words on one line, and the numbers of lists that begin
    with another than 1 or count in letters."""
    for node in list(tree.iter("math")):
        words = written_math(node) or node.get("alttext", "")
        _become(node, f" {words} " if node.get("display") == "block" else words)
    for node in list(tree.iter("ruby")):
        reading = "".join(
            "".join(one.itertext()) for one in node.iter("rt") if one.getparent() is not None
        )
        for one in [*node.iter("rt", "rp", "rtc")]:
            if one.getparent() is not None:
                one.drop_tree()
        words = "".join("".join(node.itertext()).split())
        _become(node, f"{words}({reading.strip()})" if reading.strip() else words)
    for node in tree.iter("ol"):
        _number(node)


def _number(node: Any) -> None:
    found = _LISTED.search(node.get("style", ""))
    form = _COUNTED.get(found[1].lower() if found else node.get("type", "1"), "decimal")
    start = node.get("start", "1")
    items = [item for item in node if item.tag == "li"]
    if form == "decimal" and start == "1" and not any(item.get("value") for item in items):
        return
    number = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
    for item in items:
        stated = item.get("value", "")
        number = int(stated) if re.fullmatch(r"-?\d{1,6}", stated) else number
        item.text = f"{COUNTED}{numeral(number, form)}. {COUNTED}{item.text or ''}"
        number += 1


def _become(node: Any, words: str) -> None:
    """Makes `node` a mere stretch of `words`."""
    for child in list(node):
        node.remove(child)
    node.tag, node.text = "span", words


def _filled_in(tree: Any) -> None:
    """Writes what the fields of a form hold in their places."""
    for node in list(tree.iter("input", "textarea", "select")):
        kind = (node.get("type") or "text").lower()
        if node.tag == "input" and kind in _UNWRITTEN:
            continue
        words = "".join(node.itertext())
        if node.tag == "input":
            words = node.get("value") or ""
            if kind in ("checkbox", "radio"):
                words = "\u2610" if node.get("checked") is None else "\u2611"
        elif node.tag == "select":
            options = list(node.iter("option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            words = ", ".join("".join(one.itertext()).strip() for one in chosen)
        for child in list(node):
            node.remove(child)
        node.tag, node.text = "span", f" {words.strip()} " if words.strip() else ""


def enclose_answered(tree: Any) -> None:
    """Makes a quotation of what Outlook sets below the message: what was answered."""
    from lxml.html import Element

    head = next((one for one in tree.iter("div") if _is_answered(one)), None)
    if head is not None:
        around = head.getparent()
        if around is not None and around.tag == "div" and len(around) == 1:  # one more around it
            head = around
        quote = Element("blockquote")
        head.addprevious(quote)
        for node in [head, *head.itersiblings()]:
            quote.append(node)


def _is_answered(node: Any) -> bool:
    """Whether the message that was answered begins with `node`: of Outlook on the web, and of the
    one on a desk, which draws a line above its sender, day and subject."""
    if node.get("id") in _ANSWERED:
        return True
    if "border-top" not in node.get("style", ""):
        return False
    bold = [re.sub(r"\W", "", "".join(one.itertext())) for one in node.iter("b", "strong")]
    return len(bold) > 2 and bool(_SENDER.fullmatch(bold[0]))


def _show(panel: Any) -> None:
    panel.attrib.pop("hidden", None)
    if "style" in panel.attrib:
        panel.set("style", HIDING.sub("", panel.get("style")))


def without_menus(tree: Any) -> Any:
    """A copy of `tree` without the blocks that are lists of links, notices of copyright, or ask for
    leave to set cookies."""
    tree = deepcopy(tree)
    for node in list(tree.iter(*_MENUS)):
        if next(node.iterancestors("body"), None) is not None and _is_menu(node):
            node.drop_tree()
    return tree


def _is_menu(node: Any) -> bool:
    if node.tag == "nav" or node.get("role") == "navigation":
        return True
    name = f"{node.get('id', '')} {node.get('class', '')}"
    if _COOKIES.search(name):
        return True
    words = "".join(node.itertext()).strip()
    if node.tag == "footer" and len(words) <= _NOTICE and _COPYRIGHT.search(words):
        return True
    links = ["".join(filter(str.isalnum, "".join(link.itertext()))) for link in node.iter("a")]
    linked, letters = sum(map(len, links)), sum(map(str.isalnum, words))
    several = len(links) > 1 and linked > _LINKED * letters
    return several or (len(links) == 1 and linked == letters and bool(_CRUMBS.search(name)))
