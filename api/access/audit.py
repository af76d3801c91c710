"""The audit log: who did what, when and from where, a JSON object a line; never what was asked,
answered or stored."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from index.errors import InvalidSetting


def moment() -> str:
    """Now, in ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AuditLog:
    """Lines at the end of the file `path`, made readable by its owner alone, and opened anew where
    it was moved away (logrotate). May be used by many threads and processes. Raises
    `InvalidSetting` where it cannot be written; a line that cannot be written later is told on
    stderr."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
            self._handler = WatchedFileHandler(path, encoding="utf-8")
        except OSError as error:
            raise InvalidSetting(
                f"setting audit_log is '{path}', which cannot be written ({error.strerror}); name "
                "another file"
            ) from error

    def note(self, line: Mapping[str, object]) -> None:
        """Writes `line`, under the present time."""
        text = json.dumps({"time": moment(), **line}, ensure_ascii=False)
        record = logging.LogRecord("audit", logging.INFO, "", 0, text, None, None)
        self._handler.handle(record)

    def close(self) -> None:
        """Closes the file."""
        self._handler.close()


def audit_log(path: Path | None) -> AuditLog | None:
    """The log at `path`, or none."""
    return None if path is None else AuditLog(path)
