"""A server of a language model on this machine, which lists models and always answers the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    server: LocalModel

    def do_GET(self) -> None:
        self._send(self.server.listed, "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        event = {"choices": [{"delta": {"content": self.server.says}, "finish_reason": "stop"}]}
        self._send(f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n", "text/event-stream")

    def _send(self, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


class LocalModel(ThreadingHTTPServer):
    """`listed` is what `/v1/models` gives, `says` each answer, `asked` the bodies that came."""

    def __init__(self, *models: str, says: str = "Blue.") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.listed = json.dumps({"data": [{"id": model} for model in models]})
        self.says = says
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def running(server: LocalModel) -> Iterator[LocalModel]:
    """Serves until the block is left."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
