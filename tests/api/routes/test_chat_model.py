"""What becomes of a language model's troubles over HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from support_llama import save_model

from index.errors import FootnoteError, ModelBusy, ModelUnavailable
from index.index import Index
from rag.assistant import Assistant
from rag.chat.chat_model import ChatModel, Message, Sampling, Writing
from rag.chat.local_chat import LocalChat
from rag.read.sentence_reader import SentenceReader
from rag.settings import Settings
from rag.stop import Stop
from rag.write.generator import Generator
from rag.write.prompt import Prompt

QUESTION = "Who is planning to travel to Russia?"


class Troubled:
    """A model that fails with `error`."""

    prompt_tokens = None

    def __init__(self, error: FootnoteError) -> None:
        self.error = error

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return 1

    def stream(self, messages: Sequence[Message], sampling: Sampling, stop: Stop) -> Writing:
        raise self.error


def over(index: Index, settings: Settings, model: ChatModel) -> Assistant:
    answerers = [Generator(model, Prompt(), 3000)]
    return Assistant(index, SentenceReader(index.embedder), answerers, settings)


@pytest.mark.usefixtures("founding")
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [(ModelBusy("come back"), 503, "5"), (ModelUnavailable("it is down"), 502, None)],
)
def test_troubles_are_problems(
    index: Index,
    settings: Settings,
    serve,  # type: ignore[no-untyped-def]
    error: FootnoteError,
    status: int,
    retry: str | None,
    stream: bool,
) -> None:
    url = serve(over(index, settings, Troubled(error)))
    response = httpx.post(
        f"{url}/v1/ask", json={"question": QUESTION, "stream": stream}, timeout=60
    )
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers.get("Retry-After") == retry
    assert response.json()["detail"] == str(error)


@pytest.mark.usefixtures("founding")
def test_the_model_stops_when_the_client_goes_away(
    index: Index,
    settings: Settings,
    serve,  # type: ignore[no-untyped-def]
    tmp_path: Path,
) -> None:
    folder = save_model(tmp_path / "model", positions=200_000)
    chat = LocalChat(folder, max_new_tokens=100_000, queue=0)
    url = serve(over(index, settings, chat))
    asked = {
        "model": "chat",
        "messages": [{"role": "user", "content": QUESTION}],
        "temperature": 1,  # at 0 it would go in circles, and be stopped for that
        "stream": True,
    }
    with httpx.stream("POST", f"{url}/v1/chat/completions", json=asked, timeout=60) as response:
        lines = response.iter_lines()  # dropping it would hang up
        assert any(re.search(r'"content": ?"[^"]', line) for line in lines)
        busy = httpx.post(f"{url}/v1/ask", json={"question": QUESTION}, timeout=60)
        assert busy.status_code == 503
    # 100,000 tokens take minutes; the only writer is free long before.
    chat._writer.submit(int).result(30)
