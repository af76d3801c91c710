"""What an extra brings is asked for before it is needed."""

from __future__ import annotations

import pytest

from index.errors import NotInstalled
from index.extras import require


def test_nothing_is_said_where_all_is_installed() -> None:
    require("eval", "`footnote eval`")
    require("transformers", "embedder 'mine'")


def test_what_is_missing_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.extras.find_spec", lambda name: None if name == "torch" else name)
    message = (
        r"^embedder 'mine' needs torch, which is not installed; "
        r"run: pip install 'footnote\[transformers\]'$"
    )
    with pytest.raises(NotInstalled, match=message):
        require("transformers", "embedder 'mine'")
