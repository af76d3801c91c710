"""Changing settings in their file."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from index.errors import InvalidSetting
from rag.settings import Settings
from rag.settings_file import change_settings, from_environment

BEFORE = """# ours, by Ada
port = 8001   # as the proxy has it

min_confidence = 0.4  # looser
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "footnote.toml"
    path.write_text(BEFORE, encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(path))
    return path


def test_what_is_not_changed_stays_as_it_was_written(file: Path) -> None:
    file.chmod(0o640)
    assert change_settings({"min_confidence": 0.6, "chat_model": 'a "b"', "strict": True}) == file
    assert file.read_text(encoding="utf-8") == (
        "# ours, by Ada\nport = 8001   # as the proxy has it\n\nmin_confidence = 0.6  # looser\n"
        'chat_model = "a \\"b\\""\nstrict = true\n'
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["footnote.toml"]
    read = Settings()
    assert (read.port, read.min_confidence, read.chat_model) == (8001, 0.6, 'a "b"')


def test_none_takes_a_setting_out(file: Path) -> None:
    change_settings({"min_confidence": None, "chat_url": None})
    assert tomllib.loads(file.read_text(encoding="utf-8")) == {"port": 8001}


def test_a_link_stays_one_and_a_new_file_is_its_owners(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(link))
    change_settings({"port": 8002})
    assert link.is_symlink()
    assert "port = 8002" in file.read_text(encoding="utf-8")
    fresh = tmp_path / "fresh.toml"
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(fresh))
    change_settings({"port": 8003})
    assert fresh.read_text(encoding="utf-8") == "port = 8003\n"
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["port = = 8001\n", "a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_left_alone(file: Path, broken: str) -> None:
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(InvalidSetting, match="not TOML"):
        change_settings({"port": 8002})
    assert file.read_text(encoding="utf-8") == broken


def test_where_nothing_can_be_written_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(file / "below" / "footnote.toml"))
    with pytest.raises(InvalidSetting, match="cannot be written"):
        change_settings({"port": 8002})


def test_what_the_environment_gives_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_CHAT_URL", "http://127.0.0.1/v1")
    assert "chat_url" in from_environment()
    assert "chat_model" not in from_environment()


def test_no_file_is_made_where_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(tmp_path / "footnote.toml"))
    change_settings({})
    change_settings({"port": None})
    assert list(tmp_path.iterdir()) == []
