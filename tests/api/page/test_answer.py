"""One answer on the page: its text, its footnotes and sources, its confidence, its doubts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import httpx
import pytest
from playwright.sync_api import Browser, expect
from support_page import CAPITAL, TRAVEL, Visit, answer, citation, passage, visiting

from index.index import Index
from rag.answer import Passage, Turn
from rag.assistant import Assistant
from rag.read.reader import Reader, Reading
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer

pytestmark = pytest.mark.browser


def test_an_answer_and_its_highlighted_source(visit: Visit, founding: str) -> None:
    page = visit.page
    visit.ask(TRAVEL)
    turn = page.locator(".turn")
    expect(turn.locator(".asked")).to_have_text(TRAVEL)
    expect(turn.locator(".text")).to_contain_text("Kim Jong-un")
    expect(turn.locator(".standalone")).to_be_hidden()
    expect(turn.locator(".figures")).to_have_text(re.compile(r"^[A-Z][a-z ]+ · .*\d %$"))
    quote = turn.locator(".notes blockquote").first.text_content()
    turn.get_by_role("button", name=re.compile("^Footnote 1: open ")).click()
    mark = page.locator("#source-text mark")
    expect(mark).to_have_text(str(quote))
    expect(mark).to_be_in_viewport(ratio=1)
    expect(page.locator("#source-about")).to_contain_text("8 November 2023")
    expect(turn).to_be_in_viewport()
    stored = httpx.get(f"{visit.address}/v1/documents/{founding}/text").text
    assert page.locator("#source-text").evaluate("(element) => element.textContent") == stored


def test_the_highlight_counts_code_points(visit: Visit, client: httpx.Client) -> None:
    lamps = "A lamp 🕯️ and a fire 🔥 burned 𝔉. " * 40
    keeper = "The lighthouse keeper was called 𝔄𝔡𝔞 Brandt 🕯️."
    text = f"{lamps}\n\n{keeper}\n\n{lamps}"
    note = {"uri": "keeper", "title": "The keeper", "text": text}
    (added,) = client.post("/v1/documents", json=note).json()["documents"]
    stored = client.get(f"/v1/documents/{added['id']}/text").text
    start = stored.index(keeper)
    place = {"document_id": added["id"], "start": start, "end": start + len(keeper)}
    visit.reply(answer("Ada Brandt [1].", citation(1, keeper, **place)))
    page = visit.page
    visit.ask("What was the lighthouse keeper called?")
    page.locator(".turn .ref").click()
    mark = page.locator("#source-text mark")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == keeper
    assert mark.evaluate("(mark) => [...mark.previousSibling.data].length") == start > 1000
    note["text"] = "Nobody keeps the light now."
    client.post("/v1/documents", json=note)
    page.locator(".turn .notes .cite").click()
    expect(page.locator("#source-trouble")).to_contain_text("This document has changed since")
    expect(mark).to_have_count(0)
    expect(page.locator("#source-text")).to_have_text(note["text"])


def test_a_question_without_an_answer_shows_the_nearest_passages(
    visit: Visit, founding: str
) -> None:
    visit.ask(CAPITAL)
    turn = visit.page.locator(".turn")
    expect(turn.get_by_text("Not in your documents")).to_be_visible()
    expect(turn.get_by_text(re.compile(r"^Nearest passages \(3\)$"))).to_be_visible()
    expect(turn.locator(".passages li")).to_have_count(3)
    expect(turn.locator(".passages li p").first).to_be_visible()
    expect(turn.locator(".ref")).to_have_count(0)
    expect(turn.locator(".figures")).to_have_text(re.compile(r"^Too unsure to answer · .*\d %$"))
    expect(turn.get_by_role("button", name="Copy", exact=True)).to_be_hidden()


@pytest.mark.parametrize(
    ("confidence", "verdict", "figures", "meaning"),
    [
        (
            0.93,
            "answered",
            "Very likely right · 93 %",
            "of 100 answers as sure as this one, about 93",
        ),
        (0.75, "answered", "Likely right · 75 %", "from 50 % on (the setting min_confidence)"),
        (0.31, "unsure", "Not sure · 31 %", "of 100 answers as sure as this one, about 31"),
        (0.11, "unanswered", "Too unsure to answer · 11 %", "would be right about 11 times in 100"),
        (0.80, "unanswered", "No answer that could be proved · 80 %", "nothing that was written"),
    ],
)
def test_the_confidence_is_a_word_a_number_and_what_they_mean(
    staged: Visit, confidence: float, verdict: str, figures: str, meaning: str
) -> None:
    staged.reply(answer("Ada kept it.", confidence=confidence, verdict=verdict))
    staged.ask("Who kept the light?")
    button = staged.page.get_by_role("button", name=figures)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(staged.page.locator(".turn .meaning")).to_contain_text(meaning)
    expect(button).to_have_attribute("aria-expanded", "true")


def test_sentences_that_nothing_supports_are_marked_for_eyes_and_ears(staged: Visit) -> None:
    text = (
        "**Ada** kept the *light* [1]. It burned\noil until 1931. "
        "It is [electric](https://a.b) now [2]!"
    )
    sentences = [
        {"text": "**Ada** kept the *light*.", "citations": [1], "support": 0.9, "supported": True},
        {"text": "It burned oil until 1931.", "citations": [], "support": 0.1, "supported": False},
        {"text": "It is [electric](https://a.b) now [2]!", "support": 0, "supported": False},
        {"text": "Nobody [2] said so.", "citations": [], "support": 0.0, "supported": False},
    ]
    cited = [citation(1, "Ada kept the light."), citation(2, "The lamp is dark.")]
    staged.reply(answer(text, *cited, sentences=sentences))
    staged.ask("Who kept the light?")
    turn = staged.page.locator(".turn")
    marked = turn.locator(".text .unsupported")
    said = "Not supported by the documents: "
    expect(marked).to_have_text(
        [f"{said}It burned oil until 1931.", f"{said}It is", "electric", "now"]
    )
    lines = marked.evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).textDecorationStyle)"
    )
    assert set(lines) == {"wavy"}
    expect(turn.locator(".doubts")).to_have_text(
        f"Underlined like this: not supported by the documents.{said}“Nobody said so.”"
    )
    expect(turn.locator(".text")).to_contain_text("Ada kept the light1.")
    own = answer("The *lamp* [1].", *cited, model="reader", replaced_by="reader")
    staged.reply(own)
    staged.ask("Who kept the light?")
    expect(turn.last.get_by_text("Nothing in the documents bears out what")).to_be_visible()
    expect(turn.last.locator(".text")).to_have_text("The *lamp*1.")
    staged.reply(answer(text, *cited))  # a server that doesn't judge sentences
    staged.ask("Who kept the light?")
    expect(turn.last.locator(".unsupported")).to_have_count(0)
    expect(turn.last.locator(".replaced")).to_be_hidden()
    expect(turn.last.locator(".doubts")).to_be_hidden()


HOSTILE = """## Keepers

1. **Kim Jong-un**, the leader of North Korea, is planning to travel to Russia [1]
2. <img src=x onerror="document.title='broken'"><script>document.title='broken'</script>

[run](javascript:document.title='broken') [data](data:text/html,x) [here](/v1/documents)
[out](https://example.org/page) ![a picture](http://elsewhere.invalid/spy.png) [1]: http://evil.invalid

[1]: http://evil.invalid

`<b>` <style>body { display: none }</style> <a href=//evil.invalid onclick=alert(1)>x</a>

| who | where |
|-----|------:|
| Kim | Kim Jong-un, the leader of North Korea, is planning to travel to Russia [1] |
"""


class Writes:
    """An answerer that writes what it is given."""

    name = "chat"

    def __init__(self, text: str) -> None:
        self.text = text

    def with_wishes(self, wishes: object) -> Self:
        return self

    def stream(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], reading: Reading
    ) -> Iterator[str]:
        for start in range(0, len(self.text), 7):
            yield self.text[start : start + 7]


def test_generated_markdown_is_set_and_can_do_nothing(
    chromium: Browser,
    serve: Callable[..., str],
    index: Index,
    reader: Reader,
    settings: Settings,
    founding: str,
) -> None:
    answerers = [ExtractiveAnswerer(), Writes(HOSTILE)]
    address = serve(Assistant(index, reader, answerers, settings), chat_model="tiny")
    with visiting(chromium, address) as visit:
        page = visit.page
        choice = page.locator("#answerer")
        expect(choice.locator("option")).to_have_text(
            ["The documents, word for word", "A language model (tiny)"]
        )
        choice.select_option("chat")
        page.reload()
        expect(choice).to_have_value("chat")
        with page.expect_request("**/v1/ask") as sent:
            visit.ask(TRAVEL)
        assert sent.value.post_data_json["answerer"] == "chat"
        turn = page.locator(".turn")
        expect(turn.locator(".basis")).to_contain_text("A language model (tiny) · ")
        text = turn.locator(".text")
        expect(text.get_by_role("heading", level=4)).to_have_text("Keepers")
        expect(text.locator("strong")).to_have_text("Kim Jong-un")
        expect(text.locator("td").last).to_have_text(re.compile(r"to travel to Russia\d$"))
        expect(text).to_contain_text("img src=x onerror=\"document.title='broken'\"><script>")
        expect(text).to_contain_text("<style>body { display: none }</style> <a href=//evil.invalid")
        expect(text).to_contain_text("a picture")
        hrefs = text.locator("a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
        assert {href for href in hrefs if href} == {
            "https://example.org/page",
            "http://evil.invalid",
        }
        expect(text.get_by_role("link", name="evil.invalid").first).to_have_text(
            "http://evil.invalid"
        )
        assert text.get_by_role("link", name="out").get_attribute("rel") == (
            "noopener noreferrer nofollow"
        )
        for name in ("run", "data", "here"):
            text.locator("a").filter(has_text=name).dispatch_event("click")
        assert page.locator("main :is(img, script, style, [onclick], [onerror])").count() == 0
        assert page.title() == "Footnote"
        assert page.url.startswith(address)
        footnotes = turn.locator(".notes li").count()
        assert footnotes >= 2
        expect(text.get_by_role("button", name=re.compile("^Footnote"))).to_have_count(footnotes)


def test_what_the_reader_quotes_is_not_markdown(visit: Visit, client: httpx.Client) -> None:
    attack = "<img src=x onerror=\"document.title='broken'\"><script>alert('text')</script>"
    name = "<img src=x onerror=alert('name')>.txt"
    title = f"<b>Lamps</b>{attack}"
    text = f"The *lighthouse* keeper {attack} was called **Ada** Brandt.\n\n{attack}"
    client.post("/v1/documents", json={"uri": "n1", "title": title, "text": text})
    page = visit.page
    visit.open_documents()
    page.locator("#files").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": f"{attack} was here.".encode()}]
    )
    expect(page.locator("#uploads li")).to_contain_text(f"{name}Added")
    expect(page.locator("#list")).to_contain_text(title)
    page.keyboard.press("Escape")
    visit.ask(f"What was the lighthouse keeper called? {attack}")
    turn = page.locator(".turn")
    turn.locator("summary").click()
    turn.locator(".passages .cite").filter(has_text=title).click()
    expect(page.locator("#source-title")).to_have_text(title)
    expect(page.locator("#source-text")).to_have_text(text, use_inner_text=False)
    page.keyboard.press("Escape")
    visit.reply(
        answer(f"The *keeper* {attack} was **Ada**. [1]", citation(1, attack), model="reader")
    )
    visit.ask("And who was it?")
    expect(turn.last.locator(".text")).to_have_text(f"The *keeper* {attack} was **Ada**.1")
    expect(turn.last.locator(".notes blockquote")).to_have_text(attack)
    assert page.locator("main img, main script, #panel img, #panel script, #panel b").count() == 0
    assert page.title() == "Footnote"


def test_places_other_sources_and_the_question_as_understood_are_shown(visit: Visit) -> None:
    heads = {"start": 0, "end": 12, "text": "Keeper   Since"}
    slide = citation(1, "Ada kept the light.", location="slide 3", page=3, also_in=[])
    slide["column_heads"] = heads
    paged = citation(2, "She was Ada.", page=12)
    elsewhere = [
        {"document_id": "d2", "uri": "b.txt", "title": "A copy", "page": None, "location": ""},
        {"document_id": "d3", "uri": "c.pdf", "title": "C", "page": 4, "location": "p. 4"},
    ]
    found = passage("Ada kept the light.", location="slide 3", also_in=elsewhere)
    visit.reply(answer("Ada [1] [2].", slide, paged, passages=[found, passage("x")]))
    visit.ask("Who  kept it?")
    turn = visit.page.locator(".turn")
    expect(turn.locator(".standalone q")).to_have_text("Who kept the light?")
    expect(turn.locator(".notes .heads")).to_have_text(["Keeper   Since", ""])
    expect(turn.locator(".notes .heads").last).to_be_hidden()
    expect(turn.locator(".notes .cite")).to_have_text(["The keeper, slide 3", "The keeper, p. 12"])
    turn.locator("summary").click()
    first = turn.locator(".passages > ol > li").first
    expect(first.locator(".cite")).to_have_text(["The keeper, slide 3", "A copy", "C, p. 4"])
    expect(turn.locator(".passages > ol > li").nth(1).locator(".also")).to_be_hidden()
    first.get_by_role("button", name="A copy").click()
    expect(visit.page.locator("#source-trouble")).to_contain_text("d2")
    visit.foresee("404")  # there is no such document
    visit.ask(" Who kept the\nlight? ")
    expect(turn.last.locator(".standalone")).to_be_hidden()


def test_what_was_understood_otherwise_is_asked_exactly_as_written(visit: Visit) -> None:
    page, said = visit.page, "Hello! Who kept the light?"
    bodies: list[dict[str, Any]] = []
    page.on("request", lambda sent: bodies.append(sent.post_data_json) if sent.post_data else None)
    visit.reply(answer("Ada.", passages=[passage("x")]), answer("Bea.", question=said))
    visit.ask(said)
    turn = page.locator(".turn")
    expect(turn.locator(".standalone q")).to_have_text("Who kept the light?")
    turn.get_by_role("button", name="Ask exactly as written").click()
    expect(turn).to_have_count(2)
    expect(turn.last.locator(".text")).to_have_text("Bea.")
    expect(turn.last.locator(".asked")).to_have_text(said)
    expect(turn.last.locator(".standalone")).to_be_hidden()
    assert [(body["question"], body["rewrite"]) for body in bodies] == [(said, True), (said, False)]
    page.reload()  # an earlier turn offers it too
    expect(turn.first.get_by_role("button", name="Ask exactly as written")).to_be_visible()


def test_an_answer_is_copied_with_its_footnotes(staged: Visit) -> None:
    staged.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    doubt = {"text": "It is dark.", "citations": [], "support": 0.1, "supported": False}
    cited = citation(1, "Ada kept\nthe light.", location="p. 12")
    staged.reply(answer("Ada kept it [1]. It is dark.", cited, sentences=[doubt]))
    staged.ask("Who kept the light?")
    copied = (
        "Ada kept it [1]. It is dark.\n\n"
        "Not supported by the documents: “It is dark.”\n\n"
        "[1] “Ada kept the light.” The keeper, p. 12 (keeper.pdf)"
    )
    staged.page.get_by_role("button", name="Copy", exact=True).click()
    expect(staged.page.get_by_role("status")).to_have_text("Copied")
    assert staged.page.evaluate("navigator.clipboard.readText()") == copied
    staged.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    staged.page.get_by_label("Your question").fill("")
    staged.page.get_by_role("button", name="Copied").click()
    field = staged.page.get_by_label("Your question")
    field.focus()
    staged.page.keyboard.press("Control+V")
    expect(field).to_have_value(copied)
