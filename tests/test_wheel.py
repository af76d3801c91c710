"""The wheel: what it puts into an environment, and that adding and asking need no more than it
declares."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OURS = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE")
EXTRAS = ("torch", "transformers", "sentence_transformers", "sklearn", "matplotlib", "ir_measures")
TOWER = "The Eiffel Tower was built in 1889 for the World's Fair. It is 330 metres tall."


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources."""
    sources = tmp_path_factory.mktemp("sources")
    for folder in ("footnote", "index", "rag", "api"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, sources / folder, ignore=unwanted)
    for file in OURS:
        shutil.copy(ROOT / file, sources)
    stored = {"--build-option": ["--compression=stored"]}  # the models take seconds to compress
    code = f"from setuptools.build_meta import build_wheel; build_wheel('dist', {stored})"
    subprocess.run([sys.executable, "-c", code], cwd=sources, check=True, capture_output=True)
    (found,) = (sources / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and what it requires, without extras."""
    folder = tmp_path_factory.mktemp("light")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (own,) = site.glob("footnote-*.dist-info")
    for each in _required(PathDistribution(own)):
        for file in each.files or ():
            top = file.parts[0]
            if top != ".." and not (site / top).exists():
                (site / top).symlink_to(Path(str(each.locate_file(top))))
    return folder / "bin" / "python"


def _required(start: Distribution) -> Iterator[Distribution]:
    """What is installed with `start`, as far as it is required without extras of its own."""
    seen: set[tuple[str, str]] = set()
    waiting = [(start, "")]
    while waiting:
        holder, extra = waiting.pop()
        for line in holder.requires or ():
            needed = Requirement(line)
            if needed.marker and not needed.marker.evaluate({"extra": extra}):
                continue
            found = distribution(needed.name)
            for wanted in ("", *needed.extras):
                if (needed.name.lower(), wanted) not in seen:
                    seen.add((needed.name.lower(), wanted))
                    waiting.append((found, wanted))
                    yield found


def _run(light: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [light, "-m", "footnote", *arguments],
        cwd=light.parent,
        env={**os.environ, "FOOTNOTE_STORE": str(light.parent / "store")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_installs_one_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("/top_level.txt"))
        top_level = archive.read(metadata).decode().split()
    inside = {name.split("/")[0] for name in names}
    assert {name for name in inside if not name.endswith(".dist-info")} == {"footnote"}
    assert top_level == ["footnote"]
    assert "footnote/py.typed" in names
    assert {"LICENSE", "NOTICE"} <= {name.rpartition("/")[2] for name in names}


TRAINED_ON = ROOT / "rag" / "train" / "field"
"""Training data, which a checkout alone has."""


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("index", "rag", "api"):
        for path in (ROOT / folder).rglob("*"):
            name = f"footnote/{path.relative_to(ROOT).as_posix()}"
            if path.is_file() and path.suffix != ".pyc" and TRAINED_ON not in path.parents:
                assert name in names


def test_its_modules_name_one_another_as_they_lie(light: Path) -> None:
    code = (
        "import importlib, pkgutil, sys, footnote\n"
        "for each in pkgutil.walk_packages(footnote.__path__, 'footnote.'):\n"
        "    if not each.name.startswith('footnote.rag.train.'):\n"
        "        importlib.import_module(each.name)\n"
        "print(sorted({'index', 'rag', 'api'} & set(sys.modules)))\n"
    )
    done = subprocess.run([light, "-c", code], cwd=light.parent, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_light_environment_adds_and_asks(light: Path) -> None:
    for module in EXTRAS:
        missing = subprocess.run([light, "-c", f"import {module}"], capture_output=True, text=True)
        assert f"No module named '{module}'" in missing.stderr
    (light.parent / "paris.txt").write_text(TOWER, encoding="utf-8")
    added = _run(light, "add", "paris.txt")
    assert (added.returncode, added.stdout.split()[0]) == (0, "added")
    asked = _run(light, "ask", "When was the Eiffel Tower built?")
    assert (asked.returncode, "1889" in asked.stdout) == (0, True)
    assert _run(light, "check").returncode == 0


def test_what_an_extra_brings_is_asked_for_by_its_command(light: Path) -> None:
    questions, tower = light.parent / "questions.jsonl", light.parent / "tower.txt"
    questions.write_text('{"id": "1", "question": "When?", "answers": ["1889"]}\n', "utf-8")
    tower.write_text(TOWER, encoding="utf-8")
    for arguments, extra in (
        (("eval", questions), "eval"),
        (("add", tower, "--embedder", "mine"), "transformers"),
        (("ask", "When?", "--reader", "mine"), "transformers"),
        (("ask", "When?", "--chat-model", "mine"), "transformers"),
    ):
        done = _run(light, *arguments, "--store", "other")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"run: pip install 'footnote[{extra}]'" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_the_command_starts_from_the_wheel(light: Path) -> None:
    helped = _run(light, "--help")
    assert helped.returncode == 0
    assert "reindex" in helped.stdout
