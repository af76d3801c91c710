"""A process beside the server, which reads what it is told on its standard input, and ends when
that is closed."""

from __future__ import annotations

import subprocess
from contextlib import suppress

_ENDING_SECONDS = 10.0


def tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    """Writes `line`; one that has ended needs to know nothing."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(line + b"\n")
        process.stdin.flush()


def end(process: subprocess.Popen[bytes]) -> None:
    """Closes its standard input, and waits until it has ended; after ten seconds it is killed."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
