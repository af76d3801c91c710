"""The file that settings are kept in: changing some of them, so that the rest stays as it was
written, comments too."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError

from index.errors import InvalidSetting

_writing = threading.Lock()


def settings_file() -> Path:
    """Where settings are read from: the file that `FOOTNOTE_CONFIG` names, or `footnote.toml` in
    the working folder. It need not be there."""
    return Path(os.environ.get("FOOTNOTE_CONFIG", "footnote.toml"))


def from_environment() -> set[str]:
    """The names of the settings that the environment gives, which come before those of the file."""
    prefix = "FOOTNOTE_"
    return {name[len(prefix) :].lower() for name in os.environ if name.startswith(prefix)}


def change_settings(changes: Mapping[str, str | float | bool | None]) -> Path:
    """Write `changes` into the file, None taking a setting out, and give its path. It is replaced
    whole or not at all, and keeps what it says else, and who may read it; a new one is its owner's,
    and none is made where nothing changes.

    Raises `InvalidSetting` where it is no TOML or can't be written."""
    path = settings_file()
    with _writing:
        try:
            before = path.read_text(encoding="utf-8") if path.is_file() else ""
            document = tomlkit.parse(before)
            for name, value in changes.items():
                if value is None:
                    document.pop(name, None)
                else:
                    document[name] = value
            after = tomlkit.dumps(document)
            if after != before:
                _replace(path.resolve(), after)
        except (ParseError, UnicodeDecodeError) as error:
            raise InvalidSetting(f"{path}: not TOML ({error}); mend the file") from error
        except OSError as error:
            raise InvalidSetting(
                f"{path}: cannot be written ({error.strerror}); change the settings by hand, or "
                "let the server write there"
            ) from error
    return path


def _replace(path: Path, text: str) -> None:
    """Put `text` in the place of the file, in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
