"""The settings on the page: those of the browser, and those of the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from support_local_model import LocalModel, running
from support_page import Visit, usable, visiting, widest

from rag.chat import local_servers

pytestmark = pytest.mark.browser


@pytest.fixture
def model() -> Iterator[LocalModel]:
    with running(LocalModel("tiny", "large")) as server:
        yield server


def open_settings(page: Page) -> None:
    expect(page.locator("#count")).to_be_visible()  # the scripts are there
    page.locator("#settings-button").click()
    expect(page.locator("#settings-title")).to_be_focused()


def test_the_language_and_the_appearance_are_the_browsers_to_keep(staged: Visit) -> None:
    page = staged.page
    page.emulate_media(color_scheme="light")
    open_settings(page)
    page.locator("#set-theme").select_option("Dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.locator("#set-language").select_option("Français")
    expect(page.locator("#greeting")).to_have_text("Interrogez vos documents.")
    expect(root).to_have_attribute("lang", "fr")
    expect(root).to_have_attribute("data-theme", "dark")
    open_settings(page)
    expect(page.locator("#set-language")).to_have_value("fr")
    page.locator("#set-theme").select_option("")
    expect(root).not_to_have_attribute("data-theme", "dark")
    page.locator("#set-language").select_option("")
    expect(page.locator("#greeting")).to_have_text("Ask your documents.")
    assert page.context.cookies() == []


def test_who_answers_is_chosen_here_too(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    assistant = scripted(iter(()))
    assistant.answerers = ("reader", "chat")
    with visiting(chromium, serve(assistant, chat_model="tiny")) as visit:
        page = visit.page
        open_settings(page)
        page.locator("#set-answerer").select_option("chat")
        expect(page.locator("#answerer")).to_have_value("chat")
        page.reload()
        open_settings(page)
        expect(page.locator("#set-answerer")).to_have_value("chat")


def test_a_model_is_looked_for_tried_and_taken(
    visit: Visit, model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "footnote.toml"
    file.write_text("# by hand\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(file))
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    monkeypatch.setattr(local_servers, "KNOWN", MappingProxyType({}))
    open_settings(page)
    told, trouble = page.locator("#server-told"), page.locator("#server-trouble")
    expect(page.locator("#server-where")).to_contain_text(str(file))
    page.get_by_role("button", name="Look for one").click()
    expect(told).to_have_text("None found: nothing lists models at the usual ports.")
    page.get_by_role("button", name="Try it").click()
    expect(trouble).to_have_text("Give the address of a server and a model first.")
    monkeypatch.setattr(local_servers, "KNOWN", MappingProxyType({model.server_port: "Ollama"}))
    page.get_by_role("button", name="Look for one").click()
    expect(told).to_have_text("1 server found.")
    page.get_by_label("Models of Ollama").select_option("large")
    page.get_by_role("button", name="Take this one of Ollama").click()
    page.get_by_role("button", name="Try it").click()
    expect(told).to_contain_text("“Blue.”")
    page.get_by_label("Answers from this confidence on").fill("0.9")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert widest(page) == 360
        usable(page)
    page.get_by_role("button", name="Save").click()
    expect(told).to_have_text("Saved; in force from now on.")
    assert sorted(file.read_text(encoding="utf-8").splitlines()) == sorted(
        [
            "# by hand",
            'answerer = "chat"',
            f'chat_url = "{model.url}"',
            'chat_model = "large"',
            "min_confidence = 0.9",
        ]
    )
    page.get_by_role("button", name="Reload the page").click()
    expect(page.locator("#answerer option")).to_have_text(
        ["A language model (large)", "The documents, word for word"]
    )
    open_settings(page)
    page.get_by_label("Address of its server").fill("http://192.0.2.7/v1")
    page.get_by_role("button", name="Save").click()
    expect(trouble).to_contain_text("is no address of this machine")
    visit.foresee("422")


def test_a_reader_sees_the_browsers_settings_alone(staged: Visit) -> None:
    page = staged.page
    page.route("**/v1/whoami", lambda route: route.fulfill(json=READER))
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-role", "reader")
    open_settings(page)
    expect(page.locator("#set-language")).to_be_visible()
    expect(page.locator("#server-settings")).to_be_hidden()


READER = {"name": "Ada", "role": "reader", "collections": None, "needs_key": True}
