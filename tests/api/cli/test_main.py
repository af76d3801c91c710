"""The `footnote` command on a real store with the packaged embedder."""

from __future__ import annotations

import io
import json
import math
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import main
from api.cli.terminal import visible

TOWER = "The Eiffel Tower was built in 1889 for the World's Fair. It is 330 metres tall."
LOUVRE = "The Louvre in Paris is the most visited museum of the world."
COMMAND = str(Path(sys.executable).parent / "footnote")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process, whose priority it leaves alone."""

    def run(*arguments: str | Path, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        out, err = capfd.readouterr()
        return Ran(code if isinstance(code, int) else 0, out, err)

    monkeypatch.setattr(os, "nice", lambda steps: 0)
    for name in os.environ:
        if name.startswith("FOOTNOTE_"):
            monkeypatch.delenv(name)
    return run


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "tower.txt").write_text(TOWER, encoding="utf-8")
    (folder / "louvre.md").write_text(f"# Museums\n\n{LOUVRE}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def store(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store made by the installed command; tests that change it make their own."""
    folder = tmp_path_factory.mktemp("cli") / "store"
    subprocess.run([COMMAND, "--store", folder, "add", notes], check=True, capture_output=True)
    return folder


# --- adding and keeping ---


def test_add_names_what_it_cannot_read_and_goes_on(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TOWER, encoding="utf-8")
    (folder / "b.xyz").write_bytes(b"\0\1\2")
    (folder / "empty.txt").write_bytes(b"")
    missing = tmp_path / "missing.txt"
    found = run("add", missing, folder, "--store", tmp_path / "store", "--json")
    assert found.code == 1
    assert [(each["uri"], each["status"]) for each in found.json["documents"]] == [
        ((folder / "a.txt").as_posix(), "added")
    ]
    assert [Path(each["uri"]).name for each in found.json["errors"]] == [
        "missing.txt",
        "b.xyz",
        "empty.txt",
    ]
    assert [line.split(":")[0] for line in found.err.splitlines()] == ["footnote"] * 3
    assert "does not exist" in found.err


def test_add_again_changes_nothing_and_an_edit_replaces(run: Run, tmp_path: Path) -> None:
    path, where = tmp_path / "a.txt", ("--store", tmp_path / "store")
    path.write_text(TOWER, encoding="utf-8")
    assert run(*where, "add", path).out.split()[0] == "added"
    assert run("add", path, *where).out.split()[0] == "unchanged"
    path.write_text(LOUVRE, encoding="utf-8")
    assert run("add", path, *where).out.split()[0] == "replaced"


def test_add_from_stdin(run: Run, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "store")
    found = run("add", "-", "--uri", "note-1", "--json", *where, stdin=TOWER)
    assert (found.code, found.json["documents"][0]["uri"]) == (0, "note-1")
    assert run("list", "--json", *where).json["documents"][0]["characters"] == len(TOWER)


def test_an_archive_is_added_shown_with_its_rows_and_removed(run: Run, tmp_path: Path) -> None:
    path, where = tmp_path / "a.zip", ("--store", tmp_path / "store")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("towers.csv", "Tower,Height\nEiffel,330\nTokyo Skytree,634\n")
        archive.writestr("bad.docx", "no archive")
    found = run("add", path, "https://example.org/a.pdf", "--json", *where)
    assert found.code == 1
    member = f"{path.as_posix()}!/towers.csv"
    assert [each["uri"] for each in found.json["documents"]] == [member]
    assert [each["uri"] for each in found.json["errors"]] == [
        "https://example.org/a.pdf",
        f"{path.as_posix()}!/bad.docx",
    ]
    assert "nothing is fetched" in found.err
    assert "towers, row 1 — " in run("search", "Tokyo Skytree", *where).out
    loose = tmp_path / "loose.csv"
    loose.write_text("Tower,Height\nEiffel,330\nTokyo Skytree,634\n", encoding="utf-8", newline="")
    assert run("add", loose, *where).code == 0
    assert run("remove", path.as_posix(), *where).out == f"removed  {member}\n"
    listed = run("list", "--json", *where).json["documents"]
    assert [each["uri"] for each in listed] == [loose.as_posix()]
    assert run("remove", loose.as_posix(), *where).code == 0
    assert run("list", "--json", *where).json["total"] == 0


def test_the_limits_of_parsing_are_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, where = tmp_path / "a.txt", ("--store", tmp_path / "store")
    path.write_text(TOWER, encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_PARSE_CHARACTERS", "20")
    assert "more than the 20 characters" in run("add", path, *where).err
    assert run("add", path, "--parse-characters", "1000", *where).code == 0


def test_list_shows_whole_uris_and_json(run: Run, store: Path, notes: Path) -> None:
    uris = {(notes / name).as_posix() for name in ("tower.txt", "louvre.md")}
    plain = run("list", "--store", store)
    assert plain.code == 0
    assert all(uri in plain.out for uri in uris)
    listed = run("list", "--json", "--store", store).json
    assert listed["total"] == 2
    assert {each["uri"] for each in listed["documents"]} == uris


def test_original_gives_the_file_back(run: Run, tmp_path: Path) -> None:
    file, store, back = tmp_path / "t.txt", tmp_path / "s", tmp_path / "back.txt"
    file.write_bytes(TOWER.encode() + b"\r\n")
    assert run("add", file, "--store", store).code == 0
    file.unlink()
    piped = run("original", file, "--store", store)
    assert piped.out == f"{TOWER}\r\n"
    named = run("original", file, "-o", back, "--store", store, "--json")
    assert (named.json["bytes"], named.json["file"]) == (len(TOWER) + 2, str(back))
    assert back.read_bytes() == TOWER.encode() + b"\r\n"
    assert run("original", named.json["id"], "-o", tmp_path, "--store", store).code == 1
    wrong = run("original", file, "--store", store, "--json")
    assert (wrong.code, wrong.err.count("name one to write with -o FILE")) == (2, 1)
    assert run("remove", file, "--store", store).code == 0
    assert "no document has the id or uri" in run("original", file, "--store", store).err


def test_remove_by_uri_and_id(run: Run, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "store")
    run("add", "-", "--uri", "one", *where, stdin=TOWER)
    run("add", "-", "--uri", "two", *where, stdin=LOUVRE)
    two = run("list", "--json", *where).json["documents"][1]["id"]
    found = run("remove", "one", "nothing", two, "--json", *where)
    assert found.code == 1
    assert [each["name"] for each in found.json["removed"]] == ["one", two]
    assert [each["uri"] for each in found.json["errors"]] == ["nothing"]
    assert run("list", "--json", *where).json["total"] == 0


def test_check(run: Run, store: Path) -> None:
    found = run("check", "--json", "--store", store)
    assert (found.code, found.json["problems"], found.json["documents"]) == (0, [], 2)
    view = found.json["view"]
    assert (view["index"].split(",")[0], view["vectors"]) == ("flat", found.json["chunks"])


def test_check_fails_on_a_broken_store(run: Run, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "store")
    run("add", "-", *where, stdin=TOWER)
    connection = sqlite3.connect(tmp_path / "store" / "footnote.sqlite3")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM documents")
    connection.commit()
    connection.close()
    found = run("check", *where)
    assert found.code == 1
    assert " 0 problems" not in found.out


def test_reindex_with_another_chunking(run: Run, tmp_path: Path) -> None:
    where = ("--store", tmp_path / "store")
    run("add", "-", *where, stdin=" ".join(f"Town {n} lies on the river." for n in range(20)))
    refused = run("search", "river", "--chunk-tokens", "32", "--chunk-overlap", "0", *where)
    assert refused.code == 1
    assert "footnote reindex" in refused.err
    small = ("--chunk-tokens", "32", "--chunk-overlap", "0")
    assert run("reindex", "--json", *small, *where).json["chunks"] > 1
    assert run("search", "river", *small, *where).code == 0


# --- asking ---


def test_search(run: Run, store: Path, notes: Path) -> None:
    found = run("search", "how tall is the tower", "-k", "1", "--json", "--store", store)
    assert found.code == 0
    (passage,) = found.json["passages"]
    assert (passage["uri"], passage["rank"]) == ((notes / "tower.txt").as_posix(), 1)
    assert passage["text"] == TOWER


def test_search_with_a_filter(run: Run, store: Path, notes: Path) -> None:
    uri = (notes / "louvre.md").as_posix()
    found = run("search", "tower", "--filter", json.dumps({"uri": uri}), "--json", "--store", store)
    assert {each["uri"] for each in found.json["passages"]} == {uri}


def test_ask_answers_with_footnotes(run: Run, store: Path) -> None:
    asked = ("ask", "When was the Eiffel Tower built?", "--min-confidence", "0", "--store", store)
    plain = run(*asked)
    assert plain.code == 0
    assert "1889 for the World's Fair. [1]" in plain.out
    assert "“The Eiffel Tower was built in 1889 for the World's Fair.”" in plain.out
    found = run(*asked, "--json").json
    assert found["answered"] is True
    assert found["citations"][0]["quote"] in TOWER


def test_ask_exits_with_3_when_it_does_not_know(run: Run, store: Path) -> None:
    asked = ("ask", "What is the capital of Australia?", "--min-confidence", "1")
    plain = run(*asked, "--store", store)
    assert plain.code == 3
    assert "Nearest passages" in plain.out
    found = run(*asked, "--json", "--store", store)
    assert (found.code, found.json["answered"], found.json["citations"]) == (3, False, [])


def test_chat_keeps_the_history(run: Run, store: Path) -> None:
    questions = "When was the Eiffel Tower built?\nHow tall is it?\n"
    found = run("chat", "--json", "--min-confidence", "0", "--store", store, stdin=questions)
    first, second = found.json["answers"]
    assert "1889" in first["answer"]
    assert "330" in second["answer"]
    assert "Eiffel" in second["question"]


def test_a_question_is_asked_exactly_as_written(run: Run, store: Path) -> None:
    where = ("--min-confidence", "0", "--store", store)
    said = "Hello! How tall is it?"
    understood = run("ask", said, *where).out
    assert understood.startswith("Understood as: How tall is it?")
    assert "Understood as" not in run("ask", said, "--as-written", *where).out
    questions = f"When was the Eiffel Tower built?\nHow tall is it?\n=\n= {said}\n"
    answers = run("chat", "--json", *where, stdin=questions).json["answers"]
    asked = [each["question"] for each in answers]
    assert "Eiffel" in asked[1]
    assert asked[2:] == ["How tall is it?", said]
    plain = run("chat", *where, stdin=f"{said}\n")
    assert "(a line of = asks it exactly as written)" in plain.out


def test_what_documents_hold_cannot_drive_the_terminal(run: Run, tmp_path: Path) -> None:
    assert visible("a\x1b[2Jb\tc\nd\x07\x9b") == "a�[2Jb\tc\nd��"
    where = ("--store", tmp_path / "store")
    run("add", "-", "--uri", "[red]x[/red]", *where, stdin="Mark [bold]up[/bold] is text.")
    assert "[bold]up[/bold]" in run("search", "mark up", *where).out
    assert "[red]x[/red]" in run("list", *where).out


# --- settings ---


@pytest.mark.parametrize("first", [True, False])
def test_flags_before_and_after_the_command(run: Run, store: Path, first: bool) -> None:
    flags = ("--store", store, "--json")
    found = run(*flags, "list") if first else run("list", *flags)
    assert found.json["total"] == 2


def test_a_flag_after_the_command_wins(run: Run, store: Path, tmp_path: Path) -> None:
    assert run("--store", tmp_path / "none", "list", "--store", store).code == 0


def test_settings_from_environment_and_file(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_STORE", str(store))
    assert run("list", "--json").json["total"] == 2
    monkeypatch.delenv("FOOTNOTE_STORE")
    config = tmp_path / "my.toml"
    config.write_text(f"store = {json.dumps(str(store))}\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_CONFIG", "unused")  # the flag wins, and pytest undoes it
    assert run("--config", config, "list", "--json").json["total"] == 2


def test_a_wrong_setting_is_named_on_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PORT", "eighty")
    found = run("list")
    assert (found.code, found.out) == (2, "")
    assert len(found.err.splitlines()) == 1
    assert found.err.startswith("footnote: setting port is 'eighty'")
    assert "FOOTNOTE_PORT" in found.err
    monkeypatch.delenv("FOOTNOTE_PORT")
    config = tmp_path / "bad.toml"
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(config))
    config.write_text("stoer = 'x'\n", encoding="utf-8")
    assert "there is no setting 'stoer'" in run("list").err
    config.write_text("store = \n", encoding="utf-8")
    found = run("list")
    assert (found.code, len(found.err.splitlines())) == (2, 1)
    assert "not TOML" in found.err


# --- errors and exit codes ---


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["list"], 1, "there is no store"),
        (["check"], 1, "there is no store"),
        (["reindex"], 1, "there is no store"),
        (["ask", "  "], 2, "question is empty"),
        (["ask", "Why?", "-k", "0"], 2, "k is 0"),
        (["search", "x", "--filter", "{"], 2, "not JSON"),
        (["search", "x", "--filter", "[]"], 2, "no object"),
        (["eval", "missing.json"], 2, "missing.json"),
        (["nonsense"], 2, "nonsense"),
        (["list", "--nonsense"], 2, "--nonsense"),
        (["--config", "missing.toml", "list"], 2, "missing.toml"),
    ],
)
def test_errors_go_to_stderr(
    run: Run, store: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    where = tmp_path / "none" if message == "there is no store" else store
    found = run("--store", where, *arguments)
    assert (found.code, found.out) == (code, "")
    assert message in found.err
    assert "Traceback" not in found.err


def test_interrupted(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(io, "BytesIO", Interrupted)
    found = run("add", "-", "--store", tmp_path / "store")
    assert (found.code, found.out) == (130, "")
    assert "Traceback" not in found.err


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_closed_pipe_is_no_error(store: Path, form: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        found = subprocess.run(
            [COMMAND, "list", "--store", store, *form], stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert found.stderr == b""


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["remove", "nothing"]])
def test_nothing_heavy_is_loaded_to_look_at_the_store(store: Path, arguments: list[str]) -> None:
    script = (
        "import sys; from api.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'faiss', 'fastapi'}\n"
        "sys.exit(len(heavy & sys.modules.keys()))"
    )
    environment = {**os.environ, "FOOTNOTE_STORE": str(store)}
    found = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment, capture_output=True
    )
    assert found.returncode == 0


@pytest.mark.parametrize(
    "command",
    "add list remove search ask chat serve mcp eval check reindex".split(),
)
def test_every_command_has_help(run: Run, command: str) -> None:
    found = run(command, "--help")
    assert found.code == 0
    assert "--store" in found.out
    assert "--json" in found.out
    assert ("--port" in found.out) is (command in ("serve", "mcp"))


# --- eval and serve ---


def squad(folder: Path) -> Path:
    rows = [
        {
            "id": "built",
            "question": "When was the Eiffel Tower built?",
            "answers": [{"text": "1889", "answer_start": 30}],
        },
        {"id": "no", "question": "Who is Ada?", "answers": [], "is_impossible": True},
    ]
    paragraphs = [{"context": TOWER, "qas": rows}, {"context": LOUVRE, "qas": []}]
    path = folder / "mini.json"
    path.write_text(json.dumps({"data": [{"title": "Paris", "paragraphs": paragraphs}]}), "utf-8")
    return path


def test_eval_of_a_squad_file(run: Run, tmp_path: Path) -> None:
    report, kept = tmp_path / "report", tmp_path / "kept"
    arguments = ("eval", squad(tmp_path), "--report", report, "--keep-store", kept, "--json")
    found = run(*arguments)
    assert found.code == 0
    figures = found.json
    assert (figures["questions"], figures["answerable"], figures["failed"]) == (2, 1, 0)
    assert (figures["store"]["documents"], figures["store"]["added"]) == (2, 2)
    assert list(figures["retrieval"]) == ["convex", "dense", "lexical"]
    assert figures["retrieval"]["convex"]["recall_at_1"] == 1
    assert figures["answers"]["sentence_accuracy"] == 1
    assert json.loads((report / "figures.json").read_text("utf-8")) == figures
    lines = (report / "questions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["built", "no"]
    refused = run(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "holds a report already; name another folder" in refused.err
    again = ("eval", squad(tmp_path), "--against", report, "--keep-store", kept, "--json")
    found = run(*again).json
    assert found["store"]["added"] == 0
    assert found["against"] == {"questions": 2, "won": [], "lost": [], "p_value": 1.0}


def test_eval_of_a_beir_folder_only_searches(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mini"
    folder.mkdir()
    rows = [{"_id": "t", "title": "", "text": TOWER}, {"_id": "l", "title": "", "text": LOUVRE}]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "a museum to visit"}', "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tl\t1\n", "utf-8")
    found = run("eval", folder, "--compare", "reciprocal_rank", "--json").json
    assert found["answers"] is None
    assert list(found["retrieval"]) == ["convex", "reciprocal_rank"]
    assert found["retrieval"]["convex"]["ndcg_at_10"] == 1


def test_eval_of_json_lines_asks_the_store(
    run: Run, store: Path, notes: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.jsonl"
    row = {
        "question": "How tall is the Eiffel Tower?",
        "answers": ["330 metres"],
        "relevant": [(notes / "tower.txt").as_posix()],
    }
    path.write_text(json.dumps(row) + '\n{"id": "bad", "question": " "}\n', "utf-8")
    found = run("eval", path, "--store", store, "--json")
    assert found.code == 1  # the empty question failed
    assert "footnote: question bad failed: InvalidQuestion" in found.err
    assert found.json["failed"] == 1
    assert found.json["retrieval"]["convex"]["recall_at_1"] == 1
    assert found.json["answers"]["citation_recall"] is not None
    plain = run("eval", path, "--store", store)
    assert "sentence accuracy" in plain.out


def test_eval_fits_the_confidence_to_a_store_which_forgets_it_when_told(
    run: Run, store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.jsonl"
    asked = {"question": "How tall is the Eiffel Tower?", "answers": ["330 metres"]}
    foreign = {"question": "Who invented the telephone?", "answerable": False}
    path.write_text("\n".join(json.dumps(row) for row in [asked, foreign] * 15), "utf-8")
    refused = run("eval", squad(tmp_path), "--fit", "--store", store)
    assert (refused.code, "give JSON lines" in refused.err) == (2, True)
    before = run("ask", asked["question"], "--store", store, "--json").json["confidence"]
    fitted = run("eval", path, "--fit", "--compare", "none", "--store", store, "--json").json[
        "fitted"
    ]
    assert (fitted["questions"], fitted["reader"]) == (30, "footnote-reader")
    after = run("ask", asked["question"], "--store", store, "--json").json["confidence"]
    logit = fitted["scale"] * math.log(before / (1 - before)) + fitted["offset"]
    assert after == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)
    assert run("eval", path, "--forget-fit", "--compare", "none", "--store", store).code == 0
    assert run("ask", asked["question"], "--store", store, "--json").json["confidence"] == before


def test_eval_proposes_questions_that_it_then_calls_unchecked(
    run: Run, store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "proposed.jsonl"
    assert run("eval", path, "--make", "2", "--store", store, "--json").json["questions"] == 2
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [row["checked"] for row in rows] == [False, False]
    assert all(row["answers"][0] in row["evidence"][0] for row in rows)
    assert "is there already" in run("eval", path, "--make", "2", "--store", store).err
    asked = run("eval", path, "--compare", "none", "--store", store)
    assert "2 of the questions were proposed and nobody has checked them" in asked.err


@pytest.mark.parametrize("command", [["serve"], ["mcp", "--http"]], ids=" ".join)
def test_nothing_is_served_to_others_unasked(run: Run, store: Path, command: list[str]) -> None:
    found = run(*command, "--host", "0.0.0.0", "--port", "0", "--store", store)
    assert found.code == 2
    assert "'0.0.0.0'" in found.err
    assert "--allow-anonymous" in found.err


def test_serve_answers_on_the_port(store: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [COMMAND, "serve", "--port", str(port), "--store", str(store)]
    arguments += ["--allowed-hosts", "footnote.example", "--allow-anonymous"]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        health = _when_up(f"http://127.0.0.1:{port}/health", server)
        assert (health["status"], health["documents"]) == ("ok", 2)
    finally:
        server.terminate()
        server.communicate(timeout=60)


def _when_up(url: str, server: subprocess.Popen[bytes]) -> Any:
    for _ in range(600):
        assert server.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not come up")
