"""A real small server that speaks OpenAI's streaming form, and misbehaves as it is told to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from index.errors import InvalidSetting, ModelUnavailable
from rag.answer import Written
from rag.chat.chat_model import GREEDY, Kept, Message, Sampling
from rag.chat.remote_chat import RemoteChat
from rag.stop import Stop

ASKED = [Message("user", "Who dig tunnels?")]
Behaviour = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Does one behaviour per request, the last one for ever; remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviours: list[Behaviour] = []
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.listed: tuple[int, Any] = (200, {"data": [{"id": "first"}, {"id": "second"}]})
        self.gone = threading.Event()
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, dict(self.headers), body))
        waiting = self.server.behaviours
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(self)

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers), None))
        self.json(*self.server.listed)

    def json(self, status: int, body: Any, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def events(self, *events: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in events:
            data = event if isinstance(event, str) else json.dumps(event)
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def delta(content: str | None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}


def answers(handler: Handler) -> None:
    role = {"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]}
    usage = {"choices": [], "usage": {"total_tokens": 9}}
    handler.events(
        role, delta("Ants "), delta("dïg. [1]"), delta("", "stop"), usage, "[DONE]", delta("late")
    )


def answers_status(status: int, **headers: str) -> Behaviour:
    return lambda handler: handler.json(status, {"error": {"message": "too\nmuch"}}, **headers)


def chat(server: Server, **options: Any) -> RemoteChat:
    return RemoteChat(server.url, "ants-1b", **{"backoff": 0, **options})


def test_it_asks_in_the_openai_form_and_streams(server: Server) -> None:
    server.behaviours = [answers]
    history = [Message("user", "Hi"), Message("assistant", "Hello"), *ASKED]
    pieces = list(chat(server, key="secret-1", max_new_tokens=33).stream(history))
    assert pieces == ["Ants ", "dïg. [1]"]
    ((path, headers, body),) = server.seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-1"
    assert body == {
        "model": "ants-1b",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Who dig tunnels?"},
        ],
        "max_tokens": 33,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_without_a_key_none_is_sent(server: Server) -> None:
    server.behaviours = [answers]
    list(chat(server).stream(ASKED))
    assert "Authorization" not in server.seen[0][1]


def test_without_a_name_it_takes_the_first_that_is_listed(server: Server) -> None:
    server.behaviours = [answers]
    remote = RemoteChat(server.url + "/")
    for _ in range(2):
        assert "".join(remote.stream(ASKED)) == "Ants dïg. [1]"
    assert [path for path, _, _ in server.seen] == [
        "/v1/models",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]
    assert server.seen[2][2]["model"] == "first"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: Server, status: int) -> None:
    server.behaviours = [answers_status(status, Retry_After="0"), answers_status(status), answers]
    assert "".join(chat(server).stream(ASKED)) == "Ants dïg. [1]"
    assert len(server.seen) == 3


def test_waits_double_unless_the_server_says_how_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("rag.stop.Stop.wait", lambda _, seconds: waits.append(seconds))
    server.behaviours = [
        answers_status(500),
        answers_status(429, Retry_After="7"),
        answers_status(429, Retry_After="3600"),
        answers_status(500),
        answers,
    ]
    assert list(chat(server, backoff=0.5, retries=4).stream(ASKED))
    assert waits == [0.5, 7, 30, 4.0]


def test_a_server_that_always_fails_is_given_up_with_what_it_said(server: Server) -> None:
    server.behaviours = [answers_status(500)]
    with pytest.raises(ModelUnavailable) as caught:
        list(chat(server, retries=2).stream(ASKED))
    assert str(caught.value) == (
        f"the language model's server at {server.url} answered 500: too much"
    )
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("status", "mend"),
    [(401, "FOOTNOTE_CHAT_KEY"), (404, "FOOTNOTE_CHAT_MODEL"), (400, "FOOTNOTE_CHAT_URL")],
)
def test_what_is_the_callers_fault_is_not_tried_again(
    server: Server, status: int, mend: str
) -> None:
    server.behaviours = [answers_status(status)]
    with pytest.raises(ModelUnavailable, match=f"answered {status}: too much; check {mend}"):
        list(chat(server).stream(ASKED))
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "no such model"}, "no such model"),
        ({"detail": "x" * 300}, r"\{'detail': 'x{188};"),
        (["odd"], r"\['odd'\]"),
    ],
)
def test_errors_in_other_forms_are_passed_on_too(server: Server, body: Any, said: str) -> None:
    server.behaviours = [lambda handler: handler.json(404, body)]
    with pytest.raises(ModelUnavailable, match=f"answered 404: {said}"):
        list(chat(server).stream(ASKED))


def test_the_key_and_the_password_are_never_told(server: Server) -> None:
    server.behaviours = [
        lambda handler: handler.json(401, {"error": {"message": "bad key secret-1"}})
    ]
    url = server.url.replace("//", "//ann:pass-2@")
    with pytest.raises(ModelUnavailable) as caught:
        list(RemoteChat(url, "m", "secret-1").stream(ASKED))
    assert "bad key …" in str(caught.value)
    assert f"at {server.url} answered" in str(caught.value)


def test_a_refused_connection_is_tried_again_and_then_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    with pytest.raises(ModelUnavailable, match=f"at {url} cannot be reached") as caught:
        list(RemoteChat(url, "m", retries=1, backoff=0).stream(ASKED))
    assert "\n" not in str(caught.value)


def breaks_at_once(handler: Handler) -> None:
    handler.events()


def breaks_midway(handler: Handler) -> None:
    handler.events(delta("Ants "))


def test_a_stream_that_breaks_before_the_first_piece_is_tried_again(server: Server) -> None:
    server.behaviours = [breaks_at_once, answers]
    assert "".join(chat(server).stream(ASKED)) == "Ants dïg. [1]"


def test_one_that_breaks_later_is_not(server: Server) -> None:
    server.behaviours = [breaks_midway, answers]
    pieces = chat(server).stream(ASKED)
    assert next(pieces) == "Ants "
    with pytest.raises(ModelUnavailable, match="broke off before the answer was finished"):
        next(pieces)
    assert len(server.seen) == 1


def test_a_connection_cut_in_the_middle_of_a_chunk(server: Server) -> None:
    def cut(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        data = f"data: {json.dumps(delta('Ants '))}\n\n".encode()
        handler.wfile.write(b"%x\r\n%s\r\nff\r\ndata" % (len(data), data))
        handler.close_connection = True

    server.behaviours = [cut]
    pieces = chat(server).stream(ASKED)
    assert next(pieces) == "Ants "
    with pytest.raises(ModelUnavailable, match="broke off"):
        next(pieces)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"error": {"message": "out of memory"}}, "failed: out of memory"),
        ("<html>", "does not speak OpenAI's chat completions; check FOOTNOTE_CHAT_URL"),
        ("[]", "does not speak OpenAI"),
    ],
)
def test_an_error_in_the_stream_is_told(server: Server, event: Any, message: str) -> None:
    server.behaviours = [lambda handler: handler.events(delta("Ants "), event)]
    with pytest.raises(ModelUnavailable, match=message):
        list(chat(server).stream(ASKED))


def test_a_silent_server_is_given_up(server: Server) -> None:
    def silent(handler: Handler) -> None:
        handler.events(delta("Ants "))
        handler.server.release.wait(30)

    server.behaviours = [silent]
    pieces = chat(server, timeout=0.2).stream(ASKED)
    assert next(pieces) == "Ants "
    with pytest.raises(ModelUnavailable, match=r"was silent for 0\.2 s.*FOOTNOTE_CHAT_TIMEOUT"):
        next(pieces)


def test_closing_hangs_up(server: Server) -> None:
    def writes_on(handler: Handler) -> None:
        try:
            handler.events(*[delta("ant " * 1000)] * 100_000)
        except OSError:
            handler.server.gone.set()

    server.behaviours = [writes_on]
    pieces = chat(server).stream(ASKED)
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert server.gone.wait(30)


@pytest.mark.parametrize("late", [False, True])
def test_a_stop_hangs_up_before_the_first_piece(server: Server, late: bool) -> None:
    stop = Stop()

    def thinks(handler: Handler) -> None:
        stop.set()
        handler.connection.settimeout(30)
        if not handler.connection.recv(1):  # the client is gone
            handler.server.gone.set()

    server.behaviours = [thinks]
    if late:
        stop.set()
    assert list(chat(server).stream(ASKED, GREEDY, stop)) == []
    assert late or server.gone.wait(30)
    assert len(server.seen) <= 1  # it isn't asked again


def test_what_it_took_is_what_the_server_says(server: Server) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
    server.behaviours = [
        lambda handler: handler.events(delta("Ants"), delta("", "length"), usage, "[DONE]"),
        lambda handler: handler.events(delta("Ants"), delta("", "stop"), "[DONE]"),
    ]
    writings = [Kept(chat(server).stream(ASKED)) for _ in range(2)]
    assert ["".join(writing) for writing in writings] == ["Ants", "Ants"]
    assert [writing.written for writing in writings] == [
        Written(7, 2, True),
        Written(None, None, False),
    ]


def test_how_to_sample_is_passed_on(server: Server) -> None:
    server.behaviours = [answers]
    wished = Sampling(900, 0.5, 0.9, 7, 1.0, -1.0)
    list(chat(server, max_new_tokens=33).stream(ASKED, wished))
    list(chat(server, max_new_tokens=33).stream(ASKED, Sampling(max_tokens=5)))
    sent = server.seen[0][2]
    assert [sent[name] for name in ("temperature", "top_p", "seed")] == [0.5, 0.9, 7]
    assert (sent["presence_penalty"], sent["frequency_penalty"]) == (1.0, -1.0)
    assert [body["max_tokens"] for _, _, body in server.seen] == [33, 5]


@pytest.mark.parametrize("url", ["127.0.0.1:11434", "ftp://host/v1", "http://", "http://host:port"])
def test_a_wrong_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidSetting, match=r"is not the base URL.*FOOTNOTE_CHAT_URL"):
        RemoteChat(url)


def test_a_server_of_this_machine_is_asked_by_no_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        server.behaviours = [answers]
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            assert list(RemoteChat(url, "m", retries=0).stream(ASKED))
    assert len(server.seen) == 2


def test_tokens_are_estimated_on_the_safe_side() -> None:
    remote = RemoteChat("http://127.0.0.1/v1", "m")
    # 8 for each message, and a third of 7 and of 3 × 2 bytes, rounded up
    assert remote.count_tokens([Message("user", "sevenfo")]) == 8 + 3
    assert remote.count_tokens([Message("user", "蚂蚁"), Message("user", "")]) == 8 + 2 + 8
    assert remote.prompt_tokens is None


@pytest.mark.parametrize("listed", [(404, {"error": "no such path"}), (200, {"data": []})])
def test_a_server_that_lists_no_model_is_asked_for_whichever_it_has(
    server: Server, listed: tuple[int, Any]
) -> None:
    server.listed = listed
    server.behaviours = [answers]
    assert "".join(RemoteChat(server.url).stream(ASKED)) == "Ants dïg. [1]"
    assert server.seen[-1][2]["model"] == "default"


def test_a_server_that_knows_no_stream_options_is_asked_without(server: Server) -> None:
    said = {"error": {"message": "Unknown field: stream_options"}}
    server.behaviours = [lambda handler: handler.json(400, said), answers]
    remote = chat(server)
    for _ in range(2):
        assert "".join(remote.stream(ASKED)) == "Ants dïg. [1]"
    assert ["stream_options" in body for _, _, body in server.seen] == [True, False, False]


def test_a_server_that_does_not_stream_is_read_whole(server: Server) -> None:
    whole = {
        "choices": [{"message": {"content": "Ants\ndig. [1]"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 2},
    }
    server.behaviours = [
        lambda handler: handler.json(200, whole, Content_Type="application/json; charset=utf-8")
    ]
    writing = Kept(chat(server).stream(ASKED))
    assert list(writing) == ["Ants\ndig. [1]"]
    assert writing.written == Written(7, 2, False)


def test_thoughts_in_a_field_of_their_own_are_not_the_answer(server: Server) -> None:
    thought = {"choices": [{"delta": {"reasoning_content": "hm", "content": None}}]}
    other = {"choices": [{"delta": {"reasoning": "hm"}}]}
    server.behaviours = [lambda h: h.events(thought, other, delta("Ants."), delta("", "stop"))]
    assert list(chat(server).stream(ASKED)) == ["Ants."]


LOADING = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}


def test_a_model_that_is_loading_is_waited_for_and_that_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rag.chat.remote_chat._LOADING_SECONDS", 0.01)
    server.behaviours = [*[lambda handler: handler.json(503, LOADING)] * 6, answers]
    assert "".join(chat(server, retries=0).stream(ASKED)) == "Ants dïg. [1]"
    assert len(server.seen) == 7
    assert "is still loading its model; waiting up to 120 s" in caplog.text
    server.behaviours = [lambda handler: handler.json(503, LOADING)]
    with pytest.raises(ModelUnavailable, match=r"still loading its model for 0\.1 s.*CHAT_TIMEOUT"):
        list(chat(server, timeout=0.1).stream(ASKED))
