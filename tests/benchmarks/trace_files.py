"""The files that a question enters between `POST /v1/ask` and SQLite and back, and those that a
path enters between `footnote add` and the committed row; the calls from one file to another, and
the transactions.

Both commands run as they do for a user, in this process, under a profile that sees every call into
`api/`, `rag/`, `index/` and `footnote/`. The question is the second one, so that what is loaded
once is loaded. What the processes that parse do is not counted: their files are entered in others.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path.cwd()
OURS = tuple(f"{ROOT / package}{os.sep}" for package in ("api", "rag", "index", "footnote"))
TEXT = "Ada Brandt kept the light at Varde. She sailed to Norway in May 1902. It has two piers."
FIRST, SECOND = "Who kept the light at Varde?", "When did Ada Brandt sail to Norway?"


class Tracer:
    """Counts while it is `on`."""

    def __init__(self) -> None:
        self.on = False
        self.clear()

    def clear(self) -> None:
        self.files: set[str] = set()
        self.moves: Counter[tuple[str, str]] = Counter()
        self.begun: Counter[str] = Counter()

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        if not self.on or event != "call" or not frame.f_code.co_filename.startswith(OURS):
            return
        here = frame.f_code.co_filename
        self.files.add(here)
        before = frame.f_back
        while before is not None and not before.f_code.co_filename.startswith(OURS):
            before = before.f_back
        if before is not None and before.f_code.co_filename != here:
            self.moves[before.f_code.co_filename, here] += 1

    def statement(self, sql: str) -> None:
        if self.on and sql.upper().startswith("BEGIN"):
            self.begun[" ".join(sql.upper().split()[:2])] += 1

    def tell(self, what: str) -> None:
        pairs, calls = len(self.moves), sum(self.moves.values())
        begun = ", ".join(f"{count} {sql}" for sql, count in sorted(self.begun.items()))
        print(f"{what}: {len(self.files)} files, {pairs} pairs of them, {calls} calls; {begun}")
        if "--files" in sys.argv:
            print(*sorted(str(Path(name).relative_to(ROOT)) for name in self.files), sep="\n")


def observed(tracer: Tracer) -> None:
    """Has every connection to SQLite tell what it runs, and every thread whom it calls."""
    connect = sqlite3.connect

    def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:
        db = connect(*arguments, **named)
        db.set_trace_callback(tracer.statement)
        return db

    sqlite3.connect = connected  # type: ignore[assignment]
    threading.setprofile(tracer.profile)
    sys.setprofile(tracer.profile)


def command(*words: str) -> int:
    from api.cli.main import main

    sys.argv[1:] = [*words]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def ask(url: str, question: str) -> bool:
    """Whether it is answered."""
    body = json.dumps({"question": question}).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return bool(json.load(answer)["answered"])


def questions(tracer: Tracer, url: str) -> None:
    """Asks twice, tells of the second, and ends this process with the server in it."""
    sys.setprofile(None)  # this thread is the client
    until = time.monotonic() + 120
    while True:
        try:
            ask(url, FIRST)
            break
        except urllib.error.URLError:
            if time.monotonic() > until:
                os._exit(1)
            time.sleep(0.2)
    time.sleep(1)  # what the first question left to be done is done
    tracer.on = True
    answered = ask(url, SECOND)
    time.sleep(0.5)
    tracer.on = False
    tracer.tell("POST /v1/ask" if answered else "POST /v1/ask, not answered")
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    options, tracer = sys.argv[1:], Tracer()
    sys.path.insert(0, str(ROOT))
    observed(tracer)
    folder = Path(tempfile.mkdtemp())
    store = ["--store", str(folder / "store")]
    for number in range(2):
        (folder / f"{number}.txt").write_text(f"{TEXT} Note {number}.", encoding="utf-8")
        tracer.clear()
        tracer.on = True
        command(*store, "add", str(folder / f"{number}.txt"))
        tracer.on = False
        sys.argv[1:] = options
    tracer.tell("footnote add")
    tracer.clear()
    port = 8790
    threading.Thread(
        target=questions, args=(tracer, f"http://127.0.0.1:{port}/v1/ask"), daemon=True
    ).start()
    command(*store, "serve", "--port", str(port))


if __name__ == "__main__":
    main()
