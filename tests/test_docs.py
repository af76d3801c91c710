"""The README and the pages in docs/ say what is so."""

from __future__ import annotations

import asyncio
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import typer

from api.cli.main import app
from rag.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_settings() -> None:
    page = _read(DOCS / "settings.md")
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        assert f"| `{name}` | {default} | {field.description} |" in page
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == list(Settings.model_fields)


def test_the_tables_of_commands_are_the_commands() -> None:
    page = _read(DOCS / "commands.md")
    rows = re.findall(r"^\| `footnote (\w+)[^|]*\|(.*)$", page.replace("\\|", "/"), re.MULTILINE)
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name, _ in rows] == list(commands)
    measuring = page.partition("## Measuring")[2]
    for name, row in rows:
        for option in commands[name].params:
            is_own = option.name not in {*Settings.model_fields, "config", "as_json"}
            if is_own and option.param_type_name == "option":
                for flag in (*option.opts, *option.secondary_opts):
                    assert f"`{flag}" in (measuring if name == "eval" else row), f"{name} {flag}"


def test_the_readme_is_short_and_says_which_language() -> None:
    readme = _read(ROOT / "README.md")
    assert len(readme.splitlines()) < 150
    assert "Today's answers are for English" in readme
    for page in DOCS.glob("*.md"):
        assert f"(docs/{page.name})" in readme, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_and_pictures_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", _read(page), flags=re.S)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.is_file(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", _read(linked), re.MULTILINE)
            assert heading in {_anchor(each) for each in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_files_that_are_named_are_there() -> None:
    for page in PAGES:
        for name in re.findall(r"(?:index|rag|api|footnote|tests)/[\w/.-]+\.\w+", _read(page)):
            assert (ROOT / name).is_file(), f"{page.name}: {name}"


def test_the_code_about_python_runs_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}

    async def notebook() -> None:  # whose cells run within an event loop
        blocks = re.findall(
            r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", _read(DOCS / "python.md"), re.DOTALL
        )
        assert len(blocks) > 5
        for code, printed in blocks:
            with redirect_stdout(io.StringIO()) as out:
                exec(compile(code, "docs/python.md", "exec"), names)
            assert out.getvalue() == printed

    asyncio.run(notebook())


def test_the_code_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    (tmp_path / "notes.md").write_text("Ada Lovelace approved the budget.", encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", _read(ROOT / "README.md"), re.DOTALL)
    with redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "README.md", "exec"), {})
    assert "['Ada Lovelace approved the budget.']" in out.getvalue()
