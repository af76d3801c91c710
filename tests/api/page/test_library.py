"""A library of many documents on the page: found, sorted, scrolled, and by folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Request, Route, expect
from support_page import Visit, usable, visiting, widest

from index.document import Chunk, Document, document_id
from index.index import Index
from index.ingest.builder import identity_of
from rag.assistant import Assistant

pytestmark = pytest.mark.browser
NUMBER = 450


def shelve(index: Index) -> None:
    """So many documents, whose vectors tell nothing."""
    vector = np.zeros((1, index.embedder.dim), dtype=np.float32)
    vector[0, 0] = 1
    with index.store.write() as writer:
        writer.set_identity(identity_of(index.embedder, index.chunking))
        for number in range(NUMBER):
            year = ("2023", "2024/may", "2024/june")[number % 3]
            uri = f"minutes/{year}/{number}.txt"
            text = "The council met. " * (number % 50 + 1)
            title = f"Meeting {number} of the Zürich council"
            pages = tuple(range(number % 4))
            document = Document(document_id(uri), uri, title, text, f"{number:064x}", pages=pages)
            writer.put(document, [Chunk("", 0, 16)], vector)


@pytest.fixture
def shelf(
    chromium: Browser, serve: Callable[..., str], assistant: Assistant, index: Index
) -> Iterator[Visit]:
    """The page of a server over many documents, with the library open."""
    shelve(index)
    index.collections.create("spring", folders=["minutes/2024/may/"])
    with visiting(chromium, serve(assistant)) as visit:
        visit.open_documents()
        expect(visit.page.locator("#list .open").first).to_be_visible()
        yield visit


def titles(visit: Visit) -> list[str]:
    """Of the rows that are on the page, in the order in which they are read."""
    return visit.page.locator("#list .open").all_inner_texts()


def test_only_the_rows_in_sight_are_on_the_page(shelf: Visit) -> None:
    page = shelf.page
    expect(page.locator("#count")).to_have_text("450")
    rows = page.locator("#list > li")
    assert 0 < rows.count() < 40
    expect(rows.first).to_have_attribute("aria-setsize", "450")
    newest = page.get_by_role("button", name="Meeting 449 of the Zürich council", exact=True)
    expect(newest).to_be_visible()
    page.locator("#documents .body").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
    last = page.get_by_role("button", name="Meeting 0 of the Zürich council", exact=True)
    expect(last).to_be_visible()
    assert rows.count() < 40
    expect(rows.last).to_have_attribute("aria-posinset", "450")
    expect(newest).to_have_count(0)
    places = [int(row.get_attribute("aria-posinset") or 0) for row in rows.all()]
    assert places == list(range(places[0], 451))


def test_what_the_scrolling_leads_to_is_fetched_before_it_rests(shelf: Visit) -> None:
    """All of 450 documents, up and down without a rest of even one frame."""
    pages: set[str] = set()

    def all_there(request: Request) -> bool:
        if "after=" in request.url:
            pages.add(request.url)
        return len(pages) == 4

    shelf.page.get_by_label("Sorted by").select_option("Name, A to Z")
    with shelf.page.expect_request(all_there):
        shelf.page.evaluate(
            """() => {
              const body = document.querySelector("#documents .body");
              let way = 400;
              const step = () => {
                const before = body.scrollTop;
                body.scrollTop += way;
                if (body.scrollTop === before) way = -way;
                requestAnimationFrame(step);
              };
              step();
            }"""
        )


def test_few_pages_are_fetched_at_once_and_none_that_was_scrolled_past(shelf: Visit) -> None:
    page = shelf.page
    later = "**/v1/documents?*sort=name*after=*"
    held: list[Route] = []
    holding = True
    page.route(later, lambda route: held.append(route) if holding else route.continue_())
    with page.expect_request(later) as beside:  # what is next to the first
        page.get_by_label("Sorted by").select_option("Name, A to Z")
    with (
        page.expect_event("requestfailed", lambda request: request == beside.value),
        page.expect_request(later) as last,
    ):
        page.locator("#documents .body").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
    assert last.value.url != beside.value.url
    expect(page.locator("#list > [aria-busy=true]").last).to_be_visible()
    assert len(held) <= 3
    holding = False
    for route in held[1:]:
        route.continue_()
    expect(page.locator("#list .open").last).to_have_text("Meeting 449 of the Zürich council")
    expect(page.locator("#list > [aria-busy=true]")).to_have_count(0)
    expect(page.locator("#documents-trouble")).to_be_empty()


def test_a_page_that_fails_is_told_and_fetched_when_scrolling_goes_on(shelf: Visit) -> None:
    page, trouble = shelf.page, shelf.page.locator("#documents-trouble")
    shelf.foresee("503")
    later = "**/v1/documents?*sort=name*after=*"
    page.route(later, lambda route: route.fulfill(status=503, json={}))
    page.get_by_label("Sorted by").select_option("Name, A to Z")
    expect(trouble).to_contain_text("503")
    page.unroute(later)
    page.locator("#documents .body").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
    expect(page.locator("#list .open").last).to_have_text("Meeting 449 of the Zürich council")


def test_the_keyboard_walks_through_all_of_it(shelf: Visit) -> None:
    """A row that has the focus stays, and those around it come."""
    page = shelf.page
    page.locator("#list .open").first.focus()
    for _ in range(90):  # each row has a box and two buttons
        page.keyboard.press("Tab")
    expect(
        page.get_by_role("button", name="Meeting 419 of the Zürich council", exact=True)
    ).to_be_focused()


def test_it_is_sorted(shelf: Visit) -> None:
    page = shelf.page
    for way, first in (
        ("Oldest first", 0),
        ("Name, A to Z", 0),
        ("Name, Z to A", 449),
        ("Longest first", 449),
        ("Shortest first", 0),
        ("Most pages", 447),
        ("Fewest pages", 0),
    ):
        page.get_by_label("Sorted by").select_option(way)
        expect(page.locator("#list .open").first).to_have_text(
            f"Meeting {first} of the Zürich council"
        )
    page.get_by_label("Sorted by").select_option("Name, A to Z")
    expect(page.locator("#list .open").nth(2)).to_have_text("Meeting 2 of the Zürich council")


def test_it_is_sought_in(shelf: Visit) -> None:
    """By words of title and name, whatever the capitals and accents."""
    page = shelf.page
    page.get_by_label("Find documents by title or name").fill("ZURICH june/ 44")
    expect(page.locator("#listed")).to_have_text("6 documents found")
    expect(page.locator("#list > li")).to_have_count(6)
    expect(page.locator("#count")).to_have_text("450")
    page.get_by_label("Find documents by title or name").fill("nowhere")
    expect(page.get_by_text("There is nothing here.")).to_be_visible()
    page.get_by_label("Find documents by title or name").fill("")
    expect(page.locator("#listed")).to_have_text("")
    expect(page.locator("#list > li").first).to_have_attribute("aria-setsize", "450")


def test_folders_and_collections_lead_to_what_is_in_them(shelf: Visit) -> None:
    page = shelf.page
    page.get_by_text("Folders and collections").click()
    page.get_by_role("button", name="Folders in minutes/").click()
    page.get_by_role("button", name="Folders in 2024/").click()
    page.get_by_role("button", name="june/ 150").click()
    expect(page.locator("#listed")).to_have_text("150 documents found")
    expect(page.locator("#place")).to_contain_text("In june/")
    page.get_by_role("button", name="2023/ 150").click()
    expect(page.locator("#list .open").first).to_have_text("Meeting 447 of the Zürich council")
    page.get_by_role("button", name="spring 150").click()
    expect(page.locator("#list .open").first).to_have_text("Meeting 448 of the Zürich council")
    page.get_by_role("button", name="Show all documents, not just spring").click()
    expect(page.locator("#list > li").first).to_have_attribute("aria-setsize", "450")
    expect(page.locator("#place")).to_be_hidden()


def test_many_are_selected_removed_and_put_back(shelf: Visit, index: Index) -> None:
    """With Shift a whole stretch, and all that was found, also what isn't on the page."""
    page = shelf.page
    page.get_by_label("Sorted by").select_option("Oldest first")
    expect(page.locator("#list .open").first).to_have_text("Meeting 0 of the Zürich council")
    boxes = page.get_by_role("checkbox")
    boxes.nth(1).click()
    expect(page.locator("#chosen-many")).to_have_text("1 selected")
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("#chosen-many")).to_have_text("4 selected")
    page.get_by_role("button", name="Remove Meeting 2 of the Zürich council").click()
    page.get_by_role("button", name="Really remove Meeting 2 of the Zürich council").click()
    expect(page.locator("#removed")).to_contain_text("Removed")
    expect(page.locator("#chosen-many")).to_have_text("3 selected")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#list > li").first).to_have_attribute("aria-setsize", "450")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("#chosen")).to_be_hidden()
    page.get_by_label("Find documents by title or name").fill("june")
    expect(page.locator("#listed")).to_have_text("150 documents found")
    boxes.first.click()
    page.get_by_role("button", name="Select all 150").click()
    expect(page.locator("#chosen-many")).to_have_text("150 selected")
    page.get_by_role("button", name="Remove 150 selected").click()
    assert index.counts().documents == NUMBER
    page.get_by_role("button", name="Really remove 150 selected?").click()
    expect(page.locator("#removed")).to_contain_text("Removed 150 documents.")
    assert index.counts().documents == NUMBER - 150
    expect(page.get_by_text("There is nothing here.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#removed")).to_contain_text("150 documents are back.")
    expect(page.locator("#list > li").first).to_have_attribute("aria-setsize", "150")
    assert index.counts().documents == NUMBER


def test_a_collection_is_made_of_what_is_selected(shelf: Visit, index: Index) -> None:
    """By the keyboard, and what is there already is put into it too."""
    page = shelf.page
    page.get_by_label("Sorted by").select_option("Oldest first")
    expect(page.locator("#list .open").first).to_have_text("Meeting 0 of the Zürich council")
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    opener = page.get_by_role("button", name="Put into a collection …")
    opener.press("Enter")
    field = page.get_by_role("combobox", name="Collection")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    field.press("Enter")
    alert = page.locator("#gathering").get_by_role("alert")
    expect(alert).to_have_text("Give the collection a name first.")
    shelf.foresee("422")
    field.fill("a/b")
    field.press("Enter")
    expect(alert).to_contain_text("a collection cannot be called 'a/b'")
    field.fill("to read")
    field.press("Enter")
    expect(page.locator("#gathered-told")).to_have_text("3 documents put into “to read”.")
    expect(opener).to_be_focused()
    expect(page.locator("#chosen-many")).to_have_text("3 selected")
    assert index.collections.one("to read").documents == 3
    boxes.nth(5).click()
    opener.click()
    names = page.locator("#gathered-names option")
    expect(names).to_have_count(2)
    assert names.evaluate_all("(all) => all.map(({ value }) => value)") == ["spring", "to read"]
    field.fill(" to read ")
    page.get_by_role("button", name="Put in", exact=True).click()
    expect(page.locator("#gathered-told")).to_have_text("4 documents put into “to read”.")
    assert index.collections.one("to read").documents == 4


def test_all_that_was_found_is_put_into_one_at_once(shelf: Visit, index: Index) -> None:
    page = shelf.page
    page.get_by_label("Find documents by title or name").fill("june")
    expect(page.locator("#listed")).to_have_text("150 documents found")
    page.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="Select all 150").click()
    expect(page.locator("#chosen-many")).to_have_text("150 selected")
    page.get_by_role("button", name="Put into a collection …").click()
    page.get_by_role("combobox", name="Collection").fill("summer")
    page.keyboard.press("Enter")
    expect(page.locator("#gathered-told")).to_have_text("150 documents put into “summer”.")
    assert index.collections.one("summer").documents == 150


def test_documents_are_taken_out_of_a_collection_and_it_is_deleted(
    shelf: Visit, index: Index
) -> None:
    page, told = shelf.page, shelf.page.locator("#gathered-told")
    index.collections.create("few", documents=[f"minutes/2023/{at}.txt" for at in (0, 3, 6)])
    page.get_by_text("Folders and collections").click()
    page.get_by_role("checkbox").first.click()
    expect(page.get_by_role("button", name="Put into a collection …")).to_be_visible()
    expect(page.locator("#take-out")).to_be_hidden()  # no collection is shown
    page.get_by_role("button", name="few 3").click()
    expect(page.locator("#list > li")).to_have_count(3)
    page.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="Take out of “few”").click()
    expect(told).to_contain_text("1 document taken out of “few”.")
    expect(page.locator("#documents-title")).to_be_focused()
    expect(page.locator("#list > li")).to_have_count(2)
    expect(page.get_by_role("button", name="few 2")).to_be_visible()
    expect(page.locator("#chosen")).to_be_hidden()
    page.get_by_role("button", name="spring 150").click()
    expect(page.locator("#listed")).to_have_text("150 documents found")
    page.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="Take out of “spring”").click()  # it lies in its folder
    shelf.foresee("422")
    expect(page.locator("#documents-trouble")).to_contain_text("take the folder out")
    expect(page.locator("#chosen-many")).to_have_text("1 selected")
    name = "Delete the collection spring; its documents stay"
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Really delete spring?").click()
    expect(page.locator("#place")).to_be_hidden()
    expect(page.get_by_role("button", name="spring 150")).to_have_count(0)
    expect(page.locator("#list > li").first).to_have_attribute("aria-setsize", "450")
    assert index.collections.names() == ["few"]


def test_a_collection_is_made_of_a_folder(shelf: Visit, index: Index) -> None:
    """So that what comes into the folder later is in it too."""
    page = shelf.page
    page.get_by_text("Folders and collections").click()
    page.get_by_role("button", name="Folders in minutes/").click()
    page.get_by_role("button", name="2024/ 300").click()
    expect(page.locator("#listed")).to_have_text("300 documents found")
    expect(page.locator("#place-delete")).to_be_hidden()
    page.locator("#place-gather").click()
    page.get_by_role("combobox", name="Collection").fill("last year")
    page.keyboard.press("Enter")
    expect(page.locator("#gathered-told")).to_have_text("minutes/2024/ put into “last year”.")
    expect(page.get_by_role("button", name="last year 300")).to_be_visible()
    assert index.collections.one("last year").folders == ("minutes/2024/",)


def test_the_library_fits_360_pixels_and_screen_readers(shelf: Visit) -> None:
    page = shelf.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_text("Folders and collections").click()
    page.get_by_role("button", name="Folders in minutes/").click()
    expect(page.get_by_role("button", name="2024/ 300")).to_be_visible()
    page.get_by_label("Find documents by title or name").fill("council 3")
    expect(page.locator("#listed")).to_contain_text("found")
    page.get_by_role("checkbox").first.click()
    expect(page.locator("#chosen-many")).to_have_text("1 selected")
    page.get_by_role("button", name="spring 150").click()
    expect(page.locator("#listed")).to_have_text("57 documents found")
    page.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="Put into a collection …").click()
    page.keyboard.press("Enter")
    expect(page.locator("#gathering-trouble")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert widest(page) == 360
        usable(page)
