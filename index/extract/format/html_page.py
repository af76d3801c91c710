"""The elements of a page as a person sees them: raised words in their places, foldable parts
unfolded, and what leads to other pages left out."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from index.text.raised import lowered, raised

HIDING = re.compile(r"display:\s*none|visibility:\s*hidden", re.I)
_FOLDED = re.compile(r"accordion|expand|collaps|panel", re.I)
_CRUMBS = re.compile("breadcrumb", re.I)
_LINKED = 0.6  # of the letters of a block; with more, in several links, it is a menu
_MENUS = ("nav", "ul", "ol", "div", "section", "header", "footer", "aside")
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")
_PANELS = ("div", "section", "p", "ul", "ol", "dl", "table")
_UNWRITTEN = {"hidden", "password", "submit", "button", "image", "file", "reset", "search"}
_ANSWERED = ("divRplyFwdMsg", "appendonsend")
_COOKIES = re.compile(r"\bcookie|\bconsent", re.I)
_COPYRIGHT = re.compile(r"©|copyright|all rights reserved", re.I)
_NOTICE = 200  # characters of a copyright notice, at most


def prepare(tree: Any) -> None:
    """Writes raised and lowered words into the text around them, and what fields of forms hold,
    makes the summaries of foldable parts and the buttons that are headings words of the page, and
    shows what such parts hold."""
    for node in list(tree.iterdescendants("sup", "sub")):
        words = "".join(node.itertext())
        node.text = (lowered if node.tag == "sub" else raised)(words, _before(node))
        for child in list(node):
            node.remove(child)
        node.drop_tag()
    _filled_in(tree)
    for node in list(tree.iter("summary")):
        node.tag = "p"
    for node in list(tree.iter("button")):
        panel = node.getnext()
        if next(node.iterancestors(*_HEADS), None) is not None:
            node.drop_tag()
        elif panel is not None and panel.tag in _PANELS:
            node.tag = "p"
            _show(panel)
    for node in tree.iter("div", "section"):
        around = node.getparent()
        names = [node.get("class", ""), "" if around is None else around.get("class", "")]
        if _FOLDED.search(" ".join(names)):
            _show(node)


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

    head = next((one for one in tree.iter("div") if one.get("id") in _ANSWERED), None)
    if head is not None:
        quote = Element("blockquote")
        head.addprevious(quote)
        for node in [head, *head.itersiblings()]:
            quote.append(node)


def _before(node: Any) -> str:
    """The words between `node` and the element before it, or else those of that element."""
    sibling = node.getprevious()
    if sibling is None:
        return node.getparent().text or ""
    return sibling.tail or "".join(sibling.itertext())


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
