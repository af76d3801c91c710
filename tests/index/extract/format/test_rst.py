"""reStructuredText."""

from __future__ import annotations

from pathlib import Path

from index.load.documents import load_bytes

_SOURCE = """
=====
 Tea
=====

:Author: Ada Ray
:Date: 2024-05-06

A *green* leaf, see :func:`~tea.brew`, :ref:`the pot <pot>` and `a page <http://x.example>`_.
Second line.

Kinds
-----

* Sencha,
  steamed
* Oolong

  1. dark
  2. light

.. note:: Hot.

.. versionadded:: 3.5
   Takes :class:`Milk`.

.. toctree::
   :maxdepth: 2

   other

::

    boil
      wait

======  =====
Leaf    Grams
======  =====
Sencha  5
======  =====

.. A comment.

Last :sub:`line`.
"""


def test_the_text_as_a_reader_sees_it() -> None:
    loaded = load_bytes(_SOURCE.encode(), "a.rst")
    assert loaded.text == (
        "Tea\n\nAuthor: Ada Ray\nDate: 2024-05-06\n\n"
        "A green leaf, see tea.brew, the pot and a page. Second line.\n\n"
        "Kinds\n\n- Sencha, steamed\n- Oolong\n  1. dark\n  2. light\n\nHot.\n\n"
        "3.5\nTakes Milk.\n\nboil\n  wait\n\nLeaf | Grams\nLeaf: Sencha | Grams: 5\n\nLast line."
    )
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("Tea", 1),
        ("Kinds", 2),
    ]
    assert loaded.title == "Tea"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2024-05-06"}


def test_sections_without_a_title_above_are_outermost() -> None:
    loaded = load_bytes(b"One\n===\n\nWords.\n\nTwo\n===\n\nIn\n--\n\nMore.", "a.rst")
    assert [h.level for h in loaded.headings] == [1, 1, 2]


def test_nothing_is_read_from_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    source = (
        f"Words.\n\n.. include:: {secret}\n\n.. csv-table::\n   :file: {secret}\n\n"
        f".. raw:: html\n   :file: {secret}\n\n.. literalinclude:: {secret}\n"
    )
    assert "secret words" not in load_bytes(source.encode(), "a.rst").text


def test_raised_figures_notes_and_the_numbers_of_lists() -> None:
    source = (
        "The fee is $320\\ :sup:`1`, 10\\ :sup:`6` of H\\ :sub:`2`\\ O, $45\\ [2]_.\n\n"
        "(c) gamma\n(d) delta\n\n.. [2] Paid in May.\n"
    )
    assert load_bytes(source.encode(), "a.rst").text == (
        "The fee is $320¹, 10⁶ of H₂O, $45[2].\n\n(c) gamma\n(d) delta\n\n2: Paid in May."
    )
