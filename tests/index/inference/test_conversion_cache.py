from __future__ import annotations

import logging
from pathlib import Path

import pytest

from index.inference.conversion_cache import converted


class Maker:
    """Gives its content, and counts how often."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.calls = 0

    def __call__(self) -> bytes:
        self.calls += 1
        return self.content


def test_it_is_made_once_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make = Maker(b"graph")
    with caplog.at_level(logging.WARNING):
        path = converted(tmp_path / "new" / "cache", "m.onnx", make)
        again = converted(tmp_path / "new" / "cache", "m.onnx", make)
    assert path == again == tmp_path / "new" / "cache" / "m.onnx"
    assert make.calls == 1
    assert path.read_bytes() == b"graph"
    assert sorted(p.name for p in path.parent.iterdir()) == ["m.onnx", "m.onnx.sha256"]
    (line,) = caplog.messages
    assert line.startswith("preparing m.onnx for this processor")


@pytest.mark.parametrize("damage", [b"grapH", b"", None])
def test_what_is_damaged_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    make = Maker(b"graph")
    path = converted(tmp_path, "m.onnx", make)
    assert isinstance(path, Path)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    converted(tmp_path, "m.onnx", make)
    assert make.calls == 2
    assert path.read_bytes() == b"graph"


def test_a_seal_that_is_no_text(tmp_path: Path) -> None:
    make = Maker(b"graph")
    converted(tmp_path, "m.onnx", make)
    (tmp_path / "m.onnx.sha256").write_bytes(b"\xff\xfe")
    converted(tmp_path, "m.onnx", make)
    assert make.calls == 2


def test_a_folder_that_cannot_be_written_to(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert converted(tmp_path / "file" / "cache", "m.onnx", Maker(b"graph")) == b"graph"
    assert "set FOOTNOTE_CACHE to a folder that can be written to" in caplog.messages[-1]
