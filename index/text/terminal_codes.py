"""Text without what only a terminal understands: colours, titles, links, letters struck twice."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and moves
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # titles and links
    r"|\x1b[ -/]+[0-~]|\x1b[0-Z\\^-~]"  # sets of letters, and the rest
)
_STRUCK_OVER = re.compile(r"[^\n\x08]\x08")


def without_codes(text: str) -> str:
    """`text` as a terminal shows it."""
    if "\x1b" in text or "\x9b" in text:
        text = _CODE.sub("", text)
    return _STRUCK_OVER.sub("", text) if "\x08" in text else text
