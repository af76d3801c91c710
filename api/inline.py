"""Which originals a browser may show, and as what: it runs nothing of any of them."""

from __future__ import annotations

PDF = "application/pdf"
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
_TEXTS = (
    *("text/plain", "text/markdown", "text/csv", "text/x-rst", "application/json"),
    *("application/x-ndjson", "text/x-source"),
)


def inline_type(media_type: str) -> str | None:
    """The media type that a file of this kind is shown as: PDF and pictures as what they are, what
    is plain text as that; None for what is only saved."""
    if media_type == PDF or media_type in _PICTURES:
        return media_type
    return "text/plain" if media_type in _TEXTS else None
