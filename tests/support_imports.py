"""Who imports what, read from the sources of the four packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "rag", "api", "footnote")  # from the bottom up


@dataclass(frozen=True, slots=True)
class Import:
    """`module` is what is imported, `path` and `line` where, relative to the checkout; `at_once`
    tells whether importing `path` does it, rather than a call or a type checker."""

    path: str
    line: int
    module: str
    at_once: bool

    @property
    def package(self) -> str:
        """The first part of what is imported."""
        return self.module.partition(".")[0]

    @property
    def is_ours(self) -> bool:
        return self.package in PACKAGES

    @property
    def importer(self) -> str:
        """The module that imports."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the four packages, wherever it stands; read once a process."""
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            at_once = set(tree.body)
            for node in ast.walk(tree):
                for module in _modules(node):
                    name = path.relative_to(ROOT).as_posix()
                    yield Import(name, getattr(node, "lineno", 0), module, node in at_once)


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.module, "imports are absolute"
        for each in node.names:  # a name may be a module of ours, or stand in one
            inner = f"{node.module}.{each.name}"
            yield inner if _is_ours(inner) else node.module


def _is_ours(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def room_of(module: str) -> str:
    """The room that a module of ours lies in: its folder in the package, or itself on top."""
    return ".".join(module.split(".")[:2])
