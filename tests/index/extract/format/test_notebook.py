"""Jupyter notebooks."""

from __future__ import annotations

import json

import pytest

from index.errors import UnreadableFile
from index.load.documents import load_bytes


def test_cells_and_their_outputs_in_order() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tea\n", "\n", "We *count* cups."]},
        {
            "cell_type": "code",
            "source": "cups = 2\n\ncups",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31mhot\x1b[0m\n"]},
                {"output_type": "execute_result", "data": {"text/plain": "2"}},
                {"output_type": "display_data", "data": {"image/png": "iVBORw0K"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "no tea"},
            ],
        },
        {"cell_type": "raw", "source": "As it is."},
    ]
    metadata = {"authors": [{"name": "Ada Ray"}, {"name": "Bo"}]}
    notebook = {"nbformat": 4, "metadata": metadata, "cells": cells}
    loaded = load_bytes(json.dumps(notebook).encode(), "a.ipynb", "application/json")
    assert loaded.text == (
        "Tea\n\nWe count cups.\n\ncups = 2\n\ncups\n\nhot\n\n2\n\nValueError: no tea\n\nAs it is."
    )
    assert [(h.start, h.end, h.level) for h in loaded.headings] == [(0, 3, 1)]
    assert loaded.location_at(loaded.text.index("hot")) == "cell 2"
    assert loaded.location_at(loaded.text.index("As it")) == "cell 3"
    assert loaded.title == "Tea"
    assert loaded.metadata == {"author": "Ada Ray, Bo"}


def test_a_notebook_of_version_3() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Part"},
        {
            "cell_type": "code",
            "input": ["x"],
            "outputs": [{"output_type": "pyout", "text": ["4"]}],
        },
    ]
    notebook = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}
    loaded = load_bytes(json.dumps(notebook).encode(), "a.ipynb")
    assert loaded.text == "Part\n\nx\n\n4"
    assert loaded.headings[0].level == 2


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"{"])
def test_what_is_no_notebook_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"a\.ipynb is no (valid )?notebook"):
        load_bytes(data, "a.ipynb")
