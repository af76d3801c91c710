"""The commands that keep a store: their words and exit codes."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from api.cli import main as cli
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.open_index import open_index
from rag.settings import Settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: exit code, what it printed, its messages."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store as the settings make it, with nothing embedded by a model."""
    folder = tmp_path / "store"
    named = open_index(Settings(store=folder))
    embedder = WordEmbedder(named.embedder.name, dim=384)
    named.close()
    index = Index(SqliteStore(folder), embedder, Chunking(200, 40))
    list(index.add(make_document(uri, f"The text of {uri}.") for uri in ("a.txt", "b.txt")))
    index.close()
    return folder


def test_a_store_is_backed_up_and_restored(run: Run, store: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "backup", tmp_path / "other"
    code, out, _ = run("--store", store, "backup", target)
    assert (code, out) == (0, f"{target}: 2 documents, 2 chunks, sound\n")
    code, out, _ = run("--store", other, "restore", target, "--json")
    told = json.loads(out)
    assert (code, told["documents"], told["problems"]) == (0, 2, [])
    code, _, err = run("--store", other, "restore", target)
    assert (code, "holds 2 documents; name another folder with" in err) == (1, True)
    code, out, _ = run("--store", other, "restore", target, "--replace")
    assert (code, out) == (0, f"2 documents, 2 chunks as of {told['made_at']}, 0 problems\n")
    code, _, err = run("--store", store, "backup", target)
    assert (code, "is there already; name a new folder" in err) == (2, True)
    code, _, err = run("--store", tmp_path / "nowhere", "backup", tmp_path / "new")
    assert (code, "there is no store in" in err) == (1, True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz"])
def test_a_store_is_exported_and_imported(
    run: Run, store: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "nice", lambda steps: 0)
    file, other = tmp_path / name, tmp_path / "other"
    code, out, _ = run("--store", store, "export", file)
    assert (code, out) == (0, f"{file}: 2 documents, {file.stat().st_size:,} bytes\n")
    assert {path.name for path in tmp_path.iterdir()} == {"store", name}
    code, out, _ = run("--store", other, "import", file)
    assert (code, out) == (0, "2 added, 0 replaced, 0 unchanged, 0 lines refused\n")
    read = gzip.open if file.suffix == ".gz" else open
    with read(file, "rb") as opened:
        lines = opened.read().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(lines[0] + b"no JSON\n" + lines[1])
    code, out, err = run("--store", other, "import", cut, "--json")
    assert code == 1
    told = json.loads(out)
    assert told["unchanged"] == 1
    assert [each["line"] for each in told["errors"]] == [2, 4]
    assert f"{cut} line 2: Invalid JSON" in err
    assert f"{cut} line 4: the file ends here, before all of it" in err


def test_what_is_no_export_makes_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text('{"question": "Why?"}\n', encoding="utf-8")
    damaged = bytearray(gzip.compress(b"{}"))
    damaged[10] = 0b111  # the kind of the first block, of which there is none
    (tmp_path / "damaged.jsonl.gz").write_bytes(damaged)
    for name in ("notes.jsonl", "nothing.jsonl", "no.jsonl.gz", "damaged.jsonl.gz"):
        code, _, err = run("--store", tmp_path / "new", "import", tmp_path / name)
        assert (code, len(err.splitlines())) == (1, 1)
        assert "name a file that `footnote export` wrote" in err
    assert not (tmp_path / "new").exists()


def test_the_disk_is_told_of_and_given_back(run: Run, store: Path) -> None:
    stray = store / "originals" / "ab" / "stray"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x" * 3_000_000)
    code, out, _ = run("--store", store, "check")
    assert code == 1  # it belongs to no document
    assert "of which 3.0 MB are reclaimable by `footnote compact`\n" in out
    code, out, _ = run("--store", store, "compact", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["bytes_before"] - told["bytes"] >= 3_000_000
    code, out, _ = run("--store", store, "check", "--json")
    told = json.loads(out)
    assert (code, told["reclaimable_bytes"], told["problems"]) == (0, 0, [])
    assert told["bytes"] < 3_000_000
    code, _, err = run("--store", "postgresql://db/x", "compact")
    assert (code, "PostgreSQL uses what is free in it again by itself" in err) == (2, True)
