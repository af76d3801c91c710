"""The page: asking a part of the documents."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from support import make_document
from support_page import Visit, answer, usable

from index.index import Index


@pytest.fixture(autouse=True)
def library(index: Index) -> None:
    """Two folders, and a collection of what lies in one of them and a document of the other."""
    uris = {"hr/leave.md": "Leave", "hr/pay.md": "Pay", "hrx/trade.md": "Trade"}
    texts = ("Staff have 28 days of leave.", "Staff are paid monthly.", "Traders have 30 days.")
    documents = zip(uris.items(), texts, strict=True)
    list(index.add(make_document(uri, text, title) for (uri, title), text in documents))
    index.collections.create("people", documents=["hrx/trade.md"], folders=["hr/"])


def options(page: Page) -> list[str]:
    expect(page.get_by_role("option").first).to_be_visible()
    return page.get_by_role("option").locator("span:first-child").all_inner_texts()


def asked_filter(visit: Visit, question: str) -> object:
    """What is sent as the filter of a question."""
    with visit.page.expect_request("**/v1/ask") as sent:
        visit.ask(question)
    return json.loads(sent.value.post_data or "")["filter"]


def test_a_part_is_chosen_with_a_sign_and_stays_with_the_conversation(staged: Visit) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    field = page.get_by_label("Your question")
    chip = page.locator("#scope-change")
    name = page.get_by_role("combobox", name="A collection, folder or document")
    expect(chip).to_have_text("all documents")
    field.press_sequentially("How long is leave in #")
    expect(name).to_be_focused()
    assert options(page) == ["people", "hr/", "hrx/", "Leave", "Pay", "Trade"]
    name.press_sequentially("hr")
    expect(page.get_by_role("option")).to_have_count(5)
    expect(page.get_by_role("option", selected=True)).to_contain_text("hr/")
    assert name.get_attribute("aria-activedescendant") == "place-0"
    assert name.get_attribute("aria-expanded") == "true"
    name.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("hrx/")
    name.press("ArrowUp")
    name.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("How long is leave in ")
    expect(chip).to_have_text("hr/ · 2 documents")
    expect(chip).to_have_accessible_name("Asking hr/ · 2 documents. Ask another part")
    expect(page.locator("#status")).to_have_text("Asking hr/ · 2 documents")
    assert asked_filter(staged, "How long?") == {"uri": {"prefix": "hr/"}}
    page.reload()
    expect(chip).to_have_text("hr/ · 2 documents")
    assert asked_filter(staged, "And now?") == {"uri": {"prefix": "hr/"}}
    page.get_by_role("button", name="New chat").click()
    expect(chip).to_have_text("all documents")
    assert asked_filter(staged, "Elsewhere?") is None
    page.go_back()  # to the new chat before its question
    page.go_back()
    expect(chip).to_have_text("hr/ · 2 documents")
    page.get_by_role("button", name="Ask all documents").click()
    expect(chip).to_have_text("all documents")
    expect(field).to_be_focused()
    page.reload()
    expect(chip).to_have_text("all documents")


def test_the_chip_changes_the_part_and_tells_when_it_is_gone(staged: Visit, index: Index) -> None:
    page = staged.page
    staged.reply(answer("Ada."))
    chip = page.locator("#scope-change")
    chip.click()
    page.get_by_role("option", name="people").click()
    expect(chip).to_have_text("people · 3 documents")
    assert asked_filter(staged, "Who?") == {"collection": "people"}
    index.remove("hr/pay.md")
    page.reload()
    expect(chip).to_have_text("people · 2 documents")
    index.collections.delete("people")
    staged.foresee("404")
    page.reload()
    expect(chip).to_have_text("people · not there any more")
    chip.click()
    page.get_by_role("combobox", name="A collection").press_sequentially("trade")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(chip).to_have_text("Trade")
    assert asked_filter(staged, "Who?") == {"document_id": [index.find("hrx/trade.md")]}


def test_a_sign_that_asks_for_nothing_stays_a_sign(staged: Visit) -> None:
    page = staged.page
    field = page.get_by_label("Your question")
    field.press_sequentially("Who knows C# and #")
    name = page.get_by_role("combobox", name="A collection")
    name.press_sequentially("7")
    expect(page.locator("#picker-told")).to_have_text("Nothing is called that.")
    assert name.get_attribute("aria-expanded") == "false"
    assert name.get_attribute("aria-activedescendant") is None
    name.press("Enter")
    expect(name).to_be_focused()
    name.press("Escape")
    expect(field).to_be_focused()
    expect(field).to_have_value("Who knows C# and #7")
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#scope-change")).to_have_text("all documents")


def test_the_answer_comes_from_the_part(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("Your question").press_sequentially("#")
    page.get_by_role("option", name="hrx/ Folder").click()
    visit.ask("What files do you have?")
    expect(page.locator(".turn .text")).to_contain_text("There is one document: trade.md.")


def test_choosing_fits_a_screen_of_360_pixels(staged: Visit, index: Index) -> None:
    page = staged.page
    long = "w" * 90
    index.collections.create(long, documents=["hr/pay.md"])
    page.set_viewport_size({"width": 360, "height": 740})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.locator("#scope-change").click()
        page.get_by_role("option", name=long).click()
        assert page.evaluate("document.scrollingElement.scrollWidth") == 360
        box = page.locator("#scope").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360
        assert box["height"] < 60


def test_nothing_stands_in_the_way_of_a_screen_reader(staged: Visit) -> None:
    page = staged.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for state in ("all documents", "choosing", "nothing found", "a part"):
            if state == "choosing":
                page.locator("#scope-change").click()
                expect(page.get_by_role("option").first).to_be_visible()
            elif state == "nothing found":
                page.get_by_role("combobox", name="A collection").fill("nothing")
                expect(page.locator("#picker-told")).not_to_be_empty()
            elif state == "a part":
                page.get_by_role("combobox", name="A collection").fill("people")
                page.get_by_role("option", name="people").click()
            usable(page, f"{scheme}, {state}")
        page.get_by_role("button", name="Ask all documents").click()
