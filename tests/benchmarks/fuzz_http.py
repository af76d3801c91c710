"""Sends a server what its OpenAPI description allows, and what it doesn't, for a bounded time.

`schemathesis` makes the requests, in a server's own process and store with seeds/ in it; it is not
among our dependencies, because it hooks into every run of pytest: `pip install
schemathesis==4.32.5` into an environment of its own, and name that one's Python by `--python`.
What fails is a 5xx other than the two that are meant (503, 507), and an answer whose status, media
type or body the description lacks. What is in events is left to our own tests. Ends with the exit
code 1 where anything failed; the report lies in `<out>/fuzz-http`.
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console

CHECKS = (
    *("not_a_server_error", "status_code_conformance"),
    *("content_type_conformance", "response_schema_conformance"),
)
EXPECTED = """[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503", "507"]
"""  # come again later; the quota of a collection is used up
SLOW = "(ask|completions|responses|embeddings)$"  # a model runs for each of their requests


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """The address of a server that takes as many requests as come."""
    footnote = [sys.executable, "-m", "footnote", "--store", str(store)]
    subprocess.run([*footnote, "add", "seeds"], check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = ("--port", str(port), "--rate-limit", "1000000/second")
    quiet = subprocess.DEVNULL
    config = store.parent / "footnote.toml"  # what is set over HTTP is written there
    config.touch()
    with subprocess.Popen(
        [*footnote, "--config", str(config), "serve", *limits], stdout=quiet, stderr=quiet
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 120
            while time.monotonic() < until:
                with suppress(httpx.TransportError):
                    if httpx.get(f"{address}/ready").status_code == 200:
                        break
                time.sleep(0.2)
            httpx.get(f"{address}/openapi.json", timeout=300)  # put together once
            yield address
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--examples", type=int, default=4000, help="of each operation, at most")
    parser.add_argument("--workers", type=int, default=1, help="requests at once")
    parser.add_argument("--seed", type=int, help="of what is generated; another each time without")
    parser.add_argument("--slow", action="store_true", help="those too that run a model")
    parser.add_argument("--out", type=Path, default=Path("results"))
    arguments = parser.parse_args()
    out = arguments.out / "fuzz-http"
    out.mkdir(parents=True, exist_ok=True)
    (out / "schemathesis.toml").write_text(EXPECTED, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "store") as address:
        command = [
            *(arguments.python, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"),
            *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)),
            *("--max-time", str(arguments.seconds), "-n", str(arguments.examples)),
            *("--continue-on-failure", "--request-timeout", "120", "--output-sanitize", "false"),
            *("--workers", str(arguments.workers)),
        ]
        if arguments.seed is not None:
            command += ["--seed", str(arguments.seed)]
        if not arguments.slow:
            command += ["--exclude-path-regex", SLOW]
        done = subprocess.run(command, capture_output=True, text=True, cwd=out, check=False)
        alive = httpx.get(f"{address}/ready", timeout=60).status_code == 200
    (out / "report.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    console = Console()
    summary = re.search(r"\d+ generated, .*", done.stdout)
    console.print(summary[0] if summary else done.stdout[-2000:], highlight=False)
    console.print(f"the server {'answers' if alive else 'answers no more'}; {out / 'report.txt'}")
    # what goes wrong in schemathesis itself, as on a busy machine, is in the report alone
    raise SystemExit(summary is None or " found " in summary[0] or not alive)


if __name__ == "__main__":
    main()
