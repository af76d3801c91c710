"""Every store under one suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import WordEmbedder
from support_stores import STORES

from index.index import Index
from index.store import Store
from index.text.chunk import Chunking


@pytest.fixture(params=STORES.values(), ids=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty one."""
    opened = request.param(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def index(store: Store) -> Iterator[Index]:
    opened = Index(store, WordEmbedder(), Chunking())
    yield opened
    opened.close()
