"""`footnote key`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.access.keys import Keys
from api.cli.main import app
from index.errors import InvalidKey, UnknownCollection, UnknownKey
from rag.open_index import open_index
from rag.settings import Settings


@pytest.fixture
def key(tmp_path: Path) -> Any:
    """Runs `footnote key` over a store of its own; what it prints, as JSON."""

    def run(*arguments: str) -> Any:
        found = CliRunner().invoke(
            app, ["--store", str(tmp_path), "--json", "key", *arguments], catch_exceptions=False
        )
        assert found.exit_code == 0, found.stderr
        return json.loads(found.stdout)

    return run


def test_a_key_from_its_making_to_its_end(key: Any, tmp_path: Path) -> None:
    made = key("create", "ada", "--role", "reader", "--expires", "90d")
    (row,) = made["keys"]
    assert (row["name"], row["role"], row["collections"]) == ("ada", "reader", None)
    keys = Keys(tmp_path)
    assert keys.opened_by(made["key"])
    assert key("list")["keys"] == [row]
    assert "key" not in key("list")
    rotated = key("rotate", "ada")
    assert keys.opened_by(made["key"]) is None
    assert keys.opened_by(rotated["key"])
    assert key("revoke", "ada")["keys"][0]["state"] == "revoked"
    assert keys.opened_by(rotated["key"]) is None


def test_the_key_alone_is_on_stdout(tmp_path: Path) -> None:
    command = ["--store", str(tmp_path), "key", "create", "ada", "--role", "admin"]
    found = CliRunner().invoke(app, command)
    assert Keys(tmp_path).opened_by(found.stdout.strip())
    assert "told once" in found.stderr
    listed = CliRunner().invoke(app, ["--store", str(tmp_path), "key"]).stdout
    assert listed.split()[1:5] == ["ada", "admin", "all", "valid"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "ada"],
        ["create", "--role", "reader"],
        ["revoke"],
        ["list", "ada"],
        ["revoke", "ada", "--expires", "90d"],
        ["rotate", "ada", "--role", "admin"],
        ["revoke", "ada", "--collection", "hr"],
    ],
    ids=" ".join,
)
def test_what_is_written_wrong_is_told(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(InvalidKey, match="footnote key"):
        CliRunner().invoke(
            app, ["--store", str(tmp_path), "key", *arguments], catch_exceptions=False
        )
    assert not Keys(tmp_path).any_made()


def test_a_key_for_collections_is_a_readers_and_for_those_there_are(
    key: Any, tmp_path: Path
) -> None:
    index = open_index(Settings(store=tmp_path))
    index.collections.create("hr")
    index.close()
    made = key("create", "ada", "--role", "reader", "--collection", "hr")
    assert made["keys"][0]["collections"] == ["hr"]
    opened = Keys(tmp_path).opened_by(made["key"])
    assert opened
    assert opened.collections == ("hr",)
    with pytest.raises(UnknownCollection, match="no collection 'HR'; those there are: 'hr'"):
        key("create", "paul", "--role", "reader", "--collection", "HR")
    with pytest.raises(InvalidKey, match="only a reader's can be"):
        key("create", "paul", "--role", "admin", "--collection", "hr")
    assert [each.name for each in Keys(tmp_path).all()] == ["ada"]


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    command = ["--store", str(tmp_path), "key", "revoke", "ada"]
    with pytest.raises(UnknownKey, match="'ada'"):
        CliRunner().invoke(app, command, catch_exceptions=False)
    assert not Keys(tmp_path).any_made()


def test_what_becomes_of_keys_is_in_the_audit_log(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    start = ["--store", str(tmp_path), "--audit-log", str(audit), "key"]
    made = CliRunner().invoke(app, [*start, "create", "ada", "--role", "admin"])
    CliRunner().invoke(app, [*start, "list"])
    CliRunner().invoke(app, [*start, "revoke", "ada"])
    lines = [json.loads(line) for line in audit.read_text("utf-8").splitlines()]
    (key,) = Keys(tmp_path).all()
    assert [(one["what"], one["key"], one["name"]) for one in lines] == [
        ("key create", key.id, "ada"),
        ("key revoke", key.id, "ada"),
    ]
    assert all(one["who"] for one in lines)
    assert made.stdout.strip()[-20:] not in audit.read_text("utf-8")
