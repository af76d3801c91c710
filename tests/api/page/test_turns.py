"""Turns on the page: asked otherwise, answered again, by another answerer, copied, in two tabs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support_page import Visit, answer, citation, usable, visiting, widest

pytestmark = pytest.mark.browser
WHO = "Who kept the light?"


def sent(visit: Visit) -> list[dict[str, Any]]:
    """The bodies of what is asked from now on."""
    bodies: list[dict[str, Any]] = []
    visit.page.on(
        "request",
        lambda request: bodies.append(request.post_data_json) if "/v1/ask" in request.url else None,
    )
    return bodies


def test_the_last_question_is_asked_otherwise_in_its_place(staged: Visit) -> None:
    page, bodies = staged.page, sent(staged)
    staged.reply(answer("Ada."), answer("Bea.", question="Who lit it?"))
    staged.ask(WHO)
    page.get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_role("textbox", name="The question, changed")
    expect(field).to_have_value(WHO)
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()
    page.get_by_label("Your question").focus()
    page.keyboard.press("ArrowUp")  # in an empty field
    expect(field).to_be_focused()
    field.fill(" ")
    page.keyboard.press("Enter")
    expect(page.locator(".editing").get_by_role("alert")).to_have_text("Write a question first.")
    field.fill("Who lit it?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .text")).to_have_text(["Bea."])
    expect(page.locator(".turn .asked")).to_have_text(["Who lit it?"])
    assert [body["history"] for body in bodies] == [[], []]
    page.reload()
    expect(page.locator(".turn .text")).to_have_text(["Bea."])
    staged.open_history()
    expect(page.locator("#chat-list .open")).to_have_text(["Who lit it?"])


def test_what_followed_an_earlier_question_is_kept_apart(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."), answer("To 1931."), answer("Oil."), answer("From 1932."))
    for question in (WHO, "Until when?", "What burned?"):
        staged.ask(question)
    bodies = sent(staged)
    turns = page.locator(".turn")
    turns.nth(1).get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="The question, changed").fill("Since when?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .text")).to_have_text(["Ada.", "From 1932."])
    expect(page.locator("#told:visible")).to_have_text("The conversation as it was is in History.")
    assert [turn["content"] for turn in bodies[0]["history"]] == [WHO, "Ada."]
    staged.open_history()
    rows = page.locator("#chat-list li")
    expect(rows.locator(".about")).to_have_text(
        [re.compile("2 questions$"), re.compile("3 questions$")]
    )
    rows.last.locator(".open").click()
    expect(page.locator(".turn .text")).to_have_text(["Ada.", "To 1931.", "Oil."])


def test_answers_to_one_question_stay_at_hand(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."), answer("Bea."), answer("It burned oil."))
    staged.ask(WHO)
    bodies = sent(staged)
    page.get_by_role("button", name="Answer again").click()
    text = page.locator(".turn .text")
    expect(text).to_have_text(["Bea."])
    assert [(body["question"], body["history"]) for body in bodies] == [(WHO, [])]
    expect(page.locator(".which")).to_have_text("2 of 2")
    expect(page.get_by_role("button", name="Answer after")).to_be_disabled()
    page.get_by_role("button", name="Answer before").click()
    expect(text).to_have_text(["Ada."])
    page.reload()
    expect(text).to_have_text(["Ada."])
    expect(page.locator(".which")).to_have_text("1 of 2")
    staged.ask("What burned?")  # after the answer that is shown
    assert [turn["content"] for turn in bodies[1]["history"]] == [WHO, "Ada."]


def test_an_answer_that_fails_again_leaves_the_one_before(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    staged.ask(WHO)
    page.unroute("**/v1/ask")
    page.route("**/v1/ask", lambda route: route.fulfill(status=503, body='{"detail": "Busy."}'))
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".turn").get_by_role("alert")).to_have_text("Busy.")
    expect(page.locator(".turn .text")).to_have_text(["Ada."])
    staged.foresee("503")
    staged.reply(answer("Bea."))
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".turn .text")).to_have_text(["Bea."])
    page.unroute("**/v1/ask")
    page.route("**/v1/ask", lambda route: None)  # never answered
    page.get_by_role("button", name="Answer again").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".turn .text")).to_have_text(["Bea."])
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_another_answerer_answers_the_same_question(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    assistant = scripted(iter(()))
    assistant.answerers = ("reader", "chat")
    with visiting(chromium, serve(assistant, chat_model="tiny")) as visit:
        page, bodies = visit.page, sent(visit)
        visit.reply(answer("Ada.", model="reader"), answer("**Ada**, says the book."))
        visit.ask(WHO)
        page.get_by_role("button", name="Ask: A language model (tiny)").click()
        expect(page.locator(".turn .text strong")).to_have_text("Ada")
        expect(page.get_by_role("button", name="Ask: The documents, word for word")).to_be_visible()
        assert [body["answerer"] for body in bodies] == ["reader", "chat"]
        page.get_by_role("button", name="Answer again").click()
        expect(page.locator(".which")).to_have_text("3 of 3")
        assert bodies[-1]["answerer"] == "chat"


def test_an_answer_is_copied_in_three_forms(staged: Visit) -> None:
    page = staged.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cited = citation(1, "Ada <kept> it.", location="p. 12")
    staged.reply(answer("**Ada** kept it [1]. <b>", cited))
    staged.ask(WHO)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#status")).to_have_text("Copied")
    read = """async (type) => {
      const [item] = await navigator.clipboard.read();
      return item.types.includes(type) ? (await item.getType(type)).text() : null;
    }"""
    text = "**Ada** kept it [1]. <b>\n\n[1] “Ada <kept> it.” The keeper, p. 12 (keeper.pdf)"
    assert page.evaluate(read, "text/plain") == text
    html = page.evaluate(read, "text/html")
    assert "<p><strong>Ada</strong> kept it<sup>[1]</sup>. &lt;b&gt;</p>" in html
    assert "<hr><p>[1] “Ada &lt;kept&gt; it.” The keeper, p. 12 (keeper.pdf)</p>" in html
    page.get_by_role("button", name="Ways to copy").click()
    page.get_by_role("button", name="Markdown").click()
    expect(page.locator(".ways-to-copy")).to_contain_text("Copied")
    assert page.evaluate(read, "text/html") is None
    assert page.evaluate(read, "text/plain") == (
        "**Ada** kept it[^1]. &lt;b>\n\n*Confidence 77 %.*\n\n"
        "[^1]: “Ada \\<kept\\> it.” The keeper, p. 12 (keeper.pdf)\n"
    )
    page.get_by_role("button", name="Plain text").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith(')'))")
    assert page.evaluate(read, "text/plain") == text


def test_a_question_that_is_too_long_is_told_and_kept(staged: Visit) -> None:
    page = staged.page
    field = page.get_by_label("Your question")
    most = int(field.get_attribute("data-most") or 0)
    long = "w" * (most - 1) + "🕯️"  # the flame is two characters, in code points
    field.fill(long)
    alert = page.locator("#trouble")
    expect(alert).to_contain_text(f"This question has {most + 1:,} characters; Footnote takes")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    expect(field).to_have_value(long)
    field.fill("w" * most)
    expect(alert).to_be_empty()


def test_tabs_follow_each_other(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    staged.ask(WHO)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".turn .text")).to_have_text(["Ada."])
    other.get_by_role("button", name="History").click()
    expect(other.locator("#chat-list .about")).to_contain_text("1 question")
    staged.ask("Until when?")
    expect(other.locator(".turn .asked")).to_have_text([WHO, "Until when?"])
    expect(other.locator("#chat-list .about")).to_contain_text("2 questions")
    page.get_by_role("button", name="New chat").click()
    staged.ask("What burned?")
    expect(other.locator("#chat-list .open")).to_have_text(["What burned?", WHO])
    other.get_by_role("button", name=f"Delete {WHO}").click()
    other.get_by_role("button", name=f"Really delete {WHO}?").click()
    expect(other.locator(".turn")).to_have_count(0)
    page.go_back()
    expect(page.locator(".turn")).to_have_count(0)  # it is nowhere any more
    other.close()


def test_what_two_tabs_ask_of_one_conversation_is_all_kept(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    staged.ask(WHO)
    other = page.context.new_page()
    other.goto(page.url)
    held: list[Any] = []
    other.route("**/v1/ask", lambda route: held.append(route))
    other.get_by_label("Your question").fill("What burned?")
    other.keyboard.press("Enter")
    expect(other.get_by_role("button", name="Stop")).to_be_visible()
    staged.ask("Until when?")  # while the other tab waits
    body = "event: answer\ndata: " + json.dumps(answer("Oil.")) + "\n\n"
    held[0].fulfill(content_type="text/event-stream", body=body)
    for each in (other, page):
        expect(each.locator(".turn .asked")).to_have_text([WHO, "Until when?", "What burned?"])
    other.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_turns_can_be_used_by_everyone(staged: Visit, scheme: Any) -> None:
    page = staged.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    staged.reply(answer("Ada [1].", citation(1, "Ada kept it.")), answer("Bea."))
    staged.ask(WHO)
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".which")).to_have_text("2 of 2")
    page.get_by_role("button", name="Ways to copy").click()
    page.get_by_label("Your question").fill("w" * 30_000)
    for name in ("Edit", "Never mind"):
        usable(page)
        assert widest(page) == 360
        page.get_by_role("button", name=name, exact=True).click()
