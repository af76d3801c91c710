"""Clients that are slow or send no HTTP: they are told, where they can be, and let go."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from rag.assistant import Assistant

ASKED = {"question": "Who kept the light?"}
HEAD = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def connected(address: str, receives: int | None = None) -> socket.socket:
    parts = urlsplit(address)
    client = socket.socket()
    if receives:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    client.settimeout(60)
    client.connect((parts.hostname, parts.port))
    return client


def everything(client: socket.socket) -> bytes:
    """What comes until the server closes; a reset is an error."""
    received = b""
    while more := client.recv(65536):
        received += more
    return received


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000,
        b"GET /he alth HTTP/1.1\r\n\r\n" + b"more than anybody reads " * 100_000,
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n" + b"x" * 500_000,
    ],
)
def test_what_is_no_http_is_a_problem(client: httpx.Client, sent: bytes) -> None:
    with connected(str(client.base_url)) as sender:
        sender.sendall(sent)
        head, _, body = everything(sender).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-security-policy" in head.lower()
    assert b'"status":400' in body.replace(b" ", b"")


def test_a_client_that_sends_on_reads_why_it_was_refused(client: httpx.Client) -> None:
    """It asks for the connection to be closed, and its body is refused by its length."""
    head = HEAD + b"Connection: close\r\nContent-Length: 3000000\r\n\r\n"
    with connected(str(client.base_url)) as sender:
        sender.sendall(head + b"x" * 3_000_000)
        assert everything(sender).startswith(b"HTTP/1.1 413 ")


def test_half_a_head_is_not_waited_for(assistant: Assistant, serve: Callable[..., str]) -> None:
    address = serve(assistant, client_seconds=0.5)
    with connected(address) as half, connected(address) as silent, connected(address) as second:
        half.sendall(HEAD)
        second.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert second.recv(65536).startswith(b"HTTP/1.1 200 ")
        second.sendall(HEAD)
        for client in (half, second):
            told = everything(client)
            assert b"HTTP/1.1 408 " in told
            assert b"0.5 s" in told
        assert everything(silent) == b""


def test_a_body_that_drips_is_not_waited_for(
    assistant: Assistant, serve: Callable[..., str]
) -> None:
    address = serve(assistant, client_seconds=0.5)
    with connected(address) as client:
        client.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
        ended = threading.Event()

        def drip() -> None:
            while not ended.wait(0.1):
                client.sendall(b" ")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            told = client.recv(65536)
        finally:
            ended.set()
            dripping.join()
    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"problem+json" in told


def test_a_stream_that_nobody_reads_is_ended(
    scripted: Callable[..., Assistant], serve: Callable[..., str]
) -> None:
    size = 20_000_000
    address = serve(scripted(iter(["x" * size])), client_seconds=0.5)
    body = b'{"question": "Who?", "stream": true}'
    with connected(address, receives=4096) as client:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(2)
        received = 0
        try:
            while more := client.recv(65536):
                received += len(more)
        except ConnectionResetError:
            pass
    assert received < size


def test_an_event_stream_that_is_not_read_keeps_nobody_from_theirs(
    assistant: Assistant, serve: Callable[..., str], founding: str
) -> None:
    """The only place in the line is free again when the answer is made, not when it is read."""
    address = serve(assistant, questions_at_once=1, questions_waiting=0)
    body = b'{"question": "Who is planning to travel to Russia?", "stream": true}'
    with connected(address, receives=4096) as client:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert client.recv(1)
        for _ in range(600):
            if httpx.get(f"{address}/ready").status_code == 200:
                break
            time.sleep(0.1)
        assert httpx.post(f"{address}/v1/ask", json=ASKED, timeout=60).status_code == 200
        assert b"event: answer" in _until(client, b"event: answer")


def _until(client: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        more = client.recv(4096)
        assert more
        received += more
    return received


def test_a_question_in_line_is_left_by_who_hangs_up(
    scripted: Callable[[Iterator[str | Exception]], Assistant], serve: Callable[..., str]
) -> None:
    """Its place in front of the line is free at once."""
    begun, let_go = threading.Event(), threading.Event()

    def script() -> Iterator[str]:
        begun.set()
        assert let_go.wait(120)
        yield "x"

    address = serve(scripted(script()), questions_at_once=1, questions_waiting=1)
    streamed = {**ASKED, "stream": True}
    asking = threading.Thread(
        target=lambda: httpx.post(f"{address}/v1/ask", json=streamed, timeout=120)
    )
    asking.start()
    try:
        assert begun.wait(120)
        for _ in range(3):
            with pytest.raises(httpx.ReadTimeout):  # it had a place, else it were told 503
                httpx.post(f"{address}/v1/ask", json=streamed, timeout=1)
            for _ in range(200):
                if httpx.get(f"{address}/ready").status_code == 200:
                    break
                time.sleep(0.05)
            else:
                raise AssertionError("the place is still taken")
    finally:
        let_go.set()
        asking.join()
