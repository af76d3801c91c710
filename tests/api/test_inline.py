"""What browsers may show of originals."""

from __future__ import annotations

import pytest

from api.inline import inline_type


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("text/markdown", "text/plain"),
        ("application/json", "text/plain"),
        ("text/html", None),
        ("application/xhtml+xml", None),
        ("image/svg+xml", None),
        ("application/zip", None),
        ("", None),
    ],
)
def test_what_could_run_is_saved(kind: str, shown: str | None) -> None:
    assert inline_type(kind) == shown
