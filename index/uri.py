"""What a uri says: the title in a file's name, the archive that a member came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from index.text.clean import one_line

MEMBER = "!/"
ZIP = ".zip"
CARRIERS = (".eml", ".msg", ".pdf")  # what files may be attached to


def is_called(title: str, uri: str, name: str) -> bool:
    """Whether `name` is the title of the document at `uri`, or its file's name with its suffix or
    without it, in whichever capitals."""
    file = PurePosixPath(uri)
    return name.casefold() in (title.casefold(), file.name.casefold(), file.stem.casefold())


def name_title(uri: str) -> str:
    """The title that the file's name makes; empty where the name holds no words."""
    stem = PurePosixPath(uri).stem
    return one_line(stem.replace("_", " ")) if _has_words(_tokens(stem)) else ""


def _tokens(name: str) -> list[str]:
    return re.split(r"[\W_]+", name)


def _has_words(tokens: Iterable[str]) -> bool:
    """Whether a token is more than a number, a code or a hash."""
    return any(
        re.search(r"[^\W\d_]{2}", token)
        and not re.fullmatch(r"[0-9a-f]{8,}|(?=.*\d)[0-9a-f]{4,}", token.lower())
        for token in tokens
    )


def is_carrier(uri: str) -> bool:
    """Whether this is the uri of a document that may have others attached to it."""
    return uri.lower().endswith(CARRIERS)


def archive_of(uri: str) -> str:
    """The uri of the archive that the document at `uri` is a member of; "" where it is none."""
    archive, mark, _ = uri.partition(ZIP + MEMBER)
    return archive + ZIP if mark else ""


def is_below(uri: str, place: str) -> bool:
    """Whether `uri` lies in the folder or the archive `place`."""
    return uri.startswith((place.rstrip("/") + "/", place + MEMBER))
