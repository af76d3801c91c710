"""The library on the page: adding, watching, reading, removing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from support_files import zipped
from support_page import Visit, usable, visiting, widest

from rag.assistant import Assistant

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
    assert client.get("/v1/documents").json()["total"] == 1
    page.get_by_role("button", name="Really remove Lamps?").click()
    expect(page.locator("#list li")).to_have_count(0)
    assert client.get("/v1/documents").json()["total"] == 0


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
    expect(page.locator("#source-facts")).to_contain_text("1 passage")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open", exact=True).click()
    expect(opened.value.locator("body")).to_contain_text("Ada kept the light.")
    visit.open_documents()
    page.get_by_role("button", name="Lamps", exact=True).click()
    expect(page.locator("#source-text")).to_have_text("Ada kept them.")
    expect(page.get_by_role("button", name="Download the original")).to_be_hidden()
    expect(page.get_by_role("button", name="Open", exact=True)).to_be_hidden()


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
    expect(upload).to_contain_text("a.txtanother process is writing")
    page.unroute("**/v1/jobs/j1")
    gone = json.dumps({"detail": "there is no job 'j1'"})
    page.route("**/v1/jobs/j1", lambda route: route.fulfill(status=404, body=gone))
    page.locator("#files").set_input_files([KEEPER | {"name": "b.txt"}])
    expect(upload).to_contain_text("b.txtthere is no job 'j1'")
    expect(upload).to_have_class("failed")
    assert page.evaluate("localStorage.getItem('footnote.jobs')") == "[]"
    staged.foresee("404")


def test_a_chosen_folder_keeps_its_paths(
    visit: Visit, client: httpx.Client, tmp_path: Path
) -> None:
    """So that two files of one name stay two; what is hidden stays out."""
    for folder, word in (("2023", "coal"), ("2024/may", "gas")):
        (tmp_path / "minutes" / folder).mkdir(parents=True)
        text = f"The council bought {word}."
        (tmp_path / "minutes" / folder / "meeting.txt").write_text(text, encoding="utf-8")
    (tmp_path / "minutes" / ".git").mkdir()
    (tmp_path / "minutes" / ".git" / "config.txt").write_text("Not for eyes.", encoding="utf-8")
    page = visit.page
    visit.open_documents()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(tmp_path / "minutes")
    uploads = page.locator("#uploads > li")
    expect(uploads).to_have_class(["done", "done"])
    expect(page.locator("#count")).to_have_text("2")
    uris = {each["uri"] for each in client.get("/v1/documents").json()["documents"]}
    assert uris == {"minutes/2023/meeting.txt", "minutes/2024/may/meeting.txt"}
    asked = client.get("/v1/documents", params={"in": "minutes/2024/"}).json()["documents"]
    assert [each["uri"] for each in asked] == ["minutes/2024/may/meeting.txt"]


def test_a_folder_is_dropped_with_its_paths(
    visit: Visit, client: httpx.Client, tmp_path: Path
) -> None:
    for folder in ("a", "b/c", ".hidden"):
        (tmp_path / "papers" / folder).mkdir(parents=True)
        (tmp_path / "papers" / folder / "note.txt").write_text(f"In {folder}.", encoding="utf-8")
    (tmp_path / "loose.txt").write_text("Beside it.", encoding="utf-8")
    page = visit.page
    dropping = page.context.new_cdp_session(page)
    files = [str(tmp_path / "papers"), str(tmp_path / "loose.txt")]
    data = {"items": [], "files": files, "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"type": kind, "x": 300, "y": 400, "data": data}
        dropping.send("Input.dispatchDragEvent", at)
    expect(page.locator("#uploads > li")).to_have_class(["done"] * 3)
    uris = [each["uri"] for each in client.get("/v1/documents").json()["documents"]]
    assert uris == ["papers/a/note.txt", "papers/b/c/note.txt", "loose.txt"]


def test_what_an_archive_left_out_is_listed_with_the_reasons(visit: Visit) -> None:
    members: dict[str, bytes | str] = {
        "good.txt": "Ada kept the light.",
        "tool.exe": b"MZ\x90\x00",
        "empty.txt": "",
    }
    page = visit.page
    visit.open_documents()
    archive = {"name": "a.zip", "mimeType": "application/zip", "buffer": zipped(members)}
    page.locator("#files").set_input_files([archive])
    upload = page.locator("#uploads > li")
    expect(upload).to_have_class("done")
    expect(upload.locator(".outcome")).to_have_text("Added, 1 passage")
    upload.get_by_text("2 left out").click()
    reasons = upload.locator(".left li")
    expect(reasons).to_have_count(2)
    expect(reasons.first).to_contain_text('a.zip!/tool.exe has the suffix ".exe"')
    expect(reasons.last).to_have_text("a.zip!/empty.txt is empty")


def test_a_replacement_says_so_and_is_undone(visit: Visit) -> None:
    page = visit.page
    visit.open_documents()
    upload = page.locator("#uploads > li").last
    for words, said in (
        (b"Ada kept the light.", "Added, 1 passage"),
        (b"Eve keeps the light now.", "Replaced what had this name, 1 passage"),
        (b"Eve keeps the light now.", "Unchanged, 1 passage"),
    ):
        page.locator("#files").set_input_files([KEEPER | {"buffer": words}])
        expect(upload.locator(".outcome")).to_have_text(said)
    expect(upload.get_by_role("button", name="Put back")).to_have_count(0)
    page.get_by_role("button", name="Put back what keeper.txt has replaced").click()
    expect(page.locator("#uploads > li").nth(1)).to_contain_text("The former version is back")
    page.get_by_role("button", name="keeper", exact=True).click()
    expect(page.locator("#source-text")).to_have_text("Ada kept the light.")


def test_a_removal_is_undone(visit: Visit, client: httpx.Client) -> None:
    """With its names, its collections and its metadata: what is found of it is what was."""
    data = b"date 2024-05-01\n\nAda kept the light."
    (one,) = client.post("/v1/documents", files={"file": ("a/keeper.txt", data)}).json()[
        "documents"
    ]
    client.post("/v1/documents", files={"file": ("b/copy.txt", data)})
    client.post("/v1/documents", json={"uri": "n", "title": "Lamps", "text": "A note."})
    client.post("/v1/collections", json={"name": "crew", "documents": ["a/keeper.txt", "n"]})
    client.post("/v1/collections", json={"name": "none"})
    before = {each["uri"]: each for each in client.get("/v1/documents").json()["documents"]}
    page = visit.page
    visit.open_documents()
    for name in ("keeper", "Lamps"):
        page.get_by_role("button", name=f"Remove {name}", exact=True).click()
        page.get_by_role("button", name=f"Really remove {name}?").click()
        expect(page.locator("#removed")).to_contain_text(f"Removed “{name}”.")
        expect(page.get_by_role("button", name="Undo")).to_be_focused()
        assert client.get("/v1/documents").json()["total"] == 1
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#removed")).to_contain_text(f"“{name}” is back.")
        expect(page.locator("#list li")).to_have_count(2)
    after = {each["uri"]: each for each in client.get("/v1/documents").json()["documents"]}
    for each in (*before.values(), *after.values()):
        del each["added_at"]
    assert after == before
    assert after["a/keeper.txt"]["aliases"] == ["b/copy.txt"]
    assert client.get(f"/v1/documents/{one['id']}/original").content == data
    crew = client.get("/v1/documents", params={"in": "crew"}).json()["documents"]
    assert {each["uri"] for each in crew} == {"a/keeper.txt", "n"}


def members(client: httpx.Client, collection: str) -> set[str]:
    """The uris of what is in a collection."""
    found = client.get("/v1/documents", params={"in": collection}).json()["documents"]
    return {each["uri"] for each in found}


def remove(visit: Visit, name: str) -> None:
    page = visit.page
    page.get_by_role("button", name=f"Remove {name}", exact=True).click()
    page.get_by_role("button", name=f"Really remove {name}?").click()
    expect(page.locator("#removed")).to_contain_text(f"Removed “{name}”.")


def test_an_undo_that_is_refused_says_why_and_can_be_tried_again(
    visit: Visit, client: httpx.Client
) -> None:
    """Also where something else has been removed meanwhile, which can still be put back."""
    for name in ("keeper", "harbour"):
        client.post("/v1/documents", files={"file": (f"{name}.txt", f"Of a {name}.".encode())})
    page = visit.page
    visit.foresee("409")
    visit.open_documents()
    remove(visit, "keeper")
    client.post("/v1/documents", json={"uri": "keeper.txt", "title": "Other", "text": "Another."})
    page.get_by_role("button", name="Undo").click()
    said = "“keeper” could not be put back: another document is called 'keeper.txt' by now"
    expect(page.locator("#removed")).to_contain_text(said)
    remove(visit, "Other")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#removed")).to_contain_text("“Other” is back.")
    uris = {each["uri"] for each in client.get("/v1/documents").json()["documents"]}
    assert uris == {"harbour.txt", "keeper.txt"}


def test_what_has_lost_its_first_name_is_put_back_into_its_collections(
    visit: Visit, client: httpx.Client
) -> None:
    """Its id is that of the first name, which another document has by now."""
    data = b"Ada kept the light."
    for name, content in (("old.txt", data), ("new.txt", data), ("old.txt", b"Other words.")):
        answer = client.post("/v1/documents", files={"file": (name, content)})
        assert answer.status_code == 201
    before = {each["uri"]: each["id"] for each in client.get("/v1/documents").json()["documents"]}
    client.post("/v1/collections", json={"name": "crew", "documents": ["new.txt"]})
    page = visit.page
    visit.open_documents()
    remove(visit, "new")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#removed")).to_contain_text("“new” is back.")
    after = {each["uri"]: each["id"] for each in client.get("/v1/documents").json()["documents"]}
    assert after == before
    assert members(client, "crew") == {"new.txt"}


def test_a_document_with_a_very_long_title_is_removed_and_put_back(
    visit: Visit, client: httpx.Client
) -> None:
    """Longer than a search may be, and of signs that JavaScript counts twice."""
    title = "Lamp " + "💡" * 2100
    page_of = f"<html><title>{title}</title><p>Ada kept the light.</p></html>".encode()
    (one,) = client.post("/v1/documents", files={"file": ("lamps.html", page_of)}).json()[
        "documents"
    ]
    assert one["title"] == title
    client.post("/v1/collections", json={"name": "crew", "documents": ["lamps.html"]})
    page = visit.page
    visit.open_documents()
    page.locator("#list .remove").click()
    page.locator("#list .remove.armed").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#removed")).to_contain_text("is back.")
    assert members(client, "crew") == {"lamps.html"}


def test_what_a_folder_feeds_by_a_second_name_is_not_put_there_by_hand(
    visit: Visit, client: httpx.Client
) -> None:
    for name in ("a/keeper.txt", "b/keeper.txt"):
        client.post("/v1/documents", files={"file": (name, b"Ada kept the light.")})
    client.post("/v1/collections", json={"name": "fed", "folders": ["b/"]})
    page = visit.page
    visit.open_documents()
    remove(visit, "keeper")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#removed")).to_contain_text("“keeper” is back.")
    assert members(client, "fed") == {"a/keeper.txt"}
    client.post("/v1/collections/fed", json={"remove_folders": ["b/"]})
    assert members(client, "fed") == set()


def test_a_job_is_cancelled_and_what_is_stored_is_listed_at_once(staged: Visit) -> None:
    """Another browser has sent it."""
    page = staged.page
    stored = {"id": "1", "uri": "m.zip!/1.txt", "title": "", "chunks": 4, "status": "added"}
    waiting = {"id": "2", "uri": "m.zip", "title": "", "chunks": 0, "status": "pending"}
    states = [
        job("running", 0, total=1, documents=[waiting]),
        job("running", 0, total=1, documents=[stored]),
    ]
    cancelled = job("cancelled", 1, total=1, documents=[stored])
    standing = {"at": 0, "listed": 0}

    def answer(route: Any) -> None:
        if route.request.method == "DELETE":
            states.append(cancelled)
            standing["at"] = 2
        route.fulfill(body=json.dumps(states[standing["at"]]))

    def listed(route: Any) -> None:
        standing["listed"] += 1
        route.continue_()

    page.route("**/v1/jobs/*", answer)
    jobs = json.dumps({"jobs": [states[0], job("done", 3, id="j0")]})
    page.route("**/v1/jobs?*", lambda route: route.fulfill(body=jobs))
    page.route("**/v1/documents?*", listed)
    staged.open_documents()
    upload = page.locator("#uploads > li")
    expect(upload).to_contain_text("m.zipReading")
    expect(page.get_by_role("button", name="Cancel m.zip")).to_be_visible()
    before = standing["listed"]
    with page.expect_request("**/v1/documents?*"):
        standing["at"] = 1
    expect(upload.locator(".outcome")).to_have_text("Reading, 1 document so far")
    assert standing["listed"] > before
    page.get_by_role("button", name="Cancel m.zip").click()
    expect(upload.locator(".outcome")).to_have_text("Cancelled. Added, 4 passages")
    expect(upload.get_by_role("button", name="Cancel m.zip")).to_have_count(0)


def test_adding_and_removing_fit_360_pixels_and_screen_readers(
    visit: Visit, client: httpx.Client
) -> None:
    client.post("/v1/documents", files={"file": ("keeper.txt", b"Ada kept the light.")})
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    visit.open_documents()
    members: dict[str, bytes | str] = {"a.txt": "Words.", "b.exe": b"MZ\x90\0", "c.txt": ""}
    name = "w" * 80 + ".zip"
    archive = {"name": name, "mimeType": "application/zip", "buffer": zipped(members)}
    page.locator("#files").set_input_files([archive])
    page.get_by_text("2 left out").click()
    page.get_by_role("button", name="Remove keeper").click()
    page.get_by_role("button", name="Really remove keeper?").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert widest(page) == 360
        usable(page)


def test_folders_that_are_followed_are_shown_and_what_comes_from_them(
    chromium: Browser, serve: Callable[..., str], assistant: Assistant, tmp_path: Path
) -> None:
    papers, away = tmp_path / "papers", tmp_path / "away"
    papers.mkdir()
    (papers / "keeper.txt").write_text("Ada kept the light.", encoding="utf-8")
    (papers / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    with visiting(chromium, serve(assistant, sync_folders=(papers, away))) as visit:
        page = visit.page
        page.set_viewport_size({"width": 360, "height": 740})
        visit.open_documents()
        folders = page.locator("#folders > li")
        expect(folders.first).to_contain_text("Followed: 1 document, as of ", timeout=240_000)
        expect(folders.last).to_contain_text("is not there or cannot be reached", timeout=240_000)
        expect(page.get_by_role("button", name="keeper", exact=True)).to_be_visible()
        expect(folders.first.locator("summary")).to_have_text("1 could not be read")
        expect(folders.first.locator(".left li")).to_contain_text("broken.pdf")
        (papers / "harbour.txt").write_text("It has two piers.", encoding="utf-8")
        expect(page.get_by_role("button", name="harbour", exact=True)).to_be_visible(
            timeout=240_000
        )
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert widest(page) == 360
            usable(page)
