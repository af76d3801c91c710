"""Plain text of a message, in which what others wrote is marked, so that it is not taken for the
sender's words."""

from __future__ import annotations

import re
from itertools import groupby

from index.extract.text_builder import TextBuilder

QUOTED = "quoted message"  # the location of what is quoted
_BELOW = re.compile(  # what a program sets above the message that was answered or passed on
    r"\s*(?:-{2,}\s*(?:original message|original appointment|forwarded message|"
    r"urspr\u00fcngliche nachricht|weitergeleitete nachricht|message d'origine|"
    r"message transf\u00e9r\u00e9|mensaje original|messaggio originale)\s*-{2,}"
    r"|begin forwarded message:)\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*_{8,}\s*")
_MOST_FIELDS = 8  # lines of the head of a message
_DAY = re.compile(  # as Outlook calls it; a thread that was put together has Date: in each head
    r"\s*\*?(?:sent|gesendet|envoy\u00e9|enviado|inviato|verzonden|skickat|sendt):\*?\s",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\s*\*?(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp):\*?", re.IGNORECASE
)
_SENDER = re.compile(r"\s*\*?(?:from|von|de|da):\*?\s", re.IGNORECASE)


def _is_head(lines: list[str]) -> bool:
    """Whether `lines` begin with the fields of another message: its sender, day and subject."""
    fields = [line for line in lines[:_MOST_FIELDS] if line.strip()]
    return any(map(_DAY.match, fields)) and any(map(_SUBJECT.match, fields))


def write_quoting(builder: TextBuilder, text: str, within: str = "") -> None:
    """Writes `text`; each line of another message begins with `>`, and its location, behind
    `within`, is "quoted message"."""
    quoting = False
    for quoted, run in groupby(_marked(text), key=lambda line: line.startswith(">")):
        lines = list(run)
        if quoted or quoting:
            builder.place(f"{within}{QUOTED}" if quoted else within.removesuffix(", "))
        builder.block("\n".join(lines))
        quoting = quoted


def _marked(text: str) -> list[str]:
    """The lines of `text`, all of those below the head of another message behind `>`."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        following = next(filter(str.strip, lines[at + 1 :]), "")
        first = at + 1
        if at and _SENDER.match(line) and _is_head(lines[at:]):
            first = at
        elif not _BELOW.fullmatch(line) and not (
            _RULE.fullmatch(line) and _SENDER.match(following)
        ):
            continue
        below = [one if one.startswith(">") else f"> {one}".rstrip() for one in lines[first:]]
        return [*lines[:first], *below]
    return lines
