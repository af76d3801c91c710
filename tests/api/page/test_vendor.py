"""The libraries of others that the page uses are what their list says, and have their licences."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[3] / "api" / "static" / "vendor"


def test_each_library_is_the_one_that_is_listed() -> None:
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")
    }
    assert found == listed
    assert len(found) == 2
    for name in found:
        assert (VENDOR / name).with_suffix(".LICENSE").is_file()
