"""What is typed around the questions: versions, names that lead nowhere, and what is removed."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from support import WordEmbedder, make_document

from api.cli import main as cli
from api.cli.serve import may_begin
from api.uploads.folder_jobs import FolderJobs
from api.uploads.jobs import Upload
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.open_index import open_index
from rag.settings import Settings

ROOT = Path(__file__).parents[3]
Run = Callable[..., tuple[int, str, str]]
URIS = (
    *("hr/leave.md", "hr/pay/2023.pdf", "hr/pay/2024.pdf", "hrx/leave.md"),
    *("a.zip!/x.txt", "a.zip!/in/y.txt", "plans [old].md"),
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: exit code, what it printed, its messages."""
    monkeypatch.setattr(os, "nice", lambda steps: 0)

    class Typed(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    def run(
        *arguments: str | Path, stdin: str = "", terminal: bool = False
    ) -> tuple[int, str, str]:
        kind = Typed if terminal else io.TextIOWrapper
        monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", kind(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store as the settings make it, with nothing embedded by a model: a document has no text
    that is asked for."""
    folder = tmp_path / "store"
    named = open_index(Settings(store=folder))
    embedder = WordEmbedder(named.embedder.name, dim=384)
    named.close()
    index = Index(SqliteStore(folder), embedder, Chunking(200, 40))
    list(index.add(make_document(uri, f"The text of {uri}.") for uri in URIS))
    index.close()
    return folder


def left(store: Path) -> list[str]:
    index = open_index(Settings(store=store), create=False)
    uris = [each.uri for each in index.documents()]
    index.close()
    return uris


# --- removing ---


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("hr", ["hr/leave.md", "hr/pay/2023.pdf", "hr/pay/2024.pdf"]),
        ("hr/pay/", ["hr/pay/2023.pdf", "hr/pay/2024.pdf"]),
        ("*.md", ["plans [old].md"]),
        ("**.md", ["hr/leave.md", "hrx/leave.md", "plans [old].md"]),
        ("**/leave.md", ["hr/leave.md", "hrx/leave.md"]),
        ("hr/*/202?.pdf", ["hr/pay/2023.pdf", "hr/pay/2024.pdf"]),
        ("a.zip", ["a.zip!/x.txt", "a.zip!/in/y.txt"]),
        ("plans [old].md", ["plans [old].md"]),
    ],
)
def test_folders_globs_and_archives_are_removed(
    run: Run, store: Path, name: str, gone: list[str]
) -> None:
    code, out, _ = run("--store", store, "remove", name, "--dry-run")
    assert (code, out) == (0, "".join(f"would remove  {uri}\n" for uri in gone))
    assert left(store) == list(URIS)
    code, out, _ = run("--store", store, "remove", name)
    assert (code, out) == (0, "".join(f"removed  {uri}\n" for uri in gone))
    assert left(store) == [uri for uri in URIS if uri not in gone]


def test_a_name_that_matches_nothing_is_told_and_the_others_go(run: Run, store: Path) -> None:
    code, out, err = run("--store", store, "remove", "hr/l", "hr/leave.md", "*.doc", "--json")
    assert code == 1
    assert [each["name"] for each in json.loads(out)["removed"]] == ["hr/leave.md"]
    assert [each["uri"] for each in json.loads(out)["errors"]] == ["hr/l", "*.doc"]
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize("answer", [True, False])
def test_more_than_a_handful_are_asked_about_on_a_terminal(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    asked: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return answer

    monkeypatch.setattr(typer, "confirm", confirm)
    code, out, _ = run("--store", store, "remove", "**", terminal=True)
    assert asked == ["… and 2 more. Remove these 7 documents?"]
    assert out.startswith("".join(f"  {uri}\n" for uri in URIS[:5]))
    assert out.count(URIS[5]) == (1 if answer else 0)
    assert (code, len(left(store))) == ((0, 0) if answer else (1, 7))
    code, _, _ = run("--store", store, "remove", "hr", "--yes", terminal=True)
    assert code == (1 if answer else 0)
    assert len(asked) == 1


def test_what_is_removed_does_not_come_back_from_a_pending_upload(run: Run, store: Path) -> None:
    jobs = FolderJobs(store)
    jobs.submit([Upload("hr/leave.md", io.BytesIO(b"newer"))])
    assert run("--store", store, "remove", "hr")[0] == 0
    task = jobs.take()
    assert task is not None
    assert "hr/leave.md" in jobs.withdrawn(task)


# --- names that lead nowhere ---


@pytest.mark.parametrize(
    "command",
    [
        *(["ask", "Why?"], ["search", "why"], ["chat"], ["list"], ["check"], ["remove", "x"]),
        *(["serve"], ["mcp"], ["reindex"]),
    ],
)
def test_a_mistyped_store_is_told_and_not_made(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    code, out, err = run("--store", tmp_path / "stoer", *command, "--port", "0")
    assert (code, out if command != ["serve"] else "") == (1, "")
    assert f"there is no store in '{tmp_path / 'stoer'}'" in err
    assert not (tmp_path / "stoer").exists()


def test_an_eval_of_ones_own_store_makes_none(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "own.jsonl"
    questions.write_text('{"question": "Why?", "answers": ["because"]}\n', "utf-8")
    code, _, err = run("--store", tmp_path / "stoer", "eval", questions)
    assert (code, "there is no store in" in err) == (1, True)
    assert not (tmp_path / "stoer").exists()


def test_where_a_server_may_begin_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTNOTE_STORE", raising=False)
    assert may_begin(Settings())
    assert may_begin(Settings(store=tmp_path))  # an empty folder, such as a fresh volume
    (tmp_path / "keys.sqlite3").touch()
    assert may_begin(Settings(store=tmp_path))  # whose keys were made before it
    assert not may_begin(Settings(store=tmp_path / "stoer"))
    (tmp_path / "letter.txt").write_bytes(b"no store")
    assert not may_begin(Settings(store=tmp_path))
    monkeypatch.setenv("FOOTNOTE_STORE", str(tmp_path / "stoer"))
    assert not may_begin(Settings())


def test_a_port_that_is_taken_is_told_in_one_line(run: Run, store: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = run("--store", store, "serve", "--port", str(port))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(f"footnote: port {port} of 127.0.0.1 cannot be served on")
    assert "--port" in err


# --- small things ---


def test_the_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"footnote {version('footnote')}\n", "")
    assert run("-h")[1] == run("--help")[1]
    assert "--dry-run" in run("remove", "-h")[1]


def test_shells_complete_commands() -> None:
    environment = {
        **os.environ,
        "_FOOTNOTE_COMPLETE": "complete_bash",
        "COMP_WORDS": "footnote re",
        "COMP_CWORD": "1",
    }
    code = "import sys; sys.argv = ['footnote']; from api.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == ["remove", "reindex", "restore"]


def test_a_question_from_stdin(run: Run, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "store")
    text = "The Eiffel Tower was built in 1889."
    assert run(*where, "add", "-", "--uri", "tower", stdin=text)[0] == 0
    code, out, _ = run(*where, "ask", "-", stdin="When was the Eiffel Tower built?\n")
    assert (code, "1889" in out, ", confidence 0." in out) == (0, True, True)


def test_lines_that_are_typed_are_kept_for_the_next_chat(tmp_path: Path) -> None:
    """At a terminal of its own, as readline needs one."""
    pty = pytest.importorskip("pty")
    code = (
        "from api.cli.lines import edit_lines\n"
        "edit_lines()\n"
        "print('got', input('> '), flush=True)\n"
    )
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"}

    def typed(keys: bytes) -> bytes:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment,
            cwd=ROOT,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        seen = b""
        while b"> " not in seen:
            seen += os.read(ours, 1024)
        os.write(ours, keys)
        until = time.monotonic() + 60
        while b"got " not in seen and time.monotonic() < until:
            seen += os.read(ours, 1024)
        while b"\n" not in seen.rpartition(b"got ")[2]:
            seen += os.read(ours, 1024)
        process.wait(60)
        os.close(ours)
        return seen.rpartition(b"got ")[2].split(b"\r\n")[0]

    assert typed(b"Whp\x7fo?\n") == b"Who?"
    assert typed(b"\x1b[A\n") == b"Who?"  # arrow up
