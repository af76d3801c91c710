from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from index.errors import InvalidSetting
from rag.settings import Settings


def test_a_flag_before_the_environment_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("port = 1\npassages = 2\ndepth = 3\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(config))
    monkeypatch.setenv("FOOTNOTE_PORT", "10")
    monkeypatch.setenv("FOOTNOTE_PASSAGES", "20")
    settings = Settings(port=100)
    assert (settings.port, settings.passages, settings.depth) == (100, 20, 3)


def test_the_file_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings().fusion == "convex"
    (tmp_path / "footnote.toml").write_text('fusion = "lexical"\n', encoding="utf-8")
    assert Settings().fusion == "lexical"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "70000"), ("FUSION", "magic"), ("MIN_CONFIDENCE", "1.5"), ("PASSAGES", "0")],
)
def test_a_wrong_value_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"FOOTNOTE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_an_unknown_key_in_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footnote.toml").write_text("prot = 1\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


def test_a_file_that_is_named_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(InvalidSetting, match="there is no settings file"):
        Settings()


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("", ()),
        ("http://localhost:3000", ("http://localhost:3000",)),
        ("HTTP://A.example/, app://obsidian.md", ("http://a.example", "app://obsidian.md")),
    ],
)
def test_origins_in_one_line(
    given: str, origins: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_ALLOWED_ORIGINS", given)
    assert Settings().allowed_origins == origins


@pytest.mark.parametrize("given", ["*", "null", "localhost:3000", "http://*.example", "http://a/b"])
def test_what_is_no_origin_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="is no origin; name each one"):
        Settings(allowed_origins=given)  # type: ignore[arg-type]
