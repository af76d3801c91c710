"""Where a Ray cluster is, and whether something answers there."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from index.errors import ClusterUnavailable, InvalidSetting

_SECONDS = 10.0
_HOST_PORT = re.compile(r"(?:(ray)://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """`text` as Ray takes it: `local`, a cluster for as long as this process needs it; `auto`, the
    one that this machine is a part of; `HOST:PORT` or `ray://HOST:PORT`."""

    text: str

    def __post_init__(self) -> None:
        if self.text not in ("local", "auto") and not _HOST_PORT.fullmatch(self.text):
            raise InvalidSetting(
                f"--ray is {self.text!r}, which is no address of a Ray cluster; give local, auto, "
                "HOST:PORT or ray://HOST:PORT"
            )

    @property
    def is_local(self) -> bool:
        return self.text == "local"

    @property
    def endpoint(self) -> tuple[str, int] | None:
        """The host and port that is to answer; None where Ray is still to find or start one."""
        text = self.text
        if text == "auto":
            text = os.environ.get("RAY_ADDRESS") or _last_started()
        match = _HOST_PORT.fullmatch(text)
        return (match[2].strip("[]"), int(match[3])) if match else None

    def require_answer(self) -> None:
        """Raises `ClusterUnavailable` where nothing listens there, within ten seconds."""
        if self.endpoint is None:
            return
        try:
            socket.create_connection(self.endpoint, _SECONDS).close()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise unanswered(self, reason) from error


def unanswered(address: ClusterAddress, reason: str) -> ClusterUnavailable:
    at = f" at {address.endpoint[0]}:{address.endpoint[1]}" if address.endpoint else ""
    return ClusterUnavailable(
        f"no Ray cluster answers --ray {address.text}{at} ({reason}); start one with `ray start "
        "--head`, or give its address"
    )


def _last_started() -> str:
    """The address of the cluster that was last started on this machine, where Ray notes it."""
    noted = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    try:
        return noted.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
