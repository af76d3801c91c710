"""The library on the page: adding, watching, reading, removing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from support_page import Visit

pytestmark = pytest.mark.browser
KEEPER = {"name": "keeper.txt", "mimeType": "text/plain", "buffer": b"Ada kept the light."}


def test_an_empty_store_asks_for_documents_and_an_upload_fills_it(visit: Visit) -> None:
    page = visit.page
    expect(page.get_by_text("There are no documents yet.")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add documents").click()
    tool = {"name": "tool.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\x90\x00"}
    chooser.value.set_files([KEEPER, tool])
    uploads = page.locator("#uploads li")
    expect(uploads.nth(0)).to_contain_text("Added, 1 passage")
    expect(uploads.nth(1)).to_contain_text("tool.exe")
    expect(uploads.nth(1)).to_have_class("failed")
    expect(page.locator("#count")).to_have_text("1")
    expect(page.locator("#list li")).to_contain_text("Ready: 1 passage, added ")
    expect(page.get_by_text("There are no documents yet.")).to_be_hidden()
    visit.foresee("415")  # Chromium reports each failed request on the console


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


def test_the_original_of_a_document_is_downloaded(visit: Visit, client: httpx.Client) -> None:
    """A text that was sent as such has none."""
    client.post("/v1/documents", json={"uri": "n1", "title": "Lamps", "text": "Ada kept them."})
    data = b"Ada kept the light.\r\n\r\n"
    client.post("/v1/documents", files={"file": ("Lücke 1.txt", data, "text/plain")})
    page = visit.page
    visit.open_documents()
    page.get_by_role("button", name="Lücke 1", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the original").click()
    assert download.value.suggested_filename == "Lücke 1.txt"
    assert Path(download.value.path()).read_bytes() == data
    visit.open_documents()
    page.get_by_role("button", name="Lamps", exact=True).click()
    expect(page.locator("#source-text")).to_have_text("Ada kept them.")
    expect(page.get_by_role("button", name="Download the original")).to_be_hidden()


def job(status: str, done: int, **changes: Any) -> dict[str, Any]:
    """A job that reads three documents, as it goes over the wire."""
    base = {"id": "j1", "status": status, "total": 3, "done": done, "documents": [], "errors": []}
    return base | changes


def test_a_large_upload_is_watched_to_its_end_and_over_a_reload(staged: Visit) -> None:
    page = staged.page
    added = [
        {"id": str(n), "uri": f"mail-{n}", "title": "", "chunks": 4, "status": "added"}
        for n in range(2)
    ]
    failed = [{"uri": "mail-2", "detail": "'mail-2' is encrypted"}]
    states = [job("pending", 0), job("running", 1), job("done", 3, documents=added, errors=failed)]
    standing = {"at": 0}
    page.route("**/v1/jobs/*", lambda route: route.fulfill(body=json.dumps(states[standing["at"]])))
    ids = iter(["j1", "j2"])

    def accept(route: Any) -> None:
        if route.request.method == "POST":
            accepted = {"documents": [{"status": "pending"}], "job": {"id": next(ids)}}
            route.fulfill(status=202, body=json.dumps(accepted))
        else:
            route.continue_()

    page.route("**/v1/documents*", accept)
    staged.open_documents()
    files = [KEEPER | {"name": name} for name in ("post.mbox", "more.mbox")]
    page.locator("#files").set_input_files(files)
    uploads = page.locator("#uploads li")
    upload = uploads.first
    expect(upload).to_contain_text("post.mboxWaiting to be read")
    expect(uploads.last).to_contain_text("more.mboxWaiting to be read")  # sent meanwhile
    standing["at"] = 1
    expect(upload).to_contain_text("Reading, 1 of 3")
    bar = upload.get_by_role("progressbar")
    assert float(bar.evaluate("(bar) => bar.value")) == pytest.approx(1 / 3)
    page.reload()
    staged.open_documents()
    expect(upload).to_contain_text("Reading, 1 of 3")
    standing["at"] = 2
    expect(upload).to_contain_text("2 documents, 8 passages. mail-2: 'mail-2' is encrypted")
    expect(bar).to_have_count(0)
    expect(uploads).to_have_class(["done", "done"])
    page.reload()
    staged.open_documents()
    expect(uploads).to_have_count(0)


def test_a_job_that_fails_or_is_forgotten_says_why(staged: Visit) -> None:
    page = staged.page
    accepted = json.dumps({"documents": [], "job": {"id": "j1"}})
    broken = job("failed", 0, errors=[{"uri": "a.txt", "detail": "another process is writing"}])
    page.route("**/v1/jobs/j1", lambda route: route.fulfill(body=json.dumps(broken)))
    page.route("**/v1/documents", lambda route: route.fulfill(status=202, body=accepted))
    staged.open_documents()
    page.locator("#files").set_input_files([KEEPER | {"name": "a.txt"}])
    upload = page.locator("#uploads li").last
    expect(upload).to_have_text("a.txtanother process is writing")
    page.unroute("**/v1/jobs/j1")
    gone = json.dumps({"detail": "there is no job 'j1'"})
    page.route("**/v1/jobs/j1", lambda route: route.fulfill(status=404, body=gone))
    page.locator("#files").set_input_files([KEEPER | {"name": "b.txt"}])
    expect(upload).to_contain_text("b.txtthere is no job 'j1'")
    expect(upload).to_have_class("failed")
    assert page.evaluate("localStorage.getItem('footnote.jobs')") == "[]"
    staged.foresee("404")
