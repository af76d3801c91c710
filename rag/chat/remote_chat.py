"""A language model behind any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

import httpx

from index.errors import InvalidSetting, ModelUnavailable
from rag.answer import Written
from rag.chat.chat_model import GREEDY, Message, Sampling, Writing
from rag.stop import Stop

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 10.0
_LOADING_SECONDS = 1.0  # between two looks at a model that is loading
_LONGEST_WAIT = 30.0
_BYTES_PER_TOKEN = 3  # fewer than English (4 and more) takes, and what one character of CJK takes
_TOKENS_PER_MESSAGE = 8  # of role and separators
_END = "[DONE]"
_NO_LIST = (404, 405, 501)
_THIS_MACHINE = ("all://localhost", "all://127.0.0.1", "all://[::1]")  # never by way of a proxy
_ANY_MODEL = "default"  # for a server that lists none: it has one, whatever it is called


class _Again(Exception):
    """The request failed in a way that may pass; `wait` is in seconds, if the server said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _Loading(Exception):
    """The server has not read its model yet."""


@dataclass(slots=True)
class _Wire:
    """One request: its connections, so that another thread can hang up, and whether the first
    piece has come."""

    connections: list[Any] = field(default_factory=list)
    hung_up: bool = False
    begun: bool = False

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """A trace function for httpx, which tells of connections long before an answer comes."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.connections.append(info["return_value"])
            if self.hung_up:
                self.hang_up()

    def hang_up(self) -> None:
        """Ends the connection; whoever reads from it gets an error at once."""
        self.hung_up = True
        for connection in self.connections:
            with suppress(OSError):  # it has ended already
                connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class RemoteChat:
    """`model` on the server at base URL `url` (such as `http://127.0.0.1:11434/v1`); without a
    name the first that the server lists, or whatever one it has if it lists none. May be used by
    many threads.

    `timeout` is how many seconds the server may be silent. Until the first piece a request that
    was answered 429 or 5xx, or whose connection failed, is made again up to `retries` times, after
    what `Retry-After` says (30 s at most), or `backoff` seconds, doubled each time. A model that
    is still loading is waited for as long as `timeout`, which is logged.

    Raises `InvalidSetting` when `url` is none.
    """

    prompt_tokens = None

    def __init__(
        self,
        url: str,
        model: str | None = None,
        key: str | None = None,
        *,
        max_new_tokens: int = 512,
        timeout: float = 120,
        retries: int = 3,
        backoff: float = 0.5,
    ) -> None:
        self._name = model
        self._key = key
        self._max_new_tokens = max_new_tokens
        self._timeout = timeout
        self._retries = retries
        self._backoff = backoff
        self._asks_usage = True
        try:
            base = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise _wrong_url(url) from error
        if base.scheme not in ("http", "https") or not base.host:
            raise _wrong_url(url)
        self._shown = str(base.copy_with(userinfo=b"")).rstrip("/")
        self._client = httpx.Client(
            base_url=base,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
            limits=httpx.Limits(max_keepalive_connections=0),
            mounts=dict.fromkeys(_THIS_MACHINE),
        )

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """An estimate on the safe side; the tokenizer is the server's."""
        return sum(
            _TOKENS_PER_MESSAGE + -(-len(message.content.encode()) // _BYTES_PER_TOKEN)
            for message in messages
        )

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = GREEDY,
        stop: Stop | None = None,
    ) -> Writing:
        """The answer in pieces; closing the generator closes the connection, and so does `stop`.

        Raises `ModelUnavailable`, with what the server said.
        """
        stop = stop or Stop()
        attempt, until = 0, time.monotonic() + self._timeout
        while True:
            wire = _Wire()
            try:
                with stop.calling(wire.hang_up):
                    return (yield from self._attempt(messages, sampling, wire))
            except _Loading as loading:
                if stop.is_set():
                    return None
                self._wait_for(str(loading), until, stop)
            except _Again as failure:
                if stop.is_set():
                    return None
                if wire.begun or attempt == self._retries:
                    raise self._unavailable(str(failure)) from failure
                wait = self._backoff * 2**attempt if failure.wait is None else failure.wait
                stop.wait(min(wait, _LONGEST_WAIT))
                attempt += 1

    def _wait_for(self, said: str, until: float, stop: Stop) -> None:
        """Waits a moment for a model that is loading, if `until` isn't over."""
        left = until - time.monotonic()
        if left <= 0:
            raise self._unavailable(
                f"{said} for {self._timeout:g} s; if it needs more, raise FOOTNOTE_CHAT_TIMEOUT"
            )
        logger.warning(
            "the language model's server at %s %s; waiting up to %.0f s", self._shown, said, left
        )
        stop.wait(min(_LOADING_SECONDS, left))

    def _attempt(self, messages: Sequence[Message], sampling: Sampling, wire: _Wire) -> Writing:
        try:
            asked = {name: value for name, value in asdict(sampling).items() if value is not None}
            most = min(sampling.max_tokens or self._max_new_tokens, self._max_new_tokens)
            body = {
                "model": self._name or self._first_listed(),
                "messages": [asdict(message) for message in messages],
                "temperature": 0,
                **asked,
                "max_tokens": most,
                "stream": True,
            }
            if self._asks_usage:
                body["stream_options"] = {"include_usage": True}
            trace = {"trace": wire.note}
            with self._client.stream(
                "POST", "chat/completions", json=body, extensions=trace
            ) as response:
                if response.status_code != 200:
                    response.read()
                self._check(response)
                if "json" in response.headers.get("Content-Type", ""):  # it doesn't stream
                    lines = iter([f"data:{response.read().decode()}".replace("\n", " ")])
                    return (yield from self._pieces(chain(lines, [f"data:{_END}"]), wire))
                return (yield from self._pieces(response.iter_lines(), wire))
        except httpx.ReadTimeout as error:
            raise self._unavailable(
                f"was silent for {self._timeout:g} s; if it needs more, raise FOOTNOTE_CHAT_TIMEOUT"
            ) from error
        except httpx.TransportError as error:
            raise _Again(f"cannot be reached, or broke off ({error})") from error

    def _pieces(self, lines: Iterator[str], wire: _Wire) -> Writing:
        finish = ""
        usage: dict[str, Any] = {}
        for line in lines:
            if not line.startswith("data:"):
                continue
            data = line[len("data:") :].strip()
            if data == _END:
                break
            event = self._parsed(data)
            if event.get("error"):
                raise self._unavailable(f"failed: {_message(event)}")
            usage = event.get("usage") or usage
            for choice in event.get("choices") or ():
                finish = choice.get("finish_reason") or finish
                if piece := (choice.get("delta") or choice.get("message") or {}).get("content"):
                    wire.begun = True
                    yield piece
        else:
            if not finish:
                raise _Again("broke off before the answer was finished")
        return Written(
            usage.get("prompt_tokens"), usage.get("completion_tokens"), finish == "length"
        )

    def _first_listed(self) -> str:
        response = self._client.get("models")
        if response.status_code in _NO_LIST:
            return _ANY_MODEL
        self._check(response)
        listed = self._parsed(response.text).get("data") or []
        if not listed:
            return _ANY_MODEL
        self._name = str(listed[0]["id"])
        return self._name

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        try:
            said = _message(response.json())
        except ValueError:
            said = response.reason_phrase
        if status >= 500 and "loading" in said.casefold():
            raise _Loading("is still loading its model")
        reason = f"answered {status}: {said}"
        if status in (400, 422) and self._asks_usage and "stream_options" in said:
            self._asks_usage = False
            raise _Again(reason, 0)
        if status == 429 or status >= 500:
            seconds = response.headers.get("Retry-After", "")
            raise _Again(reason, float(seconds) if seconds.isdecimal() else None)
        hint = {401: "FOOTNOTE_CHAT_KEY", 403: "FOOTNOTE_CHAT_KEY", 404: "FOOTNOTE_CHAT_MODEL"}
        mend = hint.get(status, "FOOTNOTE_CHAT_URL and FOOTNOTE_CHAT_MODEL")
        raise self._unavailable(f"{reason}; check {mend}")

    def _parsed(self, data: str) -> dict[str, Any]:
        try:
            event = json.loads(data)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise self._unavailable(
                "does not speak OpenAI's chat completions; check FOOTNOTE_CHAT_URL"
            )
        return event

    def _unavailable(self, reason: str) -> ModelUnavailable:
        line = " ".join(f"the language model's server at {self._shown} {reason}".split())
        return ModelUnavailable(line.replace(self._key, "…") if self._key else line)


def _wrong_url(url: str) -> InvalidSetting:
    return InvalidSetting(
        f"chat_url '{url}' is not the base URL of a server; set FOOTNOTE_CHAT_URL to one such as "
        "http://127.0.0.1:11434/v1"
    )


def _message(body: Any) -> str:
    """What an error body says, cut to 200 characters; servers word it in several forms."""
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message", error) if isinstance(error, dict) else error
    return str(said)[:200]
