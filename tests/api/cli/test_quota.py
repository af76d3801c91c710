"""`footnote quota`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from index.errors import CollectionFull, InvalidCollection
from rag.open_index import open_index
from rag.settings import Settings


def run(store: Path, *arguments: str) -> Result:
    command = ["--store", str(store), *arguments]
    return CliRunner().invoke(app, command, catch_exceptions=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    open_index(Settings(store=tmp_path / "store")).close()
    return tmp_path / "store"


def quotas(store: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(store, "--json", "quota", *arguments).stdout)[
        "quotas"
    ]
    return found


def test_a_quota_from_its_setting_to_its_end(store: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ants work.")
    (tmp_path / "b.txt").write_text("Bees work, too.")
    row = {"collection": "hr", "documents": 1, "bytes": 1_500_000}
    nothing = {"held_documents": 0, "held_bytes": 0}
    assert quotas(store, "hr", "--documents", "1", "--mb", "1.5") == [row | nothing]
    assert run(store, "add", str(tmp_path / "a.txt"), "--collection", "hr").exit_code == 0
    with pytest.raises(CollectionFull):
        run(store, "add", str(tmp_path / "b.txt"), "--collection", "hr")
    kept = {"held_documents": 1, "held_bytes": 20}  # the file, and each of its characters
    assert quotas(store) == [row | kept]
    assert quotas(store, "hr", "--none") == []
    assert run(store, "add", str(tmp_path / "b.txt"), "--collection", "hr").exit_code == 0


@pytest.mark.parametrize(
    "wrong", [["hr"], ["--documents", "1"], ["hr", "--none", "--mb", "1"], ["--none"]]
)
def test_half_a_command_is_told_the_whole(store: Path, wrong: list[str]) -> None:
    with pytest.raises(InvalidCollection, match=r"`footnote quota NAME --none`"):
        run(store, "quota", *wrong)


def test_it_is_shown_as_a_table(store: Path) -> None:
    shown = run(store, "quota", "*", "--documents", "1000").stdout
    assert shown.split()[-5:] == ["*", "0", "1,000", "0.0", "any"]
