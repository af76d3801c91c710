"""Kills what works on a store at random instants, and looks for what is lost, half or left over.

By turns: `add`, `sync`, a server that is given documents, one that is given large uploads (which a
process of its own adds), `backup`, `restore`, `export` and `import`, `reindex` and `compact`. Each
is ended by SIGKILL somewhere in the time that it takes. Afterwards every
document that was said to be stored is there, `check` finds nothing (but files of originals that
were not yet, or no more, of a document, which are counted), a backup or an export is whole or not
there, and within ten seconds no process of it is left. Ends with the exit code 1 where not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from api.uploads.folder_jobs import FolderJobs
from index.sqlite.store import SqliteStore

FILES = 30  # that are added at once
WORDS = "cat dog owl river budget meeting annual report winter garden engine".split()
LEFT = ("belongs to no document", "is of no document any more")
_ENDING_SECONDS = 10.0


_FORKING = """
import json, os, sys
from api.cli.main import main
import api.backups.backup, api.backups.restore, api.schemas, rag.build, rag.open_index
import index.ingest.exported, index.ingest.importing, index.load.sources, index.sync.sync

for line in sys.stdin:
    arguments, out = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stdin = open(os.devnull)
        sys.argv = ["footnote", *arguments]
        main()
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Forks:
    """Runs commands in processes that have imported everything, so that what is killed is at
    work."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _FORKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, arguments: list[str], out: Path, seconds: float) -> tuple[int, int]:
        """(process, exit code) of a command that is killed after so many seconds."""
        sent, told = self._process.stdin, self._process.stdout
        assert sent
        assert told
        sent.write(json.dumps([arguments, str(out)]).encode() + b"\n")
        sent.flush()
        process = int(told.readline())
        if not select.select([told], [], [], seconds)[0]:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(process, signal.SIGKILL)
        return process, int(told.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


class Kills:
    """The state of a run: what was promised, and what was found."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.chance = chance
        self.forks = Forks()
        self.promised: set[str] = set()
        self.usual: dict[str, float] = {}
        self.killed: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.strays = 0
        self._number = 0

    def new_files(self, name: str) -> Path:
        """A folder of new text files."""
        self._number += 1
        made = self.folder / f"{name}-{self._number}"
        made.mkdir()
        for number in range(FILES):
            self.write(made / f"{number}.txt")
        return made

    def write(self, path: Path) -> None:
        self._number += 1
        words = " ".join(self.chance.choices(WORDS, k=120))
        path.write_text(f"Paper {self._number}. {words}.", encoding="utf-8")

    def command(self, *arguments: object, store: Path | None = None) -> list[str]:
        where = ["--store", str(store or self.store)]
        return [sys.executable, "-m", "footnote", *where, *map(str, arguments)]

    def run(self, what: str, *arguments: object, store: Path | None = None) -> str:
        """What the command printed by the time that it was killed, or ended: the first of each kind
        ends by itself, which tells how long it takes, as do others that were sooner done than
        killed."""
        first = what not in self.usual
        moment = self.chance.uniform(0.2, 1.0) * self.usual.get(what, 0)
        out = self.folder / "out"
        began = time.monotonic()
        process, code = self.forks.run(
            self.command(*arguments, store=store)[3:], out, 300 if first else moment
        )
        if code == 0:
            self.usual[what] = time.monotonic() - began
        self.count(what, process, code)
        return out.read_text(encoding="utf-8")

    def count(self, what: str, process: int, code: int) -> None:
        if code == -signal.SIGKILL:
            self.killed[what] += 1
        elif code == 0:
            self.finished[what] += 1
        else:
            self.wrong.append(f"{what}: ended with {code}")
        if not is_gone(process):
            self.wrong.append(f"{what}: processes are left after {_ENDING_SECONDS:g} s")

    def look(self, what: str, folder: Path | None = None) -> set[str]:
        """The uris in a store, which is sound."""
        with closing(SqliteStore(folder or self.store, create=False)) as store:
            problems = store.check()
            with store.read() as snapshot:
                uris = {
                    uri for each in snapshot.documents(0, -1) for uri in (each.uri, *each.aliases)
                }
        self.strays += sum(line.rpartition("' ")[2].startswith(LEFT) for line in problems)
        self.wrong += [
            f"{what}: {line}" for line in problems if not line.rpartition("' ")[2].startswith(LEFT)
        ]
        return uris

    def require_promised(self, what: str) -> None:
        if lost := self.promised - self.look(what):
            self.wrong.append(f"{what}: {len(lost)} documents are lost, such as {min(lost)}")


def add(kills: Kills) -> None:
    out = kills.run("add", "add", kills.new_files("add"))
    kills.promised |= set(re.findall(r"^added .* chunks  (.*)$", out, re.MULTILINE))
    kills.require_promised("add")


def sync(kills: Kills) -> None:
    folder = kills.folder / "synced"
    if not folder.exists():
        kills.new_files("new").rename(folder)
    else:
        for path in kills.chance.sample(sorted(folder.iterdir()), 10):
            kills.write(path)
    kills.run("sync", "sync", folder)
    kills.require_promised("sync")


@contextmanager
def serving(kills: Kills, what: str, *flags: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a server that answers, and what kills it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with started(kills.command("serve", "--port", port, *flags)) as process:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if httpx.get(f"{address}/ready").status_code == 200:
                    break
            time.sleep(0.1)

        def kill() -> None:
            process.kill()
            process.wait()
            kills.count(what, process.pid, process.returncode)

        yield address, kill
        if process.poll() is None:
            process.kill()
            process.wait()


def serve(kills: Kills) -> None:
    files = sorted(kills.new_files("serve").iterdir())
    with serving(kills, "server") as (address, kill):
        until = time.monotonic() + kills.chance.uniform(0.1, 1.5)
        for path in files:
            sent = {"file": (f"{path.parent.name}/{path.name}", path.read_bytes(), "text/plain")}
            answer = httpx.post(f"{address}/v1/documents", files=sent, timeout=60)
            kills.promised |= {each["uri"] for each in answer.json()["documents"]}
            if time.monotonic() > until:
                break
        kill()
    kills.require_promised("server")


def jobs(kills: Kills) -> None:
    """What was taken is stored, or still to be added."""
    files = sorted(kills.new_files("job").iterdir())
    taken = set()
    with serving(kills, "jobs", "--background-mb", "0") as (address, kill):
        for path in files[:5]:
            name = f"{path.parent.name}/{path.name}"
            sent = {"file": (name, path.read_bytes(), "text/plain")}
            answer = httpx.post(f"{address}/v1/documents", files=sent, timeout=60)
            if answer.status_code == 202:
                taken.add(name)
        time.sleep(kills.chance.uniform(0, 4))
        kill()
    stored = kills.look("jobs")
    if lost := {name for name in taken - stored if not FolderJobs(kills.store).awaits([name])}:
        kills.wrong.append(f"jobs: {len(lost)} uploads are lost, such as {min(lost)}")
    with serving(kills, "jobs", "--background-mb", "0") as (address, _):
        until = time.monotonic() + 120
        while FolderJobs(kills.store).is_open() and time.monotonic() < until:
            time.sleep(0.2)
    kills.promised |= taken
    kills.require_promised("jobs")


def backup(kills: Kills) -> None:
    target = kills.folder / "backup"
    shutil.rmtree(target, ignore_errors=True)
    kills.run("backup", "backup", target)
    kills.require_promised("backup")
    if target.exists():
        shutil.rmtree(kills.folder / "other", ignore_errors=True)
        command = kills.command("restore", target, store=kills.folder / "other")
        if subprocess.run(command, capture_output=True, check=False).returncode:
            kills.wrong.append("backup: what is there can't be restored")
        elif lost := kills.promised - kills.look("backup", kills.folder / "other"):
            kills.wrong.append(f"backup: it lacks {len(lost)} documents")


def restore(kills: Kills) -> None:
    """Into a store that holds others, which is the one or the other."""
    target, other = kills.folder / "last backup", kills.folder / "restored"
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(kills.command("backup", target), capture_output=True, check=True)
    held = kills.look("restore")
    before = kills.look("restore", other) if other.exists() else set()
    kills.run("restore", "restore", target, "--replace", store=other)
    if (other / "footnote.sqlite3").exists():
        after = kills.look("restore", other)
        if after not in (held, before):
            kills.wrong.append(f"restore: {len(after)} documents are neither state")


def export(kills: Kills) -> None:
    file, other = kills.folder / "all.jsonl", kills.folder / "imported"
    kills.run("export", "export", file)
    if file.exists():
        last = file.read_bytes().splitlines()[-1]
        if "end" not in json.loads(last):
            kills.wrong.append("export: it has no end")
        kills.run("import", "import", file, store=other)
        if (other / "footnote.sqlite3").exists():
            kills.look("import", other)
    kills.require_promised("export")


def reindex(kills: Kills) -> None:
    kills.run("reindex", "reindex")
    kills.require_promised("reindex")


def compact(kills: Kills) -> None:
    kills.run("compact", "compact")
    kills.require_promised("compact")


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own."""
    yield subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def is_gone(session: int) -> bool:
    """Whether no process of a session is left, soon."""
    until = time.monotonic() + _ENDING_SECONDS
    while any(each == session for each in _sessions()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _sessions() -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            state, _, _, session, *_ = path.read_text().rpartition(") ")[2].split()
            if state != "Z":
                yield int(session)


KINDS = (add, sync, serve, jobs, backup, restore, export, reindex, compact)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0)
    names = [kind.__name__ for kind in KINDS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="KIND")
    arguments = parser.parse_args()
    kinds = [kind for kind in KINDS if kind.__name__ in arguments.only]
    until = time.monotonic() + arguments.seconds
    with tempfile.TemporaryDirectory() as folder:
        kills = Kills(Path(folder), random.Random(arguments.seed))
        while kills.killed.total() < arguments.kills and time.monotonic() < until:
            for kind in kinds:
                if time.monotonic() < until:
                    kind(kills)
            killed, wrong = kills.killed.total(), len(kills.wrong)
            print(f"{killed} kills so far, {wrong} wrong", file=sys.stderr, flush=True)
        kills.forks.close()
    table = Table("what", "killed", "ended by itself")
    for what in sorted({*kills.killed, *kills.finished}):
        table.add_row(what, str(kills.killed[what]), str(kills.finished[what]))
    console = Console()
    console.print(table)
    console.print(
        f"{kills.killed.total()} kills, {len(kills.promised)} documents promised, "
        f"{len(kills.wrong)} wrong, {kills.strays} times files of no document"
    )
    for line in kills.wrong:
        console.print(line, highlight=False)
    raise SystemExit(1 if kills.wrong else 0)


if __name__ == "__main__":
    main()
