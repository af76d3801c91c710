"""The page of a server that asks for keys, or where people sign in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from support_oidc import CLIENT, SECRET, providing
from support_page import widest

from api.access.keys import Keys
from api.access.role import Role
from api.http.languages import languages
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


def test_who_signs_in_is_shown_and_may_sign_out(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Assistant]
) -> None:
    with providing() as oidc:
        address = serve(
            scripted(iter(())),
            oidc_issuer=oidc.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SecretStr(SECRET),
            group_roles="staff=editor",
        )
        page = chromium.new_context(locale="de").new_page()
        page.goto(address)
        words = languages()["de"]
        dialog = page.get_by_role("dialog", name=str(words["sign_in.title"]))
        expect(dialog).to_be_visible()
        expect(dialog.get_by_label(str(words["key.label"]), exact=True)).to_be_visible()
        dialog.get_by_role("link", name=str(words["sign_in.go"])).click()
        expect(page.locator("#caller")).to_have_text("ada")
        expect(dialog).to_be_hidden()
        page.locator("#documents-button").click()
        keeper = {"name": "keeper.txt", "mimeType": "text/plain", "buffer": b"Ada kept it."}
        page.locator("#files").set_input_files([keeper])
        expect(page.locator("#uploads li")).to_contain_text("keeper.txt")
        expect(page.locator("#count")).to_have_text("1")
        page.reload()
        expect(page.locator("#caller")).to_have_text("ada")
        page.get_by_role("button", name=str(words["page.sign_out"])).click()
        page.wait_for_url(f"{oidc.issuer}/end**")
        page.goto(address)
        expect(dialog).to_be_visible()
        page.context.close()


@pytest.mark.parametrize("code", sorted(languages()))
def test_signing_in_is_offered_in_each_language(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Assistant], code: str
) -> None:
    words = languages()[code]
    with providing() as oidc:
        address = serve(
            scripted(iter(())),
            oidc_issuer=oidc.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SecretStr(SECRET),
            group_roles="admins=admin",
        )
        page = chromium.new_context(locale=code, viewport={"width": 360, "height": 740}).new_page()
        page.goto(address)
        dialog = page.get_by_role("dialog", name=str(words["sign_in.title"]))
        expect(dialog).to_be_visible()
        assert Axe().run(page).response["violations"] == []
        dialog.get_by_role("link", name=str(words["sign_in.go"]), exact=True).click()
        expect(page.get_by_role("heading")).to_have_text(str(words["sign_in.failed"]))
        expect(page.locator("p").first).to_have_text(str(words["sign_in.no_group"]))
        assert widest(page) == 360
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("link", name=str(words["sign_in.back"])).click()
        expect(dialog).to_be_visible()
        page.context.close()
