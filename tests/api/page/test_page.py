"""The page as a whole: what it looks like when it is opened, who can use it, what it survives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from support_page import CAPITAL, TRAVEL, WARNING, Visit, answer, citation, usable, visiting, widest

pytestmark = pytest.mark.browser
OVERVIEW = "What are these documents about?"


def test_examples_are_offered_where_they_can_be_answered(
    visit: Visit, founding: str, client: httpx.Client
) -> None:
    page = visit.page
    page.reload()
    examples = page.locator(".example:visible")
    expect(examples).to_have_text([TRAVEL, WARNING, CAPITAL])
    client.post("/v1/documents", json={"uri": "n1", "text": "Ada kept the light for forty years."})
    client.delete(f"/v1/documents/{founding}")
    page.reload()
    expect(examples).to_have_text([OVERVIEW])
    examples.click()
    visit.answered()
    expect(page.locator(".turn .text")).to_contain_text("Ada kept the light for forty years.")


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
    ring = marker.evaluate("(marker) => getComputedStyle(marker).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#source-text mark")).to_be_in_viewport()
    expect(page.locator("#source-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(marker).to_be_focused()
    page.get_by_text("Skip to the question").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.locator(".turn .asked")).to_have_text(TRAVEL)


def test_it_fits_a_screen_of_360_pixels(visit: Visit, client: httpx.Client) -> None:
    page = visit.page
    long = "w" * 300
    added = client.post("/v1/documents", json={"uri": long, "title": long, "text": long * 3})
    identity = added.json()["documents"][0]["id"]
    table = "| a | b |\n|---|---|\n" + f"| {long} | x [1] |\n" * 2
    quoted = citation(1, long, document_id=identity, title=long, uri=long)
    visit.reply(answer(f"`{long}`\n\n{table}\n    {long}\n", quoted))
    page.set_viewport_size({"width": 360, "height": 740})
    assert widest(page) == 360
    visit.ask(long)
    page.locator(".turn summary").click()
    page.locator(".turn .confidence").click()
    assert widest(page) == 360
    page.locator(".turn .notes .cite").click()
    expect(page.locator("#source-text mark")).to_be_in_viewport()
    assert widest(page) == 360
    assert page.locator("main").evaluate("(main) => main.inert")
    page.get_by_role("button", name="Close this panel").click()
    assert not page.locator("main").evaluate("(main) => main.inert")
    visit.open_documents()
    expect(page.locator("#list li")).to_have_count(1)
    assert widest(page) == 360
    page.keyboard.press("Escape")
    visit.open_history()
    expect(page.locator("#chat-list li")).to_have_count(1)
    assert widest(page) == 360


def test_light_and_dark(staged: Visit) -> None:
    page = staged.page

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


def test_what_is_judged_is_the_page_when_nothing_moves_any_more(staged: Visit) -> None:
    """A grey that fades in is too light to be read until it is there, and a row of dots breathes
    as long as there is something to wait for."""
    page = staged.page
    page.evaluate(
        """() => {
          const [faint, dots] = [0, 1].map(() => document.createElement("p"));
          faint.append("Ada kept the light.");
          document.querySelector("main").prepend(faint, dots);
          faint.animate([{ opacity: 0.1 }, { opacity: 1 }], 1500);
          dots.animate([{ opacity: 0.1 }, { opacity: 1 }], { duration: 500, iterations: Infinity });
        }"""
    )
    usable(page)
    assert page.locator("main > p").first.evaluate("(it) => getComputedStyle(it).opacity") == "1"


def test_the_first_load_is_small(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    address = serve(scripted(iter(())))
    with chromium.new_context() as context:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        sizes: list[int] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(address)
        expect(page.locator("#count")).to_be_visible()
    assert len(sizes) > 30  # the page, its styles and its scripts
    assert 50_000 < sum(sizes) <= 300_000


def test_nothing_moves_for_those_who_want_it_so(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    address = serve(scripted(iter(())))
    for wish, moving in (("no-preference", True), ("reduce", False)):
        with visiting(chromium, address, reduced_motion=wish) as visit:
            visit.open_documents()
            name = "(panel) => getComputedStyle(panel).animationName"  # also when it is over
            assert (visit.page.locator("#panel").evaluate(name) == "arrive") is moving


def test_a_server_that_is_gone_is_one_clear_line_and_the_question_stays(
    chromium: Browser, mortal: Callable[..., Any], scripted: Callable[..., Any]
) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(mortal(scripted(iter(()))))
        with visiting(chromium, address) as visit:
            page = visit.page
            page.get_by_role("button", name="Ask", exact=True).click()
            alert = page.get_by_role("alert").filter(has_text="Write a question first.")
            expect(alert).to_be_visible()
            stack.close()
            visit.begin_asking(TRAVEL)
            alert = page.locator(".turn").get_by_role("alert")
            expect(alert).to_contain_text("The server cannot be reached.")
            expect(page.get_by_label("Your question")).to_have_value(TRAVEL)
            expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
            visit.foresee("ERR_CONNECTION")


def test_a_problem_is_told_in_its_own_words(visit: Visit) -> None:
    page = visit.page
    page.route(
        "**/v1/ask",
        lambda route: route.fulfill(
            status=503,
            content_type="application/problem+json",
            body='{"detail": "8 questions wait already; ask again in 5 seconds"}',
        ),
    )
    visit.begin_asking(TRAVEL)
    alert = page.locator(".turn").get_by_role("alert")
    expect(alert).to_have_text("8 questions wait already; ask again in 5 seconds")
    visit.foresee("503")


def test_what_is_not_the_servers_own_is_refused_by_the_browser(staged: Visit) -> None:
    page = staged.page
    refused = page.evaluate(
        """() => {
          const script = document.createElement("script");
          const style = document.createElement("style");
          const tries = {
            text: () => { script.textContent = "document.title = 'broken'"; },
            html: () => { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); },
          };
          const image = new Image();
          image.src = "http://elsewhere.invalid/x.png";
          document.body.append(image);
          style.textContent = "body { display: none }";
          document.head.append(style);
          return Object.keys(tries).filter((name) => {
            try { tries[name](); } catch { return true; }
          });
        }"""
    )
    assert refused == ["text", "html"]
    expect(page.get_by_role("heading", name="Ask your documents.")).to_be_visible()
    assert any("elsewhere.invalid" in complaint for complaint in staged.complaints)
    staged.requested.remove("http://elsewhere.invalid/x.png")  # wished for, but stopped
    staged.foresee("elsewhere.invalid", "Content Security Policy", "TrustedHTML", "TrustedScript")
