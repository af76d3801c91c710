"""Pictures of the page's ten main states, light and dark, on a wide screen and one of 360 pixels,
from a server that holds the sample (`make run`) or other documents that answer `--question`. In
each state axe looks for what stands in anybody's way; the last line says how much it found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from support_page import ARGUMENTS, CHROMIUM, settled, violations

SIZES = {"wide": (1280, 800), "narrow": (360, 740)}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folder", type=Path, help="where the pictures are written")
parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server")
parser.add_argument("--question", default="Who is planning to travel to Russia?")
parser.add_argument("--unanswered", default="What is the capital of Australia?")
arguments = parser.parse_args()


def ask(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".figures")).to_be_visible(timeout=120_000)


def library(page: Page) -> None:
    page.locator("#documents-button").click()
    expect(page.locator("#list .open").first).to_be_visible()


def gathering(page: Page) -> None:
    page.locator("#list .pick").first.click()
    page.locator("#gather").click()
    expect(page.locator("#gathered")).to_be_focused()


def close(page: Page) -> None:
    page.locator("#close").click()


def basis(page: Page) -> None:
    page.locator(".turn .basis").first.click()
    page.locator(".turn .confidence").first.click()


def source(page: Page) -> None:
    page.locator(".turn .ref").first.click()
    expect(page.locator("#source-text, #sheet").locator("mark, .marks > div").first).to_be_visible()


def editing(page: Page) -> None:
    page.locator(".turn .edit").first.click()
    expect(page.locator(".editing textarea").first).to_be_focused()


def scope(page: Page) -> None:
    page.keyboard.press("Escape")
    page.locator("#scope-change").click()
    expect(page.get_by_role("option").first).to_be_visible()


def settings(page: Page) -> None:
    page.keyboard.press("Escape")
    page.locator("#settings-button").click()
    expect(page.locator("#settings-title")).to_be_visible()


STATES: dict[str, tuple[Callable[[Page], None], Callable[[Page], None] | None]] = {
    "01-beginning": (lambda page: None, None),
    "02-answer": (lambda page: ask(page, arguments.question), None),
    "03-basis": (basis, None),
    "04-source": (source, close),
    "05-editing": (editing, lambda page: page.keyboard.press("Escape")),
    "06-unanswered": (lambda page: ask(page, arguments.unanswered), None),
    "07-part": (scope, lambda page: page.keyboard.press("Escape")),
    "08-library": (library, None),
    "09-collection": (gathering, close),
    "10-settings": (settings, close),
}
"""In this order: what leads to each, and what leaves it again."""

arguments.folder.mkdir(parents=True, exist_ok=True)
found = 0
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    for scheme in ("light", "dark"):
        for name, (width, height) in SIZES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page.goto(arguments.url)
            expect(page.locator("#count")).to_be_visible(timeout=60_000)
            for state, (enter, leave) in STATES.items():
                enter(page)
                settled(page)
                page.screenshot(path=arguments.folder / f"{state}-{name}-{scheme}.png")
                report = violations(page)
                if report:
                    found += 1
                    print(f"{state}, {name}, {scheme}: {report}")
                if leave:
                    leave(page)
            page.close()
    browser.close()
pictures = len(STATES) * len(SIZES) * 2
print(f"{pictures} pictures in {arguments.folder}; axe found something in {found} of them")
