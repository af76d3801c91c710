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


def _page(body: str) -> str:
    html = f"<html><head><title>T</title></head><body>{body}</body></html>"
    return load_bytes(html.encode(), "a.html").text


def test_raised_and_lowered_figures_are_set_apart() -> None:
    assert (
        _page("<p>The fee is <b>$320</b><sup>1</sup>, for 10<sup>6</sup> drops of H<sub>2</sub>O.")
        == "The fee is $320¹, for 10⁶ drops of H₂O."
    )


def test_questions_that_are_folded_stay_with_their_answers() -> None:
    text = _page(
        f"<article><p>{SENTENCE * 4}</p>"
        "<details><summary>What does it cost?</summary><p>Six crowns.</p></details>"
        '<div class="accordion"><h3><button>May I bring a dog?</button></h3>'
        '<div class="panel" style="display:none"><p>On the lead.</p></div>'
        "<button>Is it warm?</button><div hidden><p>In summer.</p></div></div></article>"
        "<button>Send</button><div hidden>secret</div>"
    )
    assert text.endswith(
        "What does it cost?\n\nSix crowns.\n\nMay I bring a dog?\n\nOn the lead."
        "\n\nIs it warm?\n\nIn summer."
    )


def test_where_the_main_content_lacks_much_all_that_is_shown_is_read() -> None:
    text = _page(
        '<nav><a href="/">Home</a></nav><header><h1>The mill</h1></header>'
        f'<div class="content"><p>{SENTENCE * 4}</p></div>'
        '<div class="sidebar"><h2>Hours</h2><p>The mill is open from 8 to 16 in winter.</p></div>'
        "<ul><li>A sack costs 3 crowns.</li></ul><aside>No dogs.</aside>"
        '<ul class="related"><li><a href="a">Mill of Ash</a><li><a href="b">Mill of Elm</a></ul>'
        '<div class="cookie-banner">We use cookies.</div>'
        "<footer>Kept by Ida Falk, Mill Lane 8.</footer><footer>© 2024 The mill</footer>"
    )
    assert text == (
        f"The mill\n\n{SENTENCE * 4}".strip()
        + "\n\nHours\n\nThe mill is open from 8 to 16 in winter.\n\n- A sack costs 3 crowns."
        "\n\nNo dogs.\n\nKept by Ida Falk, Mill Lane 8."
    )


def test_a_page_of_nothing_but_links_is_read() -> None:
    assert _page(
        '<ul><li><a href="a">Mill of Ash</a></li><li><a href="b">Mill of Elm</a></ul>'
    ) == ("- Mill of Ash\n- Mill of Elm")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            '<style>.c3, b.up {color:red; vertical-align : super}</style><p>$320<span class="c3">1'
            '</span> and 10<b class="x up">6</b>.</p>',
            "$320¹ and 10⁶.",
        ),
        ('<p>45 m<span style="font-size:8pt;vertical-align:super">2</span></p>', "45 m²"),
        (
            "<p>$45<span style='position:relative;top:-3.0pt;mso-text-raise:3.0pt'>3</span></p>",
            "$45³",
        ),
        ("<p>H<i style='vertical-align: sub'>2</i>O, $9<sup><sup>4</sup></sup></p>", "H₂O, $9⁴"),
        (
            "<p style='vertical-align:super'>A line of its own in 2024.</p>",
            "A line of its own in 2024.",
        ),
    ],
)
def test_what_a_rule_of_style_raises_is_set_apart(body: str, text: str) -> None:
    assert _page(body) == text


def test_equations_and_readings_stand_on_the_line() -> None:
    power = "<msup><mi>r</mi><mn>2</mn></msup>"
    fraction = "<mfrac><mn>12</mn><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>"
    body = f"<p>Area <math><mi>A</mi><mo>=</mo>{power}</math>, rate <math>{fraction}</math>.</p>"
    assert _page(body) == "Area A=r^2, rate 12/(b+1)."
    ruby = "<p>本社は<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp>京<rt>きょう</rt></ruby>です。</p>"
    assert _page(ruby) == "本社は東京(とうきょう)です。"


def test_lists_count_as_they_say() -> None:
    body = (
        '<ol start="7"><li>Pay.</li><li>Keep quiet.</li></ol><p>And:</p>'
        '<ol type="a"><li>alpha</li><li value="4">delta</li></ol>'
    )
    assert _page(body) == "7. Pay.\n8. Keep quiet.\n\nAnd:\n\na. alpha\nd. delta"


def test_what_buttons_and_tabs_would_show() -> None:
    assert (
        _page(
            '<dl><dt><button aria-expanded="false">When?</button></dt><dd hidden>At 8.</dd></dl>'
            '<div role="button">Where?</div><div style="display:none">At pier 3.</div>'
            '<button role="tab" aria-controls="t">Prices</button><div id="t" hidden>90 kr.</div>'
            "<template><p>Unseen.</p></template>"
        )
        == "When?\n\nAt 8.\n\nWhere?\n\nAt pier 3.\n\nPrices\n\n90 kr."
    )


def test_a_line_in_the_midst_of_the_main_content_is_not_lost() -> None:
    """It is less than a twentieth of the page."""
    words = f"<p>{SENTENCE * 9}</p>"
    html = f"<article><h1>Mill</h1>{words}<my-card>Its rent is 31.</my-card>{words}</article>"
    assert "\n\nIts rent is 31.\n\n" in _page(html)
    cells = "<tr><th>Day</th><th>Level</th></tr><tr><td>Monday</td><td>2 m</td></tr>"
    table = f"<section><h2>Levels</h2><table>{cells}</table></section>"
    assert "\n\nLevels\n\nDay | Level\n" in _page(f"<h1>Mill</h1>{words}{table}{words}")


def test_the_foot_of_a_table_is_its_last_row() -> None:
    table = (
        "<table><thead><tr><th>Quay</th><th>Boats</th></tr></thead>"
        "<tfoot><tr><td>Total</td><td>30</td></tr></tfoot>"
        "<tbody><tr><td>East</td><td>30</td></tr></tbody></table>"
    )
    assert _page(table) == "Quay | Boats\nQuay: East | Boats: 30\nQuay: Total | Boats: 30"
