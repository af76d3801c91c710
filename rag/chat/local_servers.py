"""Language models that servers on this machine offer: finding them, and trying one."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx

from rag.chat.chat_model import Message
from rag.chat.remote_chat import RemoteChat

KNOWN: Mapping[int, str] = MappingProxyType(
    {11434: "Ollama", 1234: "LM Studio", 8000: "vLLM", 8001: "vLLM", 8080: "llama.cpp"}
)
"""Ports on which such servers listen unless told otherwise."""
_SECONDS = 2.0  # for a server to list its models
_MOST_BYTES = 1_000_000  # of that list
_MOST_MODELS = 200
_LONGEST = 300  # characters of a model's name
_QUESTION = "What colour is a clear sky at noon? Answer with one word."
_TOKENS = 64
_TRY_SECONDS = 60.0  # a model may have to be loaded


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server on this machine. `name` is what usually listens on its port, `url` the base URL of
    its API, `models` what it calls its models, in its order."""

    name: str
    url: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a model answered to `question`, and after how many seconds."""

    question: str
    answer: str
    seconds: float


def find_servers(ports: Mapping[int, str], but: Collection[int] = ()) -> list[LocalServer]:
    """The servers that list models on 127.0.0.1 at these ports, except those in `but`, in the order
    of `ports`. Whatever else listens there is left out."""
    looked_at = [port for port in ports if port not in but]
    if not looked_at:
        return []
    with ThreadPoolExecutor(len(looked_at)) as pool:
        listed = pool.map(_models, looked_at)
        return [
            LocalServer(ports[port], _url(port), models)
            for port, models in zip(looked_at, listed, strict=True)
            if models is not None
        ]


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


def _models(port: int) -> tuple[str, ...] | None:
    """The names of the models of a server; None where there is none that lists any."""
    body = b""
    until = time.monotonic() + _SECONDS
    try:
        with (
            httpx.Client(timeout=_SECONDS, trust_env=False) as client,
            client.stream("GET", f"{_url(port)}/models") as response,
        ):
            if response.status_code != httpx.codes.OK:
                return None
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES or time.monotonic() > until:
                    return None
        listed: Any = httpx.Response(httpx.codes.OK, content=body).json()
        models = [each for each in listed["data"] if each.get("owned_by") != "footnote"]
        names = [str(each["id"])[:_LONGEST] for each in models[:_MOST_MODELS]]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
        return None  # nothing listens there, or something else
    return tuple(names) if names or not listed["data"] else None


def try_model(url: str, model: str, key: str | None = None) -> Tried:
    """Ask `model` of the server at base URL `url` something short.

    Raises `ModelUnavailable` where it doesn't answer, and `InvalidSetting` where `url` is none."""
    chat = RemoteChat(url, model, key, max_new_tokens=_TOKENS, timeout=_TRY_SECONDS, retries=0)
    begun = time.monotonic()
    answer = "".join(chat.stream([Message("user", _QUESTION)]))
    return Tried(_QUESTION, " ".join(answer.split())[:_LONGEST], time.monotonic() - begun)
