"""HTML: the main content, or all that is visible."""

from __future__ import annotations

import pytest

from index.load.documents import load_bytes

SENTENCE = "The river rose by two metres in a single night and the mill had to be given up. "
ARTICLE = f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">
<title>The flood</title><meta name="author" content="Ada Ray">
<meta property="article:published_time" content="2021-03-04T10:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<article><h1>The flood</h1><p>{SENTENCE * 3}</p><h2>After</h2><p>{SENTENCE * 2}</p>
<table><tr><th>Day</th><th>Level</th></tr><tr><td>Monday</td><td>2 m</td></tr></table>
<p>{SENTENCE}</p></article><script>alert("no")</script>
<footer>All rights reserved</footer></body></html>"""


def test_the_main_content_and_what_the_page_states() -> None:
    document = load_bytes(ARTICLE.encode(), "flood.html")
    assert document.title == "The flood"
    assert document.metadata == {"author": "Ada Ray", "date": "2021-03-04", "language": "en-GB"}
    assert (SENTENCE * 3).strip() in document.text
    assert "Day | Level\nDay: Monday | Level: 2 m" in document.text
    for left_out in ("About us", "alert", "All rights reserved"):
        assert left_out not in document.text
    levels = {document.text[h.start : h.end]: h.level for h in document.headings}
    assert levels["After"] == 2


def test_a_short_page_is_read_whole() -> None:
    html = (
        "<title>T | Site</title>"
        "<h1>Head<br>line</h1><p>Some <b>bold</b>\n words</p><style>p{}</style>"
        "<div hidden>secret</div><ol><li>one<li>two<ul><li>in</ul></ol><pre>a\n  b</pre>"
        "<table><tr><td>x</td><td>y</td></tr></table>&lt;script&gt; tail"
    )
    document = load_bytes(html.encode(), "a.html")
    assert document.text == (
        "Head line\n\nSome bold words\n\n1. one\n2. two\n  - in\n\na\n  b\n\nx | y\n\n<script> tail"
    )
    (heading,) = document.headings
    assert document.text[heading.start : heading.end] == "Head line"
    assert document.title == "Head line"


@pytest.mark.parametrize("html", ["<p>An owl hunts.</p>", "An <i>owl</i> hunts.", "An owl hunts."])
def test_a_piece_of_a_page_is_read(html: str) -> None:
    assert load_bytes(html.encode(), "a.html").text == "An owl hunts."


def test_the_page_states_its_character_set() -> None:
    html = '<meta charset="iso-8859-5"><p>Москва</p>'.encode("iso-8859-5")
    assert load_bytes(html, "a.html").text == "Москва"
