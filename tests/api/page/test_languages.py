"""The languages of the page: a file each, all that is said in them, nothing said beside them."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from playwright.sync_api import Browser, expect
from support_page import answer, citation, usable, visiting, widest

from api.access.person import Kind
from api.http.languages import COOKIE, DEFAULT, FOLDER, languages

API = Path(__file__).parents[3] / "api"
SCRIPTS = sorted((API / "static").glob("*.js"))
TEMPLATE, REFUSED = (
    (API / "templates" / name).read_text(encoding="utf-8") for name in ("page.html", "refused.html")
)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
OTHERS = [code for code in languages() if code != DEFAULT]
NAMES = {
    *("ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Enter", "Escape", "PageDown", "PageUp"),
    *("AbortError", "Content-Disposition", "Content-Type", "Files", "Tab", "Bearer ", "File"),
    *("GET", "POST", "DELETE", "A", "PRE", "TABLE", "use strict"),
    *("noopener noreferrer nofollow", "heading level-"),
}
"""Of keys, headers, tags, classes, errors: said to the browser, not to people."""


def test_the_five_languages_are_there() -> None:
    assert set(languages()) == {"de", "en", "es", "fr", "zh"}
    names = [words["language"] for words in languages().values()]
    assert names == ["Deutsch", "English", "Español", "Français", "中文"]


@pytest.mark.parametrize("code", OTHERS)
def test_each_file_says_all_that_english_says(code: str) -> None:
    english, words = languages()[DEFAULT], languages()[code]
    assert list(words) == list(english)  # in the same order, so that they can be read side by side
    for key, said in english.items():
        forms, others = _forms(said), _forms(words[key])
        assert set(forms) == set(others), key
        for form, text in others.items():
            assert text.strip(), key
            assert _fields(text) == _fields(forms[form]), key


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_left_in_english(code: str) -> None:
    english, words = languages()[DEFAULT], languages()[code]
    same = [key for key, said in words.items() if said == english[key] and _is_said(str(said))]
    assert len(same) < len(words) / 20, same


def test_files_hold_words_and_no_logic() -> None:
    assert {path.suffix for path in FOLDER.iterdir()} == {".json"}
    for words in languages().values():
        for key, said in words.items():
            for form, text in _forms(said).items():
                assert isinstance(text, str), key
                assert form in ("", "one", "other")
                assert "<" not in text, key


def test_every_key_is_used_and_every_use_has_its_key() -> None:
    known = set(languages()[DEFAULT]) - {"language", "locale"}
    code = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    said = set(re.findall(r'say\["([^"]+)"\]', TEMPLATE + REFUSED))
    said |= {f"sign_in.{kind}" for kind in get_args(Kind)}
    said |= set(re.findall(r'words\["([^"]+)"\]', (API / "routes/page.py").read_text("utf-8")))
    literal = set(re.findall(r'\b(?:say|words)\(\s*"([^"]+)"', code))
    named = set(re.findall(r'"([a-z]+\.[a-z_]+)"', code)) & known
    built = {key for key in known if re.match(r"(count|scope|upload)\.|.*_label$", key)}
    assert (said | literal) - {"locale"} <= known
    assert known - said - literal - named - built == set()


def test_the_templates_say_nothing_by_themselves() -> None:
    refused = _Seen()
    refused.feed(JINJA.sub("", REFUSED))
    assert [text for text in refused.said if re.search(r"[^\W\d_]", text)] == ["Footnote"]
    seen = _Seen()
    seen.feed(JINJA.sub("", TEMPLATE))
    beside = [text for text in seen.said if re.search(r"[^\W\d_]", text)]
    assert beside == ["Footnote", "Footnote", "POST /v1/ask"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_says_anything_by_itself(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert [text for text in _literals(code) if _is_said(text)] == []
    shown = r'(?:textContent|title|placeholder) = |"(?:aria-label|title|placeholder)", |announce\('
    assert re.findall(rf'(?:{shown})["`][^"`$]*[^\W\d_][^"`]*', code) == []


def test_the_scan_of_scripts_finds_what_is_said() -> None:
    code = """a("Not sure"); // "no comment's words"
    b = `${x} of them left`; c = /["']/.test(y); d("Stopped"); e("#list .open > li"); f("chats")"""
    assert [text for text in _literals(code) if _is_said(text)] == [
        *("Not sure", " of them left", "Stopped")
    ]


@pytest.mark.parametrize(
    ("accepts", "chosen", "language"),
    [
        ("", "", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "", "de"),
        ("pt-BR, es;q=0.5, fr;q=0.7", "", "fr"),
        ("en;q=0.2, zh-TW;q=0.3", "", "zh"),
        ("de;q=0, es", "", "es"),
        ("it, *;q=0.1", "", "en"),
        ("de", "fr", "fr"),
        ("de", "../../etc/passwd", "de"),
    ],
)
def test_the_browsers_language_is_spoken_or_the_chosen_one(
    serve: Callable[..., str],
    scripted: Callable[..., Any],
    accepts: str,
    chosen: str,
    language: str,
) -> None:
    headers = {"Accept-Language": accepts, "Cookie": f"{COOKIE}={chosen}"}
    page = httpx.get(serve(scripted(iter(()))), headers=headers)
    assert page.headers["Content-Language"] == language
    assert page.headers["Vary"] == "Accept-Language, Cookie"
    assert f'<html lang="{language}">' in page.text
    assert str(languages()[language]["welcome.title"]) in page.text


@pytest.mark.browser
@pytest.mark.parametrize("code", OTHERS)
def test_the_page_is_usable_in_each_language(
    chromium: Browser, serve: Callable[..., str], scripted: Callable[..., Any], code: str
) -> None:
    words = languages()[code]
    locale = str(words["locale"])
    with visiting(chromium, serve(scripted(iter(()))), locale=locale) as visit:
        page = visit.page
        page.set_viewport_size({"width": 360, "height": 740})
        expect(page.locator("#greeting")).to_have_text(str(words["welcome.title"]))
        assert widest(page) == 360
        visit.reply(answer("Ada [1].", citation(1, "Ada kept it."), verdict="unsure"))
        page.locator("#question").fill("Who kept the light?")
        page.keyboard.press("Enter")
        visit.answered()
        expect(page.locator(".verdict")).to_have_text(str(words["turn.verdict_unsure"]))
        page.locator(".confidence").click()
        page.locator(".copy-as").click()
        assert widest(page) == 360
        for door in ("#chats-button", "#documents-button"):
            page.locator(door).click()
            expect(page.locator("#panel")).to_be_visible()
            assert widest(page) == 360
            usable(page)
            page.locator("#close").click()


def _forms(said: Any) -> dict[str, str]:
    return said if isinstance(said, dict) else {"": said}


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _is_said(text: str) -> bool:
    """Whether a literal is for people: more than one word, a capital at its beginning, or signs
    that no code has."""
    if text in NAMES or re.match(r"\s*[.#:\[]|[a-z]+(-[a-z]+)*[.#:\[ ]*>|text/|/v1/", text):
        return False
    several = re.search(r"[^\W\d_]{2,}[ ,.;!?…]+ ?[^\W\d_]{2,}", text) and " " in text
    return bool(several or re.match(r"\s*[A-Z][a-z]+", text) or re.search(r"[“”„«»…]", text))


def _literals(code: str) -> Iterator[str]:
    """The strings of a script, of templates what stands between what is filled in."""
    token = re.compile(
        r"//[^\n]*|/\*.*?\*/|(?<=[(,=:!&|?;\[{])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\])+/"
        r"""|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`""",
        re.DOTALL,
    )
    for found in token.finditer(code):
        text = found[1] or found[2]
        if text:
            yield text
        elif found[3]:
            yield from re.split(r"\$\{[^}]*\}", found[3])


class _Seen(HTMLParser):
    """What of a template is seen or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag in ("script", "style")
        shown = {"title", "aria-label", "placeholder", "alt"}
        if dict(attrs).get("name") == "description":
            shown.add("content")
        self.said += [value for name, value in attrs if name in shown and value]

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.hidden:
            self.said.append(data.strip())
