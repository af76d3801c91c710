"""What an answer rests on: who answered, which documents were read, which sources differ."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from support_page import Visit, answer, citation, passage, usable, widest

pytestmark = pytest.mark.browser
WHO = "Who kept the light?"


def note(visit: Visit, uri: str, text: str) -> str:
    """The id of a document that is added under a uri."""
    body = {"uri": uri, "title": uri, "text": text}
    answered = httpx.post(f"{visit.address}/v1/documents", json=body, timeout=60)
    (added,) = answered.json()["documents"]
    return str(added["id"])


def test_who_answered_and_from_which_documents_of_how_many(staged: Visit) -> None:
    page = staged.page
    ada, bea = note(staged, "ada", "Ada kept the light."), note(staged, "bea", "Bea lit it.")
    note(staged, "oil", "It burned oil.")
    cited = citation(1, "Ada kept the light.", document_id=ada, title="ada")
    old = passage("Bea lit it.", document_id=bea, title="bea", metadata={"date": "1931-05-01"})
    new = {**old, "document_id": ada, "title": "ada", "metadata": {"date": "1932-06-02"}}
    staged.reply(answer("Ada [1].", cited, passages=[old, new, old], model="reader"))
    staged.ask(WHO)
    basis = page.locator(".turn .basis")
    expect(basis).to_have_text(
        "The documents, word for word · 2 of 3 documents read · newest of 2 June 1932"
    )
    basis.click()
    expect(basis).to_have_attribute("aria-expanded", "true")
    rows = page.get_by_role("list", name="Documents that were read").locator("li")
    expect(rows.locator(".cite")).to_have_text(["ada", "bea"])  # what is cited comes first
    expect(rows.first).to_contain_text("cited · of 2 June 1932 · added ")
    expect(rows.last).to_contain_text("of 1 May 1931 · added ")
    asked = int(time.time())
    while int(time.time()) == asked:  # the store tells the second in which it was added
        time.sleep(0.05)
    note(staged, "ada", "Nobody keeps the light now.")
    httpx.delete(f"{staged.address}/v1/documents/{bea}", timeout=60)
    page.reload()  # it is kept with the conversation
    expect(basis).to_contain_text("2 of 3 documents read")
    basis.click()
    expect(rows.first).to_contain_text("changed since this answer, on ")
    expect(rows.last).to_contain_text("of 1 May 1931 · not there any more")
    staged.foresee("404")
    rows.first.locator(".cite").click()
    expect(page.locator("#source-text")).to_have_text("Nobody keeps the light now.")


def test_of_a_part_its_documents_are_counted(staged: Visit) -> None:
    page = staged.page
    for uri in ("hr/pay", "hr/leave", "law/terms"):
        note(staged, uri, f"A note on {uri}.")
    page.locator("#scope-change").click()
    page.locator("#picker-name").fill("hr")
    page.get_by_role("option").filter(has_text="2 documents").click()
    staged.reply(answer("Ada.", passages=[passage("x")], model="chat"))
    staged.ask(WHO)
    expect(page.locator(".turn .basis")).to_have_text("chat · 1 of 2 documents read")


def disagreeing(**changes: Any) -> dict[str, Any]:
    one = citation(1, "It burned oil.", title="The log")
    other = citation(2, "It burned gas.", document_id="d2", title="The book", location="p. 3")
    found = [passage("x", metadata={"date": "1931-05-01"}), passage("y", document_id="d2")]
    changes = {"contradictions": [[1, 2], [2, 9]], "passages": found, **changes}
    return answer("It burned oil [1] or gas [2].", one, other, **changes)


def test_sources_that_disagree_stand_side_by_side(staged: Visit) -> None:
    page = staged.page
    staged.reply(disagreeing(), answer("Ada."))
    staged.ask(WHO)
    pair = page.locator(".disagreements li > div")
    expect(page.get_by_role("heading", name="The sources disagree")).to_be_visible()
    expect(pair.locator("blockquote")).to_have_text(["It burned oil.", "It burned gas."])
    expect(pair.locator(".cite")).to_have_text(["The log · 1 May 1931", "The book, p. 3"])
    left, right = (pair.nth(at).bounding_box() or {} for at in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]
    page.set_viewport_size({"width": 360, "height": 740})
    above, below = (pair.nth(at).bounding_box() or {} for at in (0, 1))
    assert above["x"] == below["x"]
    assert above["y"] < below["y"]
    staged.ask("Who lit it?")
    expect(page.locator(".disagreements").last).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_unsure_answer_looks_unsure_to_everyone(staged: Visit, scheme: Any) -> None:
    page = staged.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    staged.reply(disagreeing(verdict="unsure", answered=False, confidence=0.4, short_answer="oil"))
    staged.ask(WHO)
    turn = page.locator(".turn")
    expect(turn.locator(".verdict")).to_have_text("This may be it")
    edge = turn.locator(".answer").evaluate("(box) => getComputedStyle(box).borderLeftStyle")
    assert edge == "dashed"
    assert turn.locator(".short").evaluate("(it) => getComputedStyle(it).fontStyle") == "italic"
    turn.locator(".basis").click()
    expect(turn.locator(".read li").last).to_contain_text("not there any more")
    staged.foresee("404")
    assert widest(page) == 360
    usable(page)
