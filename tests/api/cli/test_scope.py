"""Asking a part of the store, and its collections, as it is typed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import main

Run = Callable[..., tuple[int, Any, str]]
LEAVE = "How many days of leave are there a year?"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command on one store, from the folder of its documents: exit code, JSON document (or
    what was printed where there is none) and messages."""
    for folder, days in (("hr", 28), ("hrx", 30)):
        (tmp_path / folder).mkdir()
        text = f"Staff have {days} days of leave a year."
        (tmp_path / folder / "leave.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "nice", lambda steps: 0)

    def run(*arguments: str) -> tuple[int, Any, str]:
        monkeypatch.setattr(sys, "argv", ["footnote", "--store", "store", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        found = json.loads(out) if "--json" in arguments and out else out
        return int(ended.value.code or 0), found, err

    return run


def test_a_part_is_a_folder_a_glob_or_a_collection(run: Run) -> None:
    assert run("add", "hr", "--collection", "people")[0] == 0
    assert run("add", "hrx")[0] == 0
    for place in ("hr/", "./hr/", "hr/*.txt", "people"):
        code, answer, _ = run("ask", LEAVE, "--in", place, "--json")
        assert (code, {c["uri"] for c in answer["citations"]}) == (0, {"hr/leave.txt"}), place
    code, found, _ = run("search", "leave", "--in", "hrx/", "--json")
    assert [p["uri"] for p in found["passages"]] == ["hrx/leave.txt"]
    code, listed, _ = run("list", "--in", "people", "--json")
    assert [d["uri"] for d in listed["documents"]] == ["hr/leave.txt"]
    code, _, told = run("ask", LEAVE, "--in", "hr")
    assert (code, told.count("\n")) == (2, 1)
    assert "no collection 'hr'; those there are: 'people' (a folder is written 'hr/')" in told
    code, _, told = run("ask", LEAVE, "--in", "hr/", "--filter", '{"uri": "x"}')
    assert (code, "both speak of the uri" in told) == (2, True)
    lines = json.dumps({"id": "1", "question": LEAVE, "answers": ["30 days"], "answerable": True})
    Path("asked.jsonl").write_text(lines, encoding="utf-8")
    for place, right in (("hrx/", 1.0), ("hr/", 0.0)):
        run("eval", "asked.jsonl", "--in", place, "--compare", "none", "--report", f"r-{right}")
        (record,) = Path(f"r-{right}/questions.jsonl").read_text(encoding="utf-8").splitlines()
        quotes = [each["quote"] for each in json.loads(record)["citations"]]
        assert any("30 days" in quote for quote in quotes) == bool(right)


def test_a_collection_is_kept_by_one_command(run: Run) -> None:
    run("add", "hr", "hrx")
    code, made, _ = run("collection", "create", "people", "hr/leave.txt", "--json")
    assert (code, made["collections"][0]["documents"]) == (0, 1)
    assert run("collection", "add", "people", "hrx/", "--json")[1]["collections"][0] == {
        **made["collections"][0],
        "documents": 2,
        "chunks": 2,
        "folders": ["hrx/"],
    }
    assert run("collection")[1].split() == ["people", "2", "2", "hrx/"]
    run("collection", "remove", "people", "hrx/")
    run("collection", "rename", "people", "staff")
    assert run("collection", "list")[1].split() == ["staff", "1", "1"]
    assert run("collection", "delete", "staff")[1] == "deleted  staff\n"
    assert run("collection", "--json")[1] == {"collections": []}
    for wrong, words in (
        (("create",), "write `footnote collection create NAME [ID|URI|FOLDER/…]`"),
        (("add", "x"), "write `footnote collection add NAME ID|URI|FOLDER/…`"),
        (("add", "x", "y"), "there is no collection 'x'; those there are: none"),
        (("create", "a/b"), "without /, * and ?"),
    ):
        code, _, told = run("collection", *wrong)
        assert (code, words in told) == (2, True), told


def test_a_synced_folder_feeds_a_collection(run: Run) -> None:
    assert run("sync", "hr", "--collection", "people")[0] == 0
    run("add", "hrx")
    Path("hr/pay.txt").write_text("Staff are paid on the 25th.", encoding="utf-8")
    Path("hr/leave.txt").unlink()
    run("sync", "hr")
    _, listed, _ = run("list", "--in", "people", "--json")
    assert [Path(d["uri"]).name for d in listed["documents"]] == ["pay.txt"]


def test_nothing_found_says_why(run: Run) -> None:
    run("add", "hr")
    run("collection", "create", "later")
    code, found, told = run("search", "leave", "--in", "later", "--json")
    assert (code, found["passages"]) == (0, [])
    assert "collection 'later': it is empty" in found["note"]
    assert "collection 'later': it is empty" in told
    code, out, _ = run("ask", LEAVE, "--in", "later")
    assert (code, "collection 'later': it is empty" in out) == (3, True)
