"""The views beside the catalog, when the process that keeps them is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support_vectors import DIM, clustered, put

from index.sqlite import word_view
from index.sqlite.catalog import Catalog
from index.sqlite.vector_view import View
from index.sqlite.word_view import FullText
from index.vectors import faiss

_CHILD = """
import sys, itertools
from pathlib import Path
from index.sqlite import word_view
from index.sqlite.catalog import Catalog
from index.sqlite.word_view import FullText
from index.sqlite.vector_view import View
from index.vectors import faiss
from support_vectors import DIM, clustered, put

faiss.LARGE, word_view.LARGE = 500, 100
folder = Path(sys.argv[1])
catalog = Catalog(folder, create=False)
view, words = View(folder, DIM, catalog.read), FullText(folder, catalog.read)
for number in itertools.count():
    put(catalog, f"{number % 7}", clustered(30, number), f"text {number}")
    with catalog.read() as snapshot:
        view.search(snapshot, clustered(1, number)[0], 5)
        words.search(snapshot, "text", 5)
    print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 4, 15])
def test_killed_at_any_instant_the_views_hold_what_the_catalog_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    catalog = Catalog(tmp_path, create=True)
    put(catalog, "many", clustered(1000, seed=1), "some text")
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert child.stdout
    for number in range(lines):
        assert child.stdout.readline() == b"%d\n" % number
    time.sleep(0.01 * lines)
    child.kill()
    child.wait()
    child.stdout.close()
    monkeypatch.setattr(faiss, "LARGE", 500)
    monkeypatch.setattr(word_view, "LARGE", 100)
    view, words = View(tmp_path, DIM, catalog.read), FullText(tmp_path, catalog.read)
    with catalog.read() as snapshot:
        stored = snapshot.chunk_ids()
        for _ in range(2):  # as found, and built anew where it was not trusted
            np.testing.assert_array_equal(view.ids(snapshot), stored)
            found = words.search(snapshot, "text", 5000)
            assert found is None or sorted(found) == stored.tolist()
            view.settle()
            words.settle()
        assert found is not None, words.problem
    for each in (view, words, catalog):
        each.close()
