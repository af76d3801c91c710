"""What somebody says of an answer on the page: right, wrong, and where the right one stands."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from support_page import CAPITAL, TRAVEL, Visit, answer, citation, passage

pytestmark = pytest.mark.browser


def kept(client: httpx.Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.get("/v1/feedback").text.splitlines()]


def test_a_right_answer_is_kept_with_what_it_cites(
    visit: Visit, founding: str, client: httpx.Client
) -> None:
    visit.ask(TRAVEL)
    turn = visit.page.locator(".turn")
    right = turn.get_by_role("button", name="It is right")
    expect(right).to_have_attribute("aria-pressed", "false")
    right.click()
    expect(turn.locator(".told")).to_have_text("Thank you. Kept as right.")
    expect(right).to_have_attribute("aria-pressed", "true")
    (line,) = kept(client)
    quotes = turn.locator(".notes blockquote").all_text_contents()
    said = (line["question"], line["rating"], line["answerable"], line["evidence"])
    assert said == (TRAVEL, "up", True, quotes)
    assert len(quotes) > 0
    visit.page.reload()  # what was said is kept with the conversation
    expect(right).to_have_attribute("aria-pressed", "true")


def test_a_wrong_answer_gets_the_right_place(visit: Visit, client: httpx.Client) -> None:
    lamps = "A lamp 🕯️ and a fire 🔥 burned."
    keeper = "Ada Brandt 𝔎ept the light."
    note = {"uri": "keeper", "title": "The keeper", "text": f"{lamps}\n\n{keeper} Nobody else did."}
    (added,) = client.post("/v1/documents", json=note).json()["documents"]
    stored = client.get(f"/v1/documents/{added['id']}/text").text
    place = {"document_id": added["id"], "start": 0, "end": len(lamps)}
    found = passage(lamps, **place)
    visit.reply(answer("A lamp [1].", citation(1, lamps, **place), passages=[found]))
    page = visit.page
    visit.ask("Who kept the light?")
    turn = page.locator(".turn")
    expect(turn.get_by_role("button", name="Show the right place")).to_be_hidden()
    turn.get_by_role("button", name="It is wrong").click()
    expect(turn.locator(".told")).to_have_text("Thank you. Kept as wrong.")
    turn.get_by_role("button", name="Show the right place").click()
    turn.locator(".notes .cite").click()
    here = page.get_by_role("button", name="The right place is here")
    expect(here).to_be_disabled()  # nothing is selected yet
    page.locator("#source-text mark").wait_for()
    select(visit, f" \n{keeper} ", stored)
    expect(here).to_be_enabled()
    here.click()
    expect(turn.locator(".told")).to_have_text("Thank you. Kept with the right place.")
    expect(here).to_be_hidden()
    expect(turn.get_by_role("button", name="Show the right place")).to_be_hidden()
    first, second = kept(client)
    assert (first["rating"], "evidence" in first) == ("down", False)
    assert (second["rating"], second["evidence"], second["relevant"]) == (
        *("down", [keeper], ["keeper"]),
    )


def test_that_the_documents_do_not_say_is_kept_too(
    visit: Visit, founding: str, client: httpx.Client
) -> None:
    visit.ask(CAPITAL)
    turn = visit.page.locator(".turn")
    turn.get_by_role("button", name="It is wrong").click()
    turn.get_by_role("button", name="The documents don’t say").click()
    expect(turn.locator(".told")).to_have_text("Thank you. Kept: the documents don't say.")
    turn.get_by_role("button", name="Show the right place").wait_for(state="hidden")
    assert [(line["rating"], line.get("answerable")) for line in kept(client)] == [
        *(("down", None), ("down", False)),
    ]


def test_what_cannot_be_kept_is_told(visit: Visit, founding: str) -> None:
    detail = json.dumps({"detail": "feedback is kept in the folder of the store"})
    page = visit.page
    page.route("**/v1/feedback", lambda route: route.fulfill(status=400, body=detail))
    visit.ask(TRAVEL)
    turn = page.locator(".turn")
    turn.get_by_role("button", name="It is right").click()
    expect(turn.locator(".told")).to_have_text("feedback is kept in the folder of the store")
    right = turn.get_by_role("button", name="It is right")
    expect(right).to_have_attribute("aria-pressed", "false")
    visit.foresee("400")


def select(visit: Visit, words: str, text: str) -> None:
    """Select `words`, which stand in `text`, or do but for blanks around them, as a mouse does."""
    begin = text.index(words.strip())
    visit.page.evaluate(
        """([from, to]) => {
          const walker = document.createTreeWalker(
            document.getElementById("source-text"), NodeFilter.SHOW_TEXT);
          const at = (place) => {
            let node = walker.nextNode(), done = 0;
            while (done + [...node.data].length < place) {
              done += [...node.data].length;
              node = walker.nextNode();
            }
            walker.currentNode = walker.root;
            return [node, [...node.data].slice(0, place - done).join("").length];
          };
          getSelection().setBaseAndExtent(...at(from), ...at(to));
        }""",
        [begin - 1, begin + len(words.strip()) + 1],
    )
