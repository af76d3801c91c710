"""Language models beside the reader, as the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest
from support_llama import WORDS, save_model

from index.errors import InvalidSetting, ModelUnavailable
from index.load.documents import load, walk
from rag.build import build
from rag.settings import Settings
from rag.write.outcome import NOTHING

SEEDS = Path(__file__).parents[3] / "seeds"
QUESTION = "Who is planning to travel to Russia?"
URL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("changes", "answerers"),
    [
        ({}, ("reader",)),
        ({"chat_url": URL}, ("reader", "chat")),
        ({"chat_url": URL, "answerer": "chat"}, ("chat", "reader")),
    ],
)
def test_the_settings_say_who_answers(
    tmp_path: Path, changes: dict[str, str], answerers: tuple[str, ...]
) -> None:
    assistant = build(Settings(store=tmp_path, **changes))  # type: ignore[arg-type]
    assert assistant.answerers == answerers
    assistant.index.close()


def test_a_model_of_this_process_writes_and_what_it_says_is_checked(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "model", positions=4096)
    assistant = build(Settings(store=tmp_path / "store", chat_model=folder, max_new_tokens=16))
    list(assistant.index.add(load(path) for path in walk([SEEDS])))
    *pieces, answer = assistant.stream(QUESTION, answerer="chat")
    words = "".join(map(str, pieces[:-1])).split()
    replaced = pieces[-1]
    assert len(words) == 16
    assert set(words) <= set(WORDS)
    assert replaced == f"\n\n{answer.text}"  # type: ignore[union-attr]
    assert answer.replaced_by == "reader"  # type: ignore[union-attr]  # random words cite nothing
    *pieces, answer = assistant.stream("What is the capital of Australia?", answerer="chat")
    assert len("".join(map(str, pieces[:-1])).split()) == 16  # whatever the reader thinks
    assert pieces[-1] == f"\n\n{NOTHING}"
    assert (answer.verdict, answer.replaced_by) == ("unanswered", "abstention")  # type: ignore[union-attr]
    assert assistant.ask(QUESTION).answered
    assistant.index.close()


def test_the_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_CHAT_KEY", "secret-1")
    settings = Settings()
    assert settings.chat_key is not None
    assert settings.chat_key.get_secret_value() == "secret-1"
    assert "secret-1" not in f"{settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_what_is_wrong_is_told_at_start_before_a_store_is_made(tmp_path: Path) -> None:
    store, faulty = tmp_path / "store", tmp_path / "mine.jinja"
    faulty.write_text("one\n{% if %}", encoding="utf-8")
    with pytest.raises(InvalidSetting, match="answerer is 'chat', but there is no language model"):
        build(Settings(store=store, answerer="chat"))
    with pytest.raises(InvalidSetting, match=r"mine\.jinja, line 2: "):
        build(Settings(store=store, chat_url=URL, chat_template=faulty))
    with pytest.raises(ModelUnavailable, match="could not be loaded"):
        build(Settings(store=store, chat_model=str(tmp_path)))
    assert not store.exists()
