"""The page in a real Chromium: opening it, using it, and answering in the server's place."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)  # a machine may be busy; what is there is seen at once
TRAVEL = "Who is planning to travel to Russia?"
WARNING = "What warning did the United States give North Korea?"
CAPITAL = "What is the capital of Australia?"


@dataclass
class Visit:
    """The page, and what went on behind it."""

    page: Page
    address: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    foreseen: tuple[str, ...] = ()

    def ask(self, question: str) -> None:
        self.begin_asking(question)
        self.answered()

    def begin_asking(self, question: str) -> None:
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")

    def answered(self) -> None:
        expect(self.page.locator(".turn").last.locator(".figures")).to_be_visible(timeout=60_000)

    def foresee(self, *parts: str) -> None:
        """That the browser's console complains of what a test provokes: lines with one of
        `parts` are no failure, now or later, since they come when the browser likes."""
        self.foreseen += parts

    def open_documents(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Documents")).click()

    def open_history(self) -> None:
        self.page.get_by_role("button", name="History").click()

    def reply(self, *answers: dict[str, Any]) -> None:
        """Answer the next questions in the server's place, the last one ever again."""
        left = list(answers)

        def fulfill(route: Any) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            body = f"event: answer\ndata: {json.dumps(answer)}\n\n"
            route.fulfill(content_type="text/event-stream", body=body)

        self.page.unroute("**/v1/ask")
        self.page.route("**/v1/ask", fulfill)


@contextmanager
def visiting(chromium: Browser, address: str, init: str = "", **options: Any) -> Iterator[Visit]:
    """The page, opened after the script `init`. Afterwards: no errors on the console, no request
    left the server. `options` are those of a browser context."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **options)
    page = context.new_page()
    page.set_default_timeout(60_000)
    visit = Visit(page, address)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("dialog", lambda dialog: visit.complaints.append(f"dialog {dialog.message}"))
    context.on("request", lambda request: visit.requested.append(request.url))
    if init:
        page.add_init_script(init)
    page.goto(address)
    expect(page.locator("#count")).to_be_visible(timeout=60_000)
    yield visit
    context.close()
    unforeseen = [
        said for said in visit.complaints if not any(part in said for part in visit.foreseen)
    ]
    assert unforeseen == [], unforeseen
    asked = [url for url in visit.requested if not url.startswith("blob:")]
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}


def citation(number: int, quote: str, **changes: Any) -> dict[str, Any]:
    """A citation as it goes over the wire, of a document that need not be there."""
    return {
        "number": number,
        "document_id": "d1",
        "uri": "keeper.pdf",
        "title": "The keeper",
        "page": None,
        "start": 0,
        "end": len(quote),
        "quote": quote,
        "support": 1.0,
        **changes,
    }


def passage(text: str, **changes: Any) -> dict[str, Any]:
    """A passage as it goes over the wire."""
    return {
        "chunk_id": 1,
        "document_id": "d1",
        "uri": "keeper.pdf",
        "title": "The keeper",
        "heading": "",
        "page": None,
        "start": 0,
        "end": len(text),
        "text": text,
        "score": 0.5,
        "rank": 1,
        "metadata": {},
        **changes,
    }


def answer(text: str, *citations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An Answer as it goes over the wire, written by a language model."""
    return {
        "answer": text,
        "short_answer": None,
        "verdict": "answered",
        "answered": True,
        "confidence": 0.77,
        "citations": list(citations),
        "passages": [passage("Ada kept the light.")],
        "question": "Who kept the light?",
        "model": "chat",
        "timings_ms": {},
        **changes,
    }


def settled(page: Page) -> None:
    """Wait until what moves or fades has come to its end, for what is measured before is of no
    state that stays: a panel that fades in has colours between its own and those behind it. What
    goes round for ever, as the dots of who waits, is not waited for."""
    page.evaluate("new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))")
    page.wait_for_function(
        """() => document.getAnimations().every((one) => one.playState !== "running" ||
          one.effect.getComputedTiming().endTime === Infinity)""",
        timeout=30_000,
    )


def violations(page: Page) -> str:
    """What axe finds in anybody's way once the page has settled; nothing where it finds nothing."""
    settled(page)
    found = Axe().run(page)
    return str(found.generate_report()) if found.violations_count else ""


def usable(page: Page, state: str = "") -> None:
    """That axe finds nothing; `state` says in a failure what was shown."""
    report = violations(page)
    assert not report, f"{state}: {report}"


def widest(page: Page) -> int:
    """The right edge of the widest visible element that nothing clips, in pixels, once the page
    has settled."""
    settled(page)
    return int(
        page.evaluate(
            """() => Math.max(document.documentElement.scrollWidth,
              ...["main", "#panel", "#panel .body"].flatMap((selector) =>
                [...document.querySelectorAll(selector)].map((element) =>
                  element.scrollWidth - element.clientWidth + innerWidth)))"""
        )
    )
