"""The list of a large library: pages of it over HTTP, from its beginning and its end, searches in
it, the folders, and how evenly it scrolls in Chromium, by the page's own animation frames. The
vectors are drawn, for lists have none; `--store FOLDER` keeps the store for looking at it."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
from common import arguments_of, percentile, show
from playwright.sync_api import CDPSession, sync_playwright
from process import serving

from index.document import Chunk, Document, document_id
from index.embed.embedder import embedder_of
from index.ingest.builder import identity_of
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.settings import Settings

SORTS = ("stored", "name", "added", "size", "pages")
SECONDS = 5
PACES = {"": 60, "ten times as fast: ": 600}
"""Pixels a frame, of 84 that a row has."""
SCROLL = """([seconds, pixels]) => new Promise((done) => {
  const body = document.querySelector("#documents .body");
  const list = document.querySelector("#list");
  body.scrollTop = 0;
  const begun = performance.now(), intervals = [];
  let before = begun, most = 0, blank = 0;
  const step = (now) => {
    intervals.push(now - before);
    before = now;
    body.scrollTop += pixels;
    most = Math.max(most, list.children.length);
    blank += list.querySelectorAll("[aria-busy=true]").length > 0;
    if (now - begun < seconds * 1000) requestAnimationFrame(step);
    else done({ intervals: intervals.slice(1), most, blank, at: body.scrollTop });
  };
  requestAnimationFrame(step);
})"""

parser = arguments_of(__doc__, documents=20_000, calls=200)
parser.set_defaults(data=Path())
for action in parser._actions:
    action.required = False
parser.add_argument("--store", type=Path)
arguments = parser.parse_args()
folder = arguments.store or Path(tempfile.mkdtemp()) / "store"
chance, drawn = random.Random(0), np.random.default_rng(0)
words = [f"{first}{last}" for first in "mor ban tel sun kir".split() for last in "ow et ia".split()]
settings = Settings(store=folder)
embedder = embedder_of(settings.embedder, "int8", settings.cache)
chunking = Chunking(settings.chunk_tokens, settings.chunk_overlap)


def fill() -> float:
    """Stores the documents; the seconds it took."""
    begun = time.perf_counter()
    store = SqliteStore(folder)
    for first in range(0, arguments.documents, 500):
        with store.write() as writer:
            writer.set_identity(identity_of(embedder, chunking))
            for number in range(first, min(first + 500, arguments.documents)):
                uri = f"{number % 7}/{number % 40}/{chance.choice(words)} {number}.pdf"
                text = " ".join(chance.choices(words, k=chance.randrange(20, 200)))
                vector = drawn.standard_normal((1, embedder.dim), dtype=np.float32)
                document = Document(
                    document_id(uri),
                    uri,
                    f"{chance.choice(words)} {chance.choice(words)} {number}",
                    text,
                    f"{number:064x}",
                    pages=tuple(range(number % 30)),
                )
                unit = vector / np.linalg.norm(vector)
                writer.put(document, [Chunk("", 0, len(text))], unit)
    store.close()
    return time.perf_counter() - begun


def p50(client: httpx.Client, asked: list[dict[str, str | int]], path: str) -> float:
    """Milliseconds of the median call."""
    took = []
    for number in range(arguments.calls):
        begun = time.perf_counter()
        client.get(path, params=asked[number % len(asked)]).raise_for_status()
        took.append((time.perf_counter() - begun) * 1000)
    return percentile(took, 0.5)


def busy_ms(chrome: CDPSession) -> float:
    """Milliseconds that the page's thread has been at work so far."""
    told = {
        each["name"]: each["value"] for each in chrome.send("Performance.getMetrics")["metrics"]
    }
    return 1000 * told["TaskDuration"]


figures: dict[str, float | int | str] = {}
if not (folder / "footnote.sqlite3").exists():
    figures["filled, s"] = fill()
with serving(folder) as server, httpx.Client(base_url=server.url, timeout=60) as client:
    for sort in SORTS:
        asked = {"sort": sort, "limit": 100}
        marks = client.get("/v1/documents", params={**asked, "marks": True}).json()["marks"]
        first = p50(client, [asked], "/v1/documents")
        last = p50(client, [{**asked, "after": mark} for mark in marks[-10:]], "/v1/documents")
        figures[f"by {sort}: the first page, ms"] = first
        figures[f"by {sort}: a page near the end, ms"] = last
    figures["all marks and a page, ms"] = p50(client, [{**asked, "marks": 1}], "/v1/documents")
    sought = [{"query": word, "sort": "name", "limit": 100, "marks": 1} for word in words]
    figures["a word sought, with marks, ms"] = p50(client, sought, "/v1/documents")
    rare = [{"query": f"{number}", "limit": 100, "marks": 1} for number in range(1000, 1100)]
    figures["a rare word sought, ms"] = p50(client, rare, "/v1/documents")
    part = [{"in": f"{number}/", "sort": "name", "limit": 100} for number in range(7)]
    figures["a folder of it, ms"] = p50(client, part, "/v1/documents")
    figures["outermost folders, ms"] = p50(client, [{}], "/v1/tree")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        begun = time.perf_counter()
        page.locator("#documents-button").click()
        page.locator("#list .open").first.wait_for()
        figures["the panel open, ms"] = (time.perf_counter() - begun) * 1000
        asked: list[str] = []
        failed: list[str] = []
        chrome = page.context.new_cdp_session(page)
        # by thread time, so that what other processes take does not count
        chrome.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: failed.append(request.url))
        for pace, pixels in PACES.items():
            asked.clear()
            failed.clear()
            busy = busy_ms(chrome)
            told = page.evaluate(SCROLL, [SECONDS, pixels])
            busy = busy_ms(chrome) - busy
            intervals = told["intervals"]
            figures |= {
                f"{pace}frames in {SECONDS} s of scrolling": len(intervals),
                f"{pace}frames a second": 1000 / statistics.mean(intervals),
                f"{pace}a frame, median, ms": percentile(intervals, 0.5),
                f"{pace}a frame, p95, ms": percentile(intervals, 0.95),
                f"{pace}the longest frame, ms": max(intervals),
                f"{pace}the page's thread at work in a frame, ms": busy / len(intervals),
                f"{pace}frames with a row still to come": told["blank"],
                f"{pace}rows on the page, at most": told["most"],
                f"{pace}rows scrolled past": round(told["at"] / 84),
                f"{pace}pages asked for": len(asked),
                f"{pace}of them broken off": len(failed),
            }
        browser.close()
show("library", figures, arguments.out)
