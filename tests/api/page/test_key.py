"""The page of a server that asks for keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from api.access.keys import Keys
from api.access.role import Role
from rag.assistant import Assistant
from rag.settings import Settings

pytestmark = pytest.mark.browser


def test_it_is_asked_for_once_and_kept_until_signed_out(
    chromium: Browser,
    serve: Callable[..., str],
    scripted: Callable[..., Assistant],
    settings: Settings,
) -> None:
    keys = Keys(settings.store)
    _, reader = keys.create("ada", Role.READER)
    _, editor = keys.create("bob", Role.EDITOR)
    address = serve(scripted(iter(())))
    page = chromium.new_context().new_page()
    page.goto(address)
    dialog = page.get_by_role("dialog", name="Your key, please")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    field = dialog.get_by_label("Key", exact=True)
    field.fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("unknown")
    field.fill(f" {reader} ")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#count")).to_have_text("0")
    expect(page.get_by_text("There are no documents yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Add documents")).to_be_hidden()
    page.reload()
    expect(page.locator("#count")).to_have_text("0")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Sign out").click()
    expect(dialog).to_be_visible()
    field.fill(editor)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Documents")).click()
    keeper = {"name": "keeper.txt", "mimeType": "text/plain", "buffer": b"Ada kept the light."}
    page.locator("#files").set_input_files([keeper])
    expect(page.locator("#uploads li")).to_contain_text("Added, 1 passage")
    page.context.close()
