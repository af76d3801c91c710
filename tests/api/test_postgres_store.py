"""A store in PostgreSQL behind every door: the command line, HTTP with its jobs, the library."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from support_postgres import new_database, run

import footnote
from api.app import create_app
from api.cli.main import main
from rag.build import build
from rag.settings import Settings, read_settings

TOWER = "The Eiffel Tower was built in 1889 for the World's Fair. It is 330 metres tall."
SECRET = "s3cret"


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of an empty database, with a password in it, and a home of its own for what is
    kept beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return new_database().url.replace("//postgres:@", f"//postgres:{SECRET}@")


def command(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str]:
    """The exit code of `footnote`, and all that it said."""
    monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
    monkeypatch.setattr("os.nice", lambda steps: 0)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), "".join(capfd.readouterr())


def test_the_command_line(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "tower.txt").write_text(TOWER, encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_STORE", url)
    said = []
    for arguments, code in [
        (("list",), 1),
        (("add", folder), 0),
        (("list", "--json"), 0),
        (("sync", folder), 0),
        (("search", "How tall is the tower?"), 0),
        (("check", "--json"), 0),
        (("reindex", "--chunk-tokens", 100), 0),
        (("check",), 1),  # of other chunks than the settings say
        (("remove", folder / "tower.txt"), 1),
    ]:
        ran, words = command(monkeypatch, capfd, *arguments)
        assert ran == code, words
        said.append(words)
    assert "there is no store at postgresql://***@/" in said[0]
    assert json.loads(said[2])["documents"][0]["chunks"] == 1
    assert "330 metres" in said[4]
    assert json.loads(said[5])["problems"] == []
    assert "was cut into chunks of 100 tokens" in said[7]
    assert SECRET not in "".join(said)


def test_a_folder_is_copied_there_and_back(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "tower.txt").write_text(TOWER, encoding="utf-8")
    first, back = tmp_path / "first", tmp_path / "back"
    ran, said = command(monkeypatch, capfd, "add", tmp_path / "tower.txt", "--store", first)
    assert ran == 0, said
    told = []
    for source, target in [(first, url), (url, back)]:
        ran, said = command(monkeypatch, capfd, "copy", source, target, "--json")
        assert ran == 0, said
        told.append(json.loads(said))
    assert told[0] == told[1]
    assert (told[0]["documents"], told[0]["chunks"], len(told[0]["checksum"])) == (1, 1, 64)
    ran, said = command(monkeypatch, capfd, "search", "tower", "--store", back)
    assert "330 metres" in said
    assert command(monkeypatch, capfd, "copy", url, url)[0] == 2
    ran, said = command(monkeypatch, capfd, "copy", f"mysql://a:{SECRET}@h/d", back)
    assert (ran, SECRET in said) == (2, False)


def test_uploads_and_questions_over_http(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(store=url, background_mb=0)  # type: ignore[arg-type]
    assistant = build(settings)
    with TestClient(create_app(assistant, settings), base_url="http://127.0.0.1:8000") as client:
        answered = client.post("/v1/documents", files={"file": ("tower.txt", TOWER.encode())})
        assert answered.status_code == 202
        where = f"/v1/jobs/{answered.json()['job']['id']}"
        until = time.monotonic() + 300
        while client.get(where).json()["status"] in ("pending", "running"):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert client.get(where).json()["status"] == "done"
        (document,) = client.get("/v1/documents").json()["documents"]
        assert client.get(f"/v1/documents/{document['id']}/text").text == TOWER
        asked = client.post("/v1/ask", json={"question": "How tall is the Eiffel Tower?"}).json()
        assert "330 metres" in asked["answer"]
        while (health := client.get("/health")).json()["documents"] != 1:  # it tells the last known
            assert time.monotonic() < until
            time.sleep(0.05)
        assert health.json() == {"status": "ok", "documents": 1, "chunks": 1}
        shown = health.text + client.get("/metrics").text
    assistant.index.close()
    assert SECRET not in shown + caplog.text + repr(settings)
    assert not [*tmp_path.rglob("jobs*")]
    assert run("SELECT count(*) FROM footnote.job_bytes", url) == [(0,)]


def test_the_library(url: str) -> None:
    with footnote.open(url) as library:
        library.add_text("tower", TOWER)
        assert library.ask("How tall is the Eiffel Tower?").short == "330 metres"
        assert SECRET not in repr(library.search("tower"))


@pytest.mark.parametrize("place", ["mysql://ann:s3cret@h/d", "sqlite://ann:s3cret@h", ""])
def test_an_address_of_something_else(place: str) -> None:
    with pytest.raises(footnote.InvalidSetting, match="setting store is") as caught:
        read_settings({"store": place})
    assert SECRET not in str(caught.value)
