"""The README says what is so."""

from __future__ import annotations

from pathlib import Path

from rag.settings import Settings

ROOT = Path(__file__).parents[1]


def test_the_table_of_settings_is_the_settings() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        assert f"| `{name}` | {default} | {field.description} |" in readme


def test_its_pictures_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for part in readme.split("](")[1:]:
        target = part.split(")")[0]
        if target.endswith(".png"):
            assert (ROOT / target).is_file(), target
