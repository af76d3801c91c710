"""What is imported is declared, and what is declared is needed."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support_imports import ROOT, Import, imports

BY_OTHERS = {
    "lxml-html-clean",  # by trafilatura
    "pillow",  # by pypdfium2, for pictures
    "python-multipart",  # by FastAPI, for files
}
USERS = {
    "eval": (
        "rag/evaluate/against.py",
        "rag/evaluate/measures.py",
        "rag/evaluate/plots.py",
    ),
    "oidc": ("api/access/discovery.py", "api/access/provider.py", "api/access/seal.py"),
    "otel": ("api/http/traced.py", "rag/traces.py"),
    "postgres": ("index/postgres/connections.py",),
    "ray": ("index/cluster/cluster.py",),
    "transformers": (
        "index/embed/sentence_transformer.py",
        "index/inference/processor.py",
        "rag/chat/local_chat.py",
        "rag/read/span_transformers.py",
    ),
    "train": ("rag/train/",),
}
"""The files that an extra is for; all others do without any."""

DISTRIBUTIONS = packages_distributions()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _declared(extra: str = "") -> set[str]:
    """The packages of an extra, or those that are always required."""
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    found = set()
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            found |= {name for inner in requirement.extras for name in _declared(inner)}
        else:
            found.add(canonicalize_name(requirement.name))
    return found


def _foreign() -> list[Import]:
    return [each for each in imports() if each.package not in sys.stdlib_module_names]


def _distributions(each: Import) -> set[str]:
    """The packages that may have brought a module."""
    found = DISTRIBUTIONS.get(each.package, [each.package])
    return {canonicalize_name(name) for name in found}


def test_every_import_is_declared() -> None:
    missing = []
    for each in _foreign():
        if each.is_ours:
            continue
        allowed = _declared()
        for extra, users in USERS.items():
            if each.path.startswith(users):
                allowed |= _declared(extra)
        if not _distributions(each) & allowed:
            missing.append(str(each))
    assert not missing


def test_everything_that_is_declared_is_imported() -> None:
    used = {name for each in _foreign() for name in _distributions(each)}
    declared = _declared().union(*map(_declared, USERS))
    assert declared - used == BY_OTHERS


def test_constraints_pin_everything_that_is_declared() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines}
    requirements = [
        Requirement(line)
        for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
        for line in group
    ]
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if name not in (PROJECT["name"], "setuptools"):
            assert requirement.specifier.contains(pins[name]), requirement


def test_the_version_stands_in_one_place() -> None:
    written = re.compile(rf"""["']{re.escape(PROJECT["version"])}["']""")
    for package in ("index", "rag", "api", "footnote"):
        for path in (ROOT / package).rglob("*.py"):
            assert not written.search(path.read_text(encoding="utf-8")), path
