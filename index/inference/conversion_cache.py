"""What is made once of a model's weights, and kept in a cache folder."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger("footnote")


def default_cache() -> Path:
    """The folder in which this user's programs keep what they can make again."""
    from platformdirs import user_cache_path

    return user_cache_path("footnote", appauthor=False)


def converted(folder: Path, name: str, make: Callable[[], bytes]) -> Path | bytes:
    """The file `name` in `folder`, made by `make` where it is missing or not what was once written.

    It appears whole or not at all, so that many processes may ask for it at once. Where the folder
    can't be written to, a warning is logged and the content given instead.
    """
    path = folder / name
    seal = folder / f"{name}.sha256"
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == seal.read_text("ascii"):
                return path
    except (OSError, UnicodeDecodeError):
        pass  # it is made below
    _log.warning("preparing %s for this processor (once, about two seconds) …", name)
    content = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(seal, hashlib.sha256(content).hexdigest().encode("ascii"))
        _write(path, content)
    except OSError as error:
        _log.warning(
            "'%s' can't be kept in '%s' (%s) and will be made at each start; set FOOTNOTE_CACHE to "
            "a folder that can be written to",
            name,
            folder,
            error.strerror or error,
        )
        return content
    return path


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
