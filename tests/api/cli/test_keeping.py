"""The commands that keep a store: their words and exit codes."""

from __future__ import annotations

import json
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
