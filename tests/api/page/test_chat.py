"""The conversation on the page: follow-ups, stopping, new chats, and the chats that are kept."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support_page import TRAVEL, WARNING, Visit, answer, citation, settled, visiting

from index.errors import StoreBusy

pytestmark = pytest.mark.browser
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("blocked", "SecurityError"); },
});"""


def test_earlier_turns_stay_are_sent_along_and_outlast_a_reload(
    visit: Visit, founding: str
) -> None:
    page = visit.page
    visit.ask(TRAVEL)
    page.reload()
    expect(page.locator(".turn .text")).to_contain_text("Kim Jong-un")
    with page.expect_request("**/v1/ask") as sent:
        visit.ask(WARNING)
    body = sent.value.post_data_json
    assert body["question"] == WARNING
    assert [turn["role"] for turn in body["history"]] == ["user", "assistant"]
    assert body["history"][0]["content"] == TRAVEL
    assert "Kim Jong-un" in body["history"][1]["content"]
    assert "answerer" not in body  # there is but one
    expect(page.locator(".turn .asked")).to_have_text([TRAVEL, WARNING])
    expect(page.locator(".turn").first.locator(".text")).to_contain_text("Kim Jong-un")


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
        visit.begin_asking(TRAVEL)
        expect(page.locator(".turn .text")).to_have_text("The first words")
        expect(page.locator(".turn .answer")).to_have_attribute("aria-busy", "true")
        expect(page.locator(".turn .answer")).to_have_attribute("aria-live", "polite")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".turn .stopped")).to_be_visible()
        expect(page.locator(".turn .text")).to_have_text("The first words")
        expect(page.locator(".turn .answer")).to_have_attribute("aria-busy", "false")
        stopped.set()
        assert assistant.closed.wait(60)
        page.reload()
        expect(page.locator(".turn .text")).to_have_text("The first words")
        visit.reply(answer("Ada."))
        with page.expect_request("**/v1/ask") as sent:
            visit.ask(TRAVEL)
        assert sent.value.post_data_json["history"] == []


def test_nothing_jumps_while_words_arrive(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    seen = threading.Event()

    def words() -> Iterator[str]:
        for at in range(30):
            if at == 15:
                assert seen.wait(60)
            time.sleep(0.02)
            yield "Ada kept the light [1] for forty years, and nobody else did. "

    with visiting(chromium, serve(scripted(words()))) as visit:
        page = visit.page
        page.evaluate(
            """() => {
              window.shifts = [];
              new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
                .observe({ type: "layout-shift" });
            }"""
        )
        visit.begin_asking(TRAVEL)
        alert = page.locator(".turn").get_by_role("alert")  # the script ends without an answer
        expect(page.locator(".turn .text")).to_contain_text("did. Ada kept")
        settled(page)
        before = page.locator(".turn .asked").bounding_box()
        seen.set()
        expect(alert).to_contain_text("broke off")
        assert page.locator(".turn .asked").bounding_box() == before
        assert page.evaluate("window.shifts.reduce((sum, one) => sum + one.value, 0)") == 0


def test_an_answer_that_fails_midway_says_so(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    script = iter(["The first words ", StoreBusy("another process is writing")])
    with visiting(chromium, serve(scripted(script))) as visit:
        page = visit.page
        visit.begin_asking(TRAVEL)
        alert = page.locator(".turn").get_by_role("alert")
        expect(alert).to_have_text("another process is writing")
        expect(page.locator(".turn .text")).to_be_hidden()
        expect(page.get_by_label("Your question")).to_have_value(TRAVEL)


def test_chats_are_begun_kept_opened_and_deleted(staged: Visit) -> None:
    page = staged.page
    asked = page.locator(".turn .asked")
    staged.reply(answer("Ada."))
    staged.ask("Who kept the light?")
    page.get_by_role("button", name="New chat").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_role("heading", name="Ask your documents.")).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_focused()
    with page.expect_request("**/v1/ask") as sent:
        staged.ask("Who lit the lamp?")
    assert sent.value.post_data_json["history"] == []
    staged.ask("And when?")

    staged.open_history()
    rows = page.locator("#chat-list .open")
    expect(rows).to_have_text(["Who lit the lamp?", "Who kept the light?"])
    expect(page.locator("#chat-list .about").first).to_contain_text("2 questions")
    expect(rows.first).to_have_attribute("aria-current", "true")
    rows.last.click()
    expect(asked).to_have_text(["Who kept the light?"])
    expect(page.locator("#panel")).to_be_hidden()
    page.go_back()
    expect(asked).to_have_text(["Who lit the lamp?", "And when?"])

    staged.open_history()
    page.get_by_role("button", name="Delete Who kept the light?").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Really delete Who kept the light?").click()
    expect(rows).to_have_text(["Who lit the lamp?"])
    expect(asked).to_have_count(2)
    page.get_by_role("button", name="Delete Who lit the lamp?").click()
    page.get_by_role("button", name="Really delete Who lit the lamp?").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_text("There are none yet.")).to_be_visible()
    page.reload()
    staged.open_history()
    expect(rows).to_have_count(0)


def test_all_chats_are_deleted_at_once_and_one_underway_does_not_come_back(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    staged.ask("Who kept the light?")
    page.get_by_role("button", name="New chat").click()
    staged.ask("Who lit the lamp?")
    page.route("**/v1/ask", lambda route: None)  # never answered
    staged.begin_asking("And when?")
    staged.open_history()
    page.get_by_role("button", name="Delete all conversations").click()
    page.get_by_role("button", name="Really delete all conversations?").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    assert page.evaluate("localStorage.getItem('footnote.chats.1')") == "[]"


def test_what_is_kept_is_bounded(staged: Visit) -> None:
    kept = staged.page.evaluate(
        """async () => {
          const { bounded } = await import("/static/chats.js");
          const chat = (id, turns) => ({ id, title: "", changed: "", turns });
          const size = (chats) => chats.reduce((sum, one) => sum + JSON.stringify(one).length, 0);
          const many = Array.from({ length: 60 }, (_, at) => chat(String(at), ["x"]));
          const three = [chat("a", ["1"]), chat("b", ["22"]), chat("c", ["3"])];
          const long = [chat("a", ["11111", "22222", "33333"]), chat("b", [])];
          return {
            many: bounded(many, 9999).map((one) => one.id),
            all: bounded(three, size(three)).map((one) => one.id),
            two: bounded(three, size(three) - 1).map((one) => one.id),
            turns: bounded(long, size([chat("a", ["22222", "33333"])])),
          };
        }"""
    )
    assert kept["many"] == [str(at) for at in range(50)]
    assert kept["all"] == ["a", "b", "c"]
    assert kept["two"] == ["a", "b"]
    assert kept["turns"] == [{"id": "a", "title": "", "changed": "", "turns": ["22222", "33333"]}]


def test_a_browser_that_keeps_nothing_or_nonsense_is_no_trouble(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    address = serve(scripted(iter(())))
    with visiting(chromium, address, init=NO_STORAGE) as visit:
        visit.page.get_by_role("button", name="Switch between light and dark").click()
        visit.reply(answer("Ada."))
        visit.ask("Who kept the light?")
        visit.open_history()
        expect(visit.page.locator("#chat-list .open")).to_have_text("Who kept the light?")
        expect(visit.page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    nonsense = 'localStorage.setItem("footnote.chats.1", "[{")'
    with visiting(chromium, address, init=nonsense) as visit:
        visit.reply(answer("Ada."))
        visit.ask("Who kept the light?")
        visit.open_history()
        expect(visit.page.locator("#chat-list .open")).to_have_text("Who kept the light?")
        expect(visit.page.locator("#chats-unkept")).to_be_hidden()


def test_a_conversation_is_downloaded_as_markdown(staged: Visit) -> None:
    page = staged.page
    doubt = {"text": "It is dark.", "citations": [], "support": 0.1, "supported": False}
    generated = "**Ada** <b>kept</b> it [1]. ![x](http://a.b/c) It is dark."
    staged.reply(
        answer(generated, citation(1, "Ada *kept* it.", location="p. 12"), sentences=[doubt]),
        answer("1. It\n# is_oil [1].", citation(1, "Oil."), model="reader", confidence=0.5),
    )
    staged.ask("Who kept the #light?")
    staged.ask("What did it burn?")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download chat").click()
    assert begun.value.suggested_filename == "footnote-who-kept-the-light.md"
    text = begun.value.path().read_text(encoding="utf-8")
    assert re.sub(r"\d{4}-\d\d-\d\d", "DAY", text) == (
        "# Who kept the \\#light?\n\n"
        "Asked of Footnote, DAY.\n\n"
        "## Who kept the \\#light?\n\n"
        "**Ada** &lt;b>kept&lt;/b> it[^1-1]. !\\[x](http://a.b/c) It is dark.\n\n"
        "Not supported by the documents: “It is dark.”\n\n"
        "*Confidence 77 %.*\n\n"
        "[^1-1]: “Ada \\*kept\\* it.” The keeper, p. 12 (keeper.pdf)\n\n"
        "## What did it burn?\n\n"
        "1\\. It \\# is\\_oil[^2-1].\n\n"
        "*Confidence 50 %.*\n\n"
        "[^2-1]: “Oil.” The keeper (keeper.pdf)\n"
    )
    staged.open_history()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download Who kept the #light?").click()
    assert begun.value.path().read_text(encoding="utf-8") == text
