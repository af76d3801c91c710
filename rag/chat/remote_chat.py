"""A language model behind any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from index.errors import InvalidSetting, ModelUnavailable
from rag.answer import Written
from rag.chat.chat_model import GREEDY, Message, Sampling, Writing
from rag.stop import Stop

_CONNECT_SECONDS = 10.0
_LONGEST_WAIT = 30.0
_BYTES_PER_TOKEN = 3  # fewer than English (4 and more) takes, and what one character of CJK takes
_TOKENS_PER_MESSAGE = 8  # of role and separators
_END = "[DONE]"


class _Again(Exception):
    """The request failed in a way that may pass; `wait` is in seconds, if the server said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


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
    name the first that the server lists. May be used by many threads.

    `timeout` is how many seconds the server may be silent. Until the first piece a request that
    was answered 429 or 5xx, or whose connection failed, is made again up to `retries` times, after
    what `Retry-After` says (30 s at most), or `backoff` seconds, doubled each time.

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
        for attempt in range(self._retries + 1):
            wire = _Wire()
            try:
                with stop.calling(wire.hang_up):
                    return (yield from self._attempt(messages, sampling, wire))
            except _Again as failure:
                if stop.is_set():
                    break
                if wire.begun or attempt == self._retries:
                    raise self._unavailable(str(failure)) from failure
                wait = self._backoff * 2**attempt if failure.wait is None else failure.wait
                stop.wait(min(wait, _LONGEST_WAIT))
        return None

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
                "stream_options": {"include_usage": True},
            }
            trace = {"trace": wire.note}
            with self._client.stream(
                "POST", "chat/completions", json=body, extensions=trace
            ) as response:
                if response.status_code != 200:
                    response.read()
                self._check(response)
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
                if piece := (choice.get("delta") or {}).get("content"):
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
        self._check(response)
        listed = self._parsed(response.text).get("data") or []
        if not listed:
            raise self._unavailable("lists no model; set FOOTNOTE_CHAT_MODEL")
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
        reason = f"answered {status}: {said}"
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
