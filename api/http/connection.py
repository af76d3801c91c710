"""A connection to a client that may be slow, broken or hostile.

uvicorn waits without end for the head of a request and for a client that takes nothing, words a bad
request in plain text, and closes on a client that is still sending, which then sees a reset and
not the answer. It has no settings for these, so its protocol is extended here, where the
transport is at hand; bodies, whose answer is a problem like any other, are timed in `guard`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from api.http.guard import SECURITY_HEADERS
from api.http.peer import Peered
from api.http.problems import Problem, problem

_LINGERING_SECONDS = 2.0
UNREADABLE = "The request is not HTTP as it should be; see RFC 9112, or send it with a library."
TOO_SLOW = "The head of the request took over {:g} s to come; send it at once."


class Connection(H11Protocol):
    """uvicorn's protocol with patience for `seconds`, which `patient` sets: for the head of each
    request, and for the client to take some of what it is sent."""

    seconds: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        super().connection_made(_Lingering(transport, self))  # type: ignore[arg-type]  # it delegates
        if self.client is not None:
            self.app = Peered(self.app, self.client[0])
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # what comes after the last answer
        if self._is_idle and self._head is None:
            self._await_head()  # of a further request
        super().data_received(data)
        if not self._is_idle and self._head is not None:
            self._head.cancel()
            self._head = None

    def send_400_response(self, msg: str) -> None:
        self._refuse(problem(400, UNREADABLE))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()

    @property
    def _is_idle(self) -> bool:
        """Whether no request has begun since the last was answered."""
        return self.conn.their_state is h11.IDLE

    def _await_head(self) -> None:
        self._head = self.loop.call_later(self.seconds, self._headless)

    def _headless(self) -> None:
        self._head = None
        if self.transport.is_closing():
            return
        if self.conn.trailing_data[0]:
            self._refuse(problem(408, TOO_SLOW.format(self.seconds)))
        else:  # a browser opens connections ahead
            self.transport.close()

    def _refuse(self, answer: Problem) -> None:
        """Ends the connection with an answer to a request that cannot be read."""
        self._cancel()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [
                *((name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()),
                *answer.raw_headers,
                (b"connection", b"close"),
            ]
            status = answer.status_code
            events: tuple[Any, ...] = (
                h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status]),
                h11.Data(data=bytes(answer.body)),
                h11.EndOfMessage(),
            )
            for event in events:
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _cancel(self) -> None:
        for timer in (self._head, self._stalled):
            if timer is not None:
                timer.cancel()
        self._head = None

    @property
    def is_being_sent_to(self) -> bool:
        """Whether the client may still be sending what nobody will read."""
        begun = self._is_idle and bool(self.conn.trailing_data[0])
        return begun or self.conn.their_state in (h11.SEND_BODY, h11.ERROR)


class _Lingering:
    """`transport`, which, told to close on a client that is still sending, first says that nothing
    more will come, and reads on for a moment, so that the client reads the answer."""

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        self._transport = transport
        self._connection = connection
        self._closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        self._closing = True
        if not (self._connection.is_being_sent_to and self._transport.can_write_eof()):
            self._transport.close()
            return
        self._transport.write_eof()
        self._transport.resume_reading()
        self._connection.loop.call_later(_LINGERING_SECONDS, self._transport.close)


def patient(seconds: float) -> type[Connection]:
    """The protocol for uvicorn's `http`, with patience for so long."""
    return type("PatientConnection", (Connection,), {"seconds": seconds})
