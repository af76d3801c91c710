"""Markdown as a reader of the page sees it."""

from __future__ import annotations

from index.load.documents import load_bytes

PAGE = b"""---
title: "On moss"
authors: [Ada Ray, Bo Li]
date: 8 November 2023
tags:
  - wet
  - green
---

# Moss

Soft *and* **green**
plants, see [the book](http://example.org/b) &amp; `code`.

## Kinds

- one
- two
  1. inner
  2. other

| Name | Height |
|------|--------|
| Peat | 5 cm   |

```python
x = 1

y = 2
```

<p align="center">Raw <b>HTML</b></p>
"""


def test_the_text_the_headings_and_the_front_matter() -> None:
    document = load_bytes(PAGE, "moss.md")
    assert document.text == (
        "authors: [Ada Ray, Bo Li]\ndate: 8 November 2023\ntags:\n  - wet\n  - green\n\n"
        "Moss\n\nSoft and green plants, see the book & code.\n\nKinds\n\n"
        "- one\n- two\n  1. inner\n  2. other\n\n"
        "Name | Height\nName: Peat | Height: 5 cm\n\nx = 1\n\ny = 2\n\nRaw HTML"
    )
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("Moss", 1),
        ("Kinds", 2),
    ]
    assert document.title == "On moss"
    assert document.metadata == {
        "author": "Ada Ray, Bo Li",
        "date": "2023-11-08",
        "tags": "wet, green",
    }


def test_a_rule_in_front_is_no_front_matter() -> None:
    document = load_bytes(b"---\n\nOnly words here\n\n---\n\nMore.", "a.md")
    assert document.text == "Only words here\n\nMore."
    assert document.metadata == {}


def test_the_title_is_the_heading_when_none_is_stated() -> None:
    assert load_bytes(b"Intro.\n\n# The *one*\n\nWords.", "a.md").title == "The one"
    assert load_bytes(b"Intro.\n\n# One\n\n# Two", "two-heads.md").title == "two-heads"


def test_angle_brackets_that_are_no_tags_of_html_are_words() -> None:
    page = (
        b"Start it with --port <PORT>; it returns a List<Reading>.\n\n"
        b"| Option | Meaning |\n|---|---|\n| --cache=<SIZE> | megabytes<br>of it |\n\n"
        b"<config>\nlimit = 5\n</config>\n\nPress <kbd>Ctrl</kbd>.<!-- unseen -->\n"
    )
    assert load_bytes(page, "a.md").text == (
        "Start it with --port <PORT>; it returns a List<Reading>.\n\n"
        "Option | Meaning\nOption: --cache=<SIZE> | Meaning: megabytes of it\n\n"
        "<config>\nlimit = 5\n</config>\n\nPress Ctrl."
    )


def test_notes_keep_their_marks_and_their_words() -> None:
    page = (
        b"It has 31 steps.[^1] Sands built it.[^b] `[^a-z]` is no note.\n\n"
        b"[^1]: https://example.org/report\n[^b]: Sands *himself* said so.\n\n"
        b"```\n[^1]: code\n```\n"
    )
    assert load_bytes(page, "a.md").text == (
        "It has 31 steps.[1] Sands built it.[b] [^a-z] is no note.\n\n"
        "[b] Sands himself said so.\n\n[^1]: code\n\n[1] https://example.org/report"
    )


def test_raised_figures_are_set_apart() -> None:
    page = b"The fee is $320<sup>1</sup>, for 10<sup>6</sup> drops of H<sub>2</sub>O."
    assert load_bytes(page, "a.md").text == "The fee is $320¹, for 10⁶ drops of H₂O."


def test_blanks_to_be_filled_in_are_words_though_elements_are_called_so() -> None:
    source = b"Replace <title> by yours, then <code>x</code> and <time>; two<br>lines, <b>bold</b>."
    text = load_bytes(source, "a.md").text
    assert text == "Replace <title> by yours, then x and <time>; two\nlines, bold."
