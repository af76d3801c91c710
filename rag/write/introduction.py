"""What Footnote says of itself, to a greeting and to who asks what it is."""

from __future__ import annotations

import re

INTRODUCTION = "I am Footnote: I answer questions from your documents and quote what bears me out."

_IT = r"(?:you|footnote|this (?:app|assistant|chat|page|bot))"
_ASKED = re.compile(
    r"\W*(?:(?:hi|hello|hey|so|and|ok|okay|please)\b\W*)*(?:"
    rf"(?:what|who) (?:are|is) {_IT}"
    rf"|what (?:can|do|does|could) {_IT} do(?: for (?:me|us))?"
    r"|what (?:can|may|could|should) (?:i|we) ask(?: you| here)?"
    r"|what can (?:i|we) do (?:here|with (?:you|footnote))"
    r"|what(?: kinds? of)? questions (?:can|may|could) (?:i|we) ask(?: you| here)?"
    rf"|how (?:do|does) {_IT} work|how (?:do|can|should) (?:i|we) use (?:you|footnote)"
    rf"|(?:can|could) {_IT} help(?: me| us)?"
    r"|(?:what is|what['’]s) your (?:name|purpose|job)"
    r"|what (?:are|is) (?:your|footnote['’]s) (?:capabilit(?:y|ies)|functions?|features?)"
    r"|are you (?:an? )?(?:ai|bot|chat ?bot|human|robot|language model|chatgpt|there)"
    r"|(?:tell (?:me|us) about|introduce) (?:yourself|footnote)|help"
    r")\W*",
    re.IGNORECASE,
)


def asks_about_footnote(question: str) -> bool:
    """Whether `question` asks what Footnote is and does, rather than what documents say."""
    return _ASKED.fullmatch(question) is not None


def introduction(documents: int) -> str:
    """One line on what Footnote is, and how many documents it can be asked of."""
    if not documents:
        return f"{INTRODUCTION} There are no documents yet; add some, then ask."
    many = "one document" if documents == 1 else f"{documents:,} documents"
    return f"{INTRODUCTION} You can ask me about {many}."
