"""A document beside its answer: its pages as they look with the quote marked, and its text."""

from __future__ import annotations

import re
import shutil
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from support_page import Visit, answer, citation, settled, usable, widest
from support_pdf import lines_at, pdf_file
from support_scan import scan

from api.http.guard import SECURITY_HEADERS
from index.extract.ocr import COMMAND

pytestmark = pytest.mark.browser
PDF = pdf_file(
    [
        "\n".join([lines_at(["The light"], size=20), lines_at(["Ada kept the light."], y=700)]),
        "\n".join([lines_at(["Her brother"], size=20), lines_at(["His name was Otto."], y=100)]),
        lines_at(["Nobody kept it after them."]),
    ],
    bookmarks=[("The light", 0), ("Her brother", 1)],
)
QUOTE = "His name was Otto."


def add(client: httpx.Client, name: str, data: bytes) -> str:
    response = client.post("/v1/documents", files={"file": (name, data)})
    assert response.status_code == 201, response.text
    return str(response.json()["documents"][0]["id"])


def cited(client: httpx.Client, document: str, quote: str) -> dict[str, Any]:
    """A citation of `quote`, which the document holds once."""
    text = client.get(f"/v1/documents/{document}/text").text
    assert text.count(quote) == 1
    start = text.index(quote)
    return citation(1, quote, document_id=document, start=start, end=start + len(quote))


def opened(visit: Visit, client: httpx.Client, document: str, quote: str = QUOTE) -> Page:
    """The page of a visit, with a quote of a document opened."""
    visit.reply(answer("So it is [1].", cited(client, document, quote)))
    visit.ask("What is it?")
    visit.page.locator(".turn .notes .cite").last.click()
    return visit.page


def at_page(page: Page, number: int) -> None:
    """Waits until page `number` is drawn."""
    expect(page.locator("#source-page")).to_have_attribute("aria-busy", "false")
    name = re.compile(f"^Page {number} of ")
    expect(page.get_by_role("img", name=name)).to_be_visible()
    expect(page.get_by_label("Page", exact=True)).to_have_value(str(number))


def share(inner: Locator, outer: Locator) -> tuple[float, float]:
    """Where the middle of one element is within another, across and down, in shares of it."""
    settled(inner.page)
    one, other = inner.bounding_box(), outer.bounding_box()
    assert one
    assert other
    across = (one["x"] + one["width"] / 2 - other["x"]) / other["width"]
    return across, (one["y"] + one["height"] / 2 - other["y"]) / other["height"]


def test_a_quote_is_marked_on_the_page_that_it_stands_on(
    visit: Visit, client: httpx.Client
) -> None:
    """It stands 100 points above the bottom of a page of 595 by 842, from 72 points on, and is 98
    points long in Helvetica of 12 points."""
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    expect(page.get_by_role("button", name="Page", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    mark = page.locator("#sheet .marks > div")
    expect(mark).to_have_count(1)
    expect(mark).to_be_in_viewport(ratio=1)
    across, down = share(mark, page.locator("#sheet"))
    assert across == pytest.approx((72 + 98 / 2) / 595, abs=0.01)
    assert down == pytest.approx((842 - 104) / 842, abs=0.01)
    expect(page.locator("#sheet figcaption")).to_have_text(f"Marked: “{QUOTE}”")
    dark = page.locator("canvas").evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const drawn = canvas.getContext("2d");
          const { data } = drawn.getImageData(0, height * 0.8, width, height * 0.2);
          return data.filter((value, at) => at % 4 === 0 && value < 100).length;
        }"""
    )
    assert dark > 100  # letters are drawn there
    expect(page.locator("#source-text")).to_be_hidden()
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#source-text mark")).to_have_text(QUOTE)
    expect(page.locator("#source-text mark")).to_be_in_viewport(ratio=1)
    expect(page.locator("#source-page")).to_be_hidden()


def test_pages_are_turned_and_typed_and_zoomed(visit: Visit, client: httpx.Client) -> None:
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    marks = page.locator("#sheet .marks > div")
    back = page.get_by_role("button", name="Previous page")
    following = page.get_by_role("button", name="Next page")
    expect(page.locator("#page-count")).to_have_text("of 3")
    following.click()
    at_page(page, 3)
    expect(following).to_be_disabled()
    expect(marks).to_have_count(0)
    field = page.get_by_label("Page", exact=True)
    field.fill("1")
    field.press("Enter")
    at_page(page, 1)
    expect(back).to_be_disabled()
    field.fill("99")
    field.press("Enter")
    at_page(page, 3)
    back.click()
    at_page(page, 2)
    expect(marks).to_have_count(1)
    view, fit = page.locator("#source-page"), page.get_by_role("button", name="Fit to the width")
    wide = "(view) => view.scrollWidth > view.clientWidth"
    assert not view.evaluate(wide)
    page.get_by_role("button", name="Larger").click()
    expect(fit).to_have_text("125 %")
    assert view.evaluate(wide)
    expect(marks).to_be_in_viewport(ratio=1)
    fit.click()
    expect(fit).to_have_text("100 %")
    assert not view.evaluate(wide)


def test_the_keyboard_turns_and_zooms_and_finds(visit: Visit, client: httpx.Client) -> None:
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    view, fit = page.locator("#source-page"), page.get_by_role("button", name="Fit to the width")
    view.focus()
    for key, number in [("ArrowLeft", 1), ("ArrowLeft", 1), ("ArrowRight", 2), ("ArrowRight", 3)]:
        page.keyboard.press(key)
        at_page(page, number)
    for key, zoom in [("+", "125 %"), ("+", "150 %"), ("-", "125 %"), ("0", "100 %")]:
        page.keyboard.press(key)
        expect(fit).to_have_text(zoom)
    page.get_by_role("button", name="Text", exact=True).press("Enter")
    page.locator("#source-text").press("/")
    expect(page.get_by_role("searchbox", name="Find in this document")).to_be_focused()
    page.keyboard.type("light")
    expect(page.locator("#found")).to_have_text("1 of 2")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_empty()
    expect(page.locator("#panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".turn .notes .cite")).to_be_focused()


def test_a_page_that_is_turned_while_another_is_drawn(visit: Visit, client: httpx.Client) -> None:
    """The last that was asked for is shown, although an earlier one comes later."""
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    held: list[Any] = []
    page.route("**/pages/3.png*", lambda route: held.append(route))
    with page.expect_request("**/pages/3.png*"):
        page.get_by_role("button", name="Next page").click()
    expect(page.locator("#source-page")).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Previous page").click()
    at_page(page, 2)
    with page.expect_response("**/pages/3.png*"):
        held[0].continue_()
    page.get_by_role("button", name="Previous page").click()
    at_page(page, 1)


def test_the_text_has_its_pages_and_headings_and_stays_as_it_is(
    visit: Visit, client: httpx.Client
) -> None:
    document = add(client, "keeper.pdf", PDF)
    details = client.get(f"/v1/documents/{document}").json()
    assert details["page_labels"] == ["p. 1", "p. 2", "p. 3"]
    page = opened(visit, client, document)
    at_page(page, 2)
    page.get_by_role("button", name="Text", exact=True).click()
    text = page.locator("#source-text")
    stored = client.get(f"/v1/documents/{document}/text").text
    assert text.evaluate("(element) => element.textContent") == stored
    marks = text.locator(".page-mark")
    assert marks.evaluate_all("(all) => all.map((one) => one.dataset.label)") == [
        "p. 1",
        "p. 2",
        "p. 3",
    ]
    before = marks.nth(1).evaluate(
        """(mark) => {
          const range = document.createRange();
          range.setStart(mark.parentElement, 0);
          range.setEndBefore(mark);
          return range.toString().length;
        }"""
    )
    assert before == details["pages"][1]
    headings = text.get_by_role("heading")
    expect(headings).to_have_text(["The light", "Her brother"])
    contents = page.get_by_role("button", name="Contents")
    contents.click()
    first = page.get_by_role("navigation", name="Headings of this document").get_by_role("button")
    expect(first).to_have_text(["The light", "Her brother"])
    expect(first.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(contents).to_be_focused()
    expect(contents).to_have_attribute("aria-expanded", "false")
    page.get_by_role("button", name="Page", exact=True).click()
    contents.click()
    first.first.click()
    at_page(page, 1)
    page.get_by_role("button", name="Text", exact=True).click()
    expect(headings.first).to_be_in_viewport()


def test_a_heading_within_the_quote_is_one(visit: Visit, client: httpx.Client) -> None:
    note = b"# Lamps\n\nThey burn oil.\n\n## Wicks\n\nOf cotton.\n"
    document = add(client, "lamps.md", note)
    text = client.get(f"/v1/documents/{document}/text").text
    page = opened(visit, client, document, text[text.index("burn") : text.index("cks")])
    mark = page.locator("#source-text mark")
    expect(mark).to_have_text("burn oil. Wi")
    assert mark.evaluate("(mark) => mark.textContent") == "burn oil.\n\nWi"
    expect(mark.locator(".heading")).to_have_text("Wi")
    expect(page.locator("#source-text .heading")).to_have_text(["Lamps", "Wi", "cks"])
    expect(page.locator("#source-text").get_by_role("heading")).to_have_text(["Lamps", "Wi"])
    expect(page.get_by_role("button", name="Page", exact=True)).to_be_hidden()
    whole = page.locator("#source-text").evaluate("(element) => element.textContent")
    assert whole == text


def test_words_are_found_in_the_text(visit: Visit, client: httpx.Client) -> None:
    lines = [f"Night {number}: 𝔄da kept the\nLAMP (no. 1)." for number in range(1, 61)]
    text = "\n\n".join([*lines, "The lamp is dark."])
    body = {"uri": "log", "title": "Log", "text": text}
    (added,) = client.post("/v1/documents", json=body).json()["documents"]
    page = opened(visit, client, added["id"], "The lamp is dark.")
    field, told = page.get_by_label("Find in this document"), page.locator("#found")
    field.fill("the lamp")
    expect(told).to_have_text("1 of 61")

    def here() -> list[Any]:
        found = page.evaluate(
            """() => [...CSS.highlights.get("found-here")].map((range) => {
              const { top, bottom } = range.getBoundingClientRect();
              const body = document.getElementById("source-text").getBoundingClientRect();
              return [range.toString(), top >= body.top && bottom <= body.bottom];
            })"""
        )
        return list(found)

    assert here() == [["the\nLAMP", True]]
    field.press("Shift+Enter")
    expect(told).to_have_text("61 of 61")
    assert here() == [["The lamp", True]]
    page.get_by_role("button", name="Next place").click()
    expect(told).to_have_text("1 of 61")
    page.get_by_role("button", name="Previous place").click()
    expect(told).to_have_text("61 of 61")
    field.fill("(NO. 1).")
    expect(told).to_have_text("1 of 60")
    assert here() == [["(no. 1).", True]]
    field.fill("lantern")
    expect(told).to_have_text("None")
    assert here() == []
    expect(page.get_by_role("button", name="Next place")).to_be_disabled()


def test_a_document_whose_file_is_gone_shows_its_text_and_says_why(
    visit: Visit, client: httpx.Client
) -> None:
    document = add(client, "keeper.pdf", PDF)
    page = visit.page
    page.route("**/pages/*.png*", lambda route: route.fulfill(status=404, json={"detail": "gone"}))
    visit.foresee("404")
    opened(visit, client, document)
    expect(page.locator("#source-why")).to_have_text("Its pages can't be shown: gone")
    expect(page.locator("#source-text mark")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Page", exact=True)).to_be_hidden()
    page.unroute("**/pages/*.png*")
    page.keyboard.press("Escape")
    details = client.get(f"/v1/documents/{document}").json() | {"original": None, "pictures": False}
    page.route(f"**/v1/documents/{document}", lambda route: route.fulfill(json=details))
    page.locator(".turn .notes .cite").click()
    expect(page.locator("#source-why")).to_contain_text("add it again to see them")
    expect(page.locator("#source-text mark")).to_have_text(QUOTE)
    expect(page.get_by_role("button", name="Download the original")).to_be_hidden()


def test_a_page_that_cannot_be_drawn_leaves_the_one_before(
    visit: Visit, client: httpx.Client
) -> None:
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    page.route("**/pages/3.png*", lambda route: route.fulfill(status=503, json={"detail": "busy"}))
    visit.foresee("503")
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("#source-trouble")).to_have_text("busy")
    at_page(page, 2)
    page.get_by_role("button", name="Previous page").click()
    at_page(page, 1)
    expect(page.locator("#source-trouble")).to_be_empty()


def test_a_document_is_opened_from_the_library_at_its_first_page(
    visit: Visit, client: httpx.Client
) -> None:
    add(client, "keeper.pdf", PDF)
    visit.open_documents()
    visit.page.locator("#list .open").click()
    at_page(visit.page, 1)
    expect(visit.page.locator("#sheet .marks > div")).to_have_count(0)
    expect(visit.page.locator("#source-why")).to_be_empty()


@pytest.mark.skipif(shutil.which(COMMAND) is None, reason="Tesseract is not installed")
def test_a_scanned_page_has_its_recognised_words_marked(visit: Visit, client: httpx.Client) -> None:
    """The second line of the picture is 180 to 200 points below the top of its page."""
    document = add(client, "scan.pdf", scan("image"))
    page = opened(visit, client, document, "light was called Ada Brandt.")
    at_page(page, 1)
    mark = page.locator("#sheet .marks > div")
    expect(mark).to_have_count(1)
    _, down = share(mark, page.locator("#sheet"))
    assert 180 < down * 842 < 205


def test_words_that_are_not_in_the_picture_are_marked_in_the_text(
    visit: Visit, client: httpx.Client
) -> None:
    document = add(client, "keeper.pdf", PDF)
    found = {"pages": [{"page": 2, "width": 1, "height": 1, "found": 0, "rectangles": []}]}
    visit.page.route("**/rectangles*", lambda route: route.fulfill(json=found))
    page = opened(visit, client, document)
    at_page(page, 2)
    expect(page.locator("#source-why")).to_contain_text("Text has them marked")


def test_a_source_fits_a_screen_of_360_pixels_and_screen_readers(
    visit: Visit, client: httpx.Client
) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    document = add(client, "keeper.pdf", PDF)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        opened(visit, client, document)
        at_page(page, 2)
        expect(page.locator("#sheet .marks > div")).to_be_in_viewport(ratio=1)
        for state in ("page", "text", "found", "contents"):
            if state == "text":
                page.get_by_role("button", name="Text", exact=True).click()
            elif state == "found":
                page.get_by_label("Find in this document").fill("light")
                expect(page.locator("#found")).to_have_text("1 of 2")
            elif state == "contents":
                page.get_by_role("button", name="Contents").click()
            assert widest(page) == 360
            assert page.locator("#source header").evaluate("(head) => head.scrollWidth") <= 360
            usable(page, f"{scheme}, {state}")
        page.get_by_role("button", name="Close this panel").click()


def test_pictures_are_shown_without_a_wider_policy(visit: Visit, client: httpx.Client) -> None:
    """They are fetched with the key and drawn, so that the page may still show nothing else."""
    assert "img-src 'self';" in SECURITY_HEADERS["Content-Security-Policy"]
    page = opened(visit, client, add(client, "keeper.pdf", PDF))
    at_page(page, 2)
    assert page.locator("img").count() == 0
