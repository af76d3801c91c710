"""The page in a real Chromium, against a real server."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from index.errors import StoreBusy

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TRAVEL = "Who is planning to travel to Russia?"
WARNING = "What warning did the United States give North Korea?"
CAPITAL = "What is the capital of Australia?"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no `chromium` on the PATH to test the page with"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """The page, and what went on behind it."""

    page: Page
    address: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.get_by_label("Your question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        self.answered()

    def open_documents(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Documents")).click()

    def answered(self) -> None:
        expect(self.page.locator(".turn").last.locator(".figures")).to_be_visible(timeout=60_000)


@contextmanager
def visiting(chromium: Browser, address: str) -> Iterator[Visit]:
    """The page, opened. Afterwards: no errors on the console, no request left the server."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    visit = Visit(page, address)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("dialog", lambda dialog: visit.complaints.append(f"dialog {dialog.message}"))
    context.on("request", lambda request: visit.requested.append(request.url))
    page.goto(address)
    expect(page.locator("#count")).to_be_visible(timeout=60_000)
    yield visit
    context.close()
    assert visit.complaints == []
    assert {urlsplit(url).netloc for url in visit.requested} == {urlsplit(address).netloc}


@pytest.fixture
def visit(chromium: Browser, client: httpx.Client) -> Iterator[Visit]:
    """The page of a server over the real assistant."""
    with visiting(chromium, str(client.base_url).rstrip("/")) as visit:
        yield visit


def widest(page: Page) -> int:
    """The right edge of the widest visible element that nothing clips, in pixels."""
    return int(
        page.evaluate(
            """() => Math.max(document.documentElement.scrollWidth,
              ...["main", "#panel", "#panel .body"].flatMap((selector) =>
                [...document.querySelectorAll(selector)].map((element) =>
                  element.scrollWidth - element.clientWidth + innerWidth)))"""
        )
    )


def test_an_answer_and_its_highlighted_source(visit: Visit, founding: str) -> None:
    page = visit.page
    visit.ask(TRAVEL)
    turn = page.locator(".turn")
    expect(turn.locator(".asked")).to_have_text(TRAVEL)
    expect(turn.locator(".text")).to_contain_text("Kim Jong-un")
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
    question = "What was the lighthouse keeper called?"
    lamps = "A lamp 🕯️ and a fire 🔥 burned 𝔉. " * 100
    text = f"{lamps}\n\nThe lighthouse keeper was called 𝔄𝔡𝔞 Brandt 🕯️.\n\n{lamps}"
    client.post("/v1/documents", json={"uri": "keeper", "title": "The keeper", "text": text})
    passages = client.post("/v1/ask", json={"question": question}).json()["passages"]
    place = next(at for at, one in enumerate(passages) if "Brandt" in one["text"])
    page = visit.page
    visit.ask(question)
    details = page.locator(".turn .passages")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    details.locator(".cite").nth(place).click()
    mark = page.locator("#source-text mark")
    expect(mark).to_be_in_viewport()
    assert mark.text_content() == passages[place]["text"]
    before = mark.evaluate("(mark) => [...mark.previousSibling.data].length")
    assert before == passages[place]["start"]
    assert before > 1000


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


def test_earlier_turns_stay_and_are_sent_along(visit: Visit, founding: str) -> None:
    page = visit.page
    visit.ask(TRAVEL)
    with page.expect_request("**/v1/ask") as sent:
        visit.ask(WARNING)
    body = sent.value.post_data_json
    assert body["question"] == WARNING
    assert [turn["role"] for turn in body["history"]] == ["user", "assistant"]
    assert body["history"][0]["content"] == TRAVEL
    assert "Kim Jong-un" in body["history"][1]["content"]
    expect(page.locator(".turn .asked")).to_have_text([TRAVEL, WARNING])
    expect(page.locator(".turn").first.locator(".text")).to_contain_text("Kim Jong-un")


def test_an_empty_store_asks_for_documents_and_an_upload_fills_it(visit: Visit) -> None:
    page = visit.page
    expect(page.get_by_text("There are no documents yet.")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add documents").click()
    chooser.value.set_files(
        [
            {"name": "keeper.txt", "mimeType": "text/plain", "buffer": b"Ada kept the light."},
            {"name": "tool.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\x90\x00"},
        ]
    )
    uploads = page.locator("#uploads li")
    expect(uploads.nth(0)).to_contain_text("Added, 1 passage")
    expect(uploads.nth(1)).to_contain_text("tool.exe")
    expect(uploads.nth(1)).to_have_class("failed")
    expect(page.locator("#count")).to_have_text("1")
    expect(page.get_by_text("There are no documents yet.")).to_be_hidden()
    (complaint,) = visit.complaints  # Chromium reports each failed request on the console
    assert "415" in complaint
    visit.complaints.clear()


def test_files_can_be_dropped(visit: Visit) -> None:
    page = visit.page
    transfer = page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["Ada kept the light."], "keeper.txt", {type: "text/plain"}));
          return transfer;
        }"""
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop to add to your documents")).to_be_visible()
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop to add to your documents")).to_be_hidden()
    expect(page.locator("#uploads li")).to_contain_text("Added, 1 passage")


def test_a_document_is_read_and_removed(visit: Visit, client: httpx.Client) -> None:
    client.post("/v1/documents", json={"uri": "n1", "title": "Lamps", "text": "Ada kept them."})
    page = visit.page
    visit.open_documents()
    page.get_by_role("button", name="Lamps", exact=True).click()
    expect(page.locator("#source-text")).to_have_text("Ada kept them.")
    visit.open_documents()
    page.get_by_role("button", name="Remove Lamps").click()
    assert client.get("/health").json()["documents"] == 1
    page.get_by_role("button", name="Really remove Lamps?").click()
    expect(page.locator("#list li")).to_have_count(0)
    assert client.get("/health").json()["documents"] == 0


def test_markup_in_a_document_stays_text(visit: Visit, client: httpx.Client) -> None:
    attack = "<img src=x onerror=\"document.title='broken'\"><script>alert('text')</script>"
    name = "<img src=x onerror=alert('name')>.txt"
    title = f"<b>Lamps</b>{attack}"
    text = f"The lighthouse keeper {attack} was called Ada Brandt.\n\n{attack}"
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
    assert page.locator("main img, main script, #panel img, #panel script, #panel b").count() == 0
    assert page.title() == "Footnote"


def test_the_keyboard_is_enough(visit: Visit, founding: str) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type(TRAVEL)
    page.keyboard.press("Enter")
    visit.answered()
    marker = page.locator(".turn .ref").first
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if marker.evaluate("(marker) => marker === document.activeElement"):
            break
    expect(marker).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#source-text mark")).to_be_in_viewport()
    expect(page.locator("#source-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(marker).to_be_focused()


def test_it_fits_a_screen_of_360_pixels(visit: Visit, founding: str, client: httpx.Client) -> None:
    page = visit.page
    long = {"uri": "w" * 300, "title": "W" * 300, "text": "w" * 900}
    client.post("/v1/documents", json=long)
    page.set_viewport_size({"width": 360, "height": 740})
    assert widest(page) == 360
    visit.ask(TRAVEL)
    page.locator(".turn summary").click()
    assert widest(page) == 360
    page.locator(".turn .ref").first.click()
    expect(page.locator("#source-text mark")).to_be_in_viewport()
    assert widest(page) == 360
    assert page.locator("main").evaluate("(main) => main.inert")
    page.get_by_role("button", name="Close this panel").click()
    assert not page.locator("main").evaluate("(main) => main.inert")
    visit.open_documents()
    expect(page.locator("#list li")).to_have_count(2)
    assert widest(page) == 360


def test_a_problem_is_one_clear_line_and_the_question_stays(visit: Visit, founding: str) -> None:
    page = visit.page
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Write a question first.")).to_be_visible()
    page.route("**/v1/ask", lambda route: route.abort())
    page.get_by_label("Your question").fill(TRAVEL)
    page.keyboard.press("Enter")
    alert = page.locator(".turn").get_by_role("alert")
    expect(alert).to_contain_text("The server cannot be reached.")
    expect(page.get_by_label("Your question")).to_have_value(TRAVEL)
    visit.complaints.clear()


def test_words_are_shown_as_they_arrive_and_can_be_stopped(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    stopped = threading.Event()

    def waiting() -> Iterator[str | Exception]:
        yield "The first words "
        assert stopped.wait(60)
        yield "and no more."

    assistant = scripted(waiting())
    with visiting(chromium, serve(assistant)) as visit:
        page = visit.page
        page.get_by_label("Your question").fill(TRAVEL)
        page.keyboard.press("Enter")
        expect(page.locator(".turn .text")).to_have_text("The first words")
        expect(page.locator(".turn .answer")).to_have_attribute("aria-busy", "true")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".turn .figures")).to_have_text("Stopped")
        expect(page.locator(".turn .text")).to_have_text("The first words")
        stopped.set()
        assert assistant.closed.wait(60)


def test_an_answer_that_fails_midway_says_so(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    script = iter(["The first words ", StoreBusy("another process is writing")])
    with visiting(chromium, serve(scripted(script))) as visit:
        page = visit.page
        page.get_by_label("Your question").fill(TRAVEL)
        page.keyboard.press("Enter")
        alert = page.locator(".turn").get_by_role("alert")
        expect(alert).to_have_text("another process is writing")
        expect(page.locator(".turn .text")).to_be_hidden()


def test_a_document_that_changed_since_is_not_marked(visit: Visit, client: httpx.Client) -> None:
    note = {"uri": "n1", "title": "Lamps", "text": "The lighthouse keeper was called Ada Brandt."}
    client.post("/v1/documents", json=note)
    visit.ask("What was the lighthouse keeper called?")
    note["text"] = "Nobody keeps the light now, and nobody ever did in all these years."
    client.post("/v1/documents", json=note)
    page = visit.page
    page.locator(".turn summary").click()
    page.locator(".turn .passages .cite").first.click()
    expect(page.locator("#source-trouble")).to_contain_text("This document has changed since")
    expect(page.locator("#source-text mark")).to_have_count(0)
    expect(page.locator("#source-text")).to_have_text(note["text"])


def test_examples_are_offered_where_they_can_be_answered(
    visit: Visit, founding: str, client: httpx.Client
) -> None:
    page = visit.page
    page.reload()
    expect(page.locator(".example")).to_have_text([TRAVEL, WARNING, CAPITAL])
    page.get_by_role("button", name=TRAVEL).click()
    visit.answered()
    expect(page.locator(".turn .text")).to_contain_text("Kim Jong-un")
    client.delete(f"/v1/documents/{founding}")
    page.reload()
    expect(page.get_by_text("There are no documents yet.")).to_be_visible()
    expect(page.locator("#examples")).to_be_hidden()


def test_light_and_dark(visit: Visit) -> None:
    page = visit.page

    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.emulate_media(color_scheme="light")
    light = paper()
    page.emulate_media(color_scheme="dark")
    dark = paper()
    assert light != dark
    page.get_by_role("button", name="Switch between light and dark").click()
    assert paper() == light
    page.reload()
    assert paper() == light
