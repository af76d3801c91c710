"""Lines typed at a terminal: edited, and found again."""

from __future__ import annotations

import atexit
from contextlib import suppress

_KEPT = 1000


def edit_lines() -> None:
    """From now on `input` edits its line and knows earlier ones, those of earlier sessions among
    them, where this Python has readline. They are kept in a file of this user alone."""
    try:
        import readline
    except ImportError:  # Windows, whose console edits lines itself
        return
    from platformdirs import user_state_path

    path = user_state_path("footnote", appauthor=False) / "questions"
    with suppress(OSError):  # there is none yet
        readline.read_history_file(path)
    readline.set_history_length(_KEPT)

    def keep() -> None:
        with suppress(OSError):  # a folder that cannot be written to keeps nothing
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            readline.write_history_file(path)

    atexit.register(keep)
