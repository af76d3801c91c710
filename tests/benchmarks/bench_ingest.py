"""Questions to a server while documents are added, against questions while nothing is, interleaved
in blocks: what else the machine does falls on all.

Documents are added by a job of the server (a large upload), by `footnote add` in a session of its
own beside it, and in requests to the server (small uploads, one after the other). The first two
are stopped outside of their blocks. Linux alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from common import parse, percentile, show, squad

from rag.open_index import open_index
from rag.settings import Settings

SMALL = 60  # paragraphs of a small upload
SETTLING_SECONDS = 1.0


def child(process: int, name: str) -> int:
    """The child of `process` whose command holds `name`, as soon as there is one."""
    while True:
        for task in Path(f"/proc/{process}/task").iterdir():
            for each in (task / "children").read_text().split():
                if name in Path(f"/proc/{each}/cmdline").read_text():
                    return int(each)
        time.sleep(0.1)


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_embedding(process: int) -> None:
    """Waits until models are loaded and the processor is used for a while."""
    while processor_seconds(process) < 12:
        time.sleep(0.2)


@contextmanager
def going_on(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGCONT)
    try:
        time.sleep(SETTLING_SECONDS)
        yield
    finally:
        os.kill(process, signal.SIGSTOP)


@contextmanager
def small_uploads(client: httpx.Client, texts: list[str]) -> Iterator[None]:
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            text = "\n\n".join(texts.pop() for _ in range(SMALL))
            body = {"uri": f"small/{len(texts)}", "text": text}
            assert client.post("/v1/documents", json=body).raise_for_status().status_code == 201

    thread = threading.Thread(target=run)
    thread.start()
    try:
        time.sleep(SETTLING_SECONDS)
        yield
    finally:
        over.set()
        thread.join()


arguments = parse(__doc__ or "", documents=200, questions=8, blocks=4, port=8766)
documents, questions = squad(arguments.data)
home = Path(tempfile.mkdtemp())
store = home / "store"
index = open_index(Settings(store=store))
for _ in index.add(documents[: arguments.documents]):
    pass
index.close()
texts = [document.text for document in documents[arguments.documents :]]
large = home / "large.txt"
large.write_text("\n\n".join(texts), encoding="utf-8")

footnote = [str(Path(sys.executable).with_name("footnote")), "--store", str(store)]
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
command = [*footnote, "serve", "--port", str(arguments.port)]
server = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]
stopped: list[int] = []
started: list[subprocess.Popen[bytes]] = []
laps: dict[str, list[float]] = {"idle": [], "job": [], "add": [], "small": []}
spent = {"job": 0.0, "add": 0.0}
figures: dict[str, float | int | str] = {}


def ask(client: httpx.Client, way: str, block: int) -> None:
    first = (block * arguments.questions) % (len(questions) - arguments.questions)
    for question in questions[first : first + arguments.questions]:
        start = time.perf_counter()
        client.post("/v1/ask", json={"question": question.question}).raise_for_status()
        laps[way].append((time.perf_counter() - start) * 1000)


try:
    with httpx.Client(base_url=f"http://127.0.0.1:{arguments.port}", timeout=600) as client:
        while True:
            try:
                client.get("/health")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        ask(client, "idle", 0)
        laps["idle"].clear()
        start = time.perf_counter()
        body = {"file": ("upload.txt", large.read_bytes())}
        client.post("/v1/documents", files=body).raise_for_status()
        figures["large upload answered after, ms"] = (time.perf_counter() - start) * 1000
        workers = {"job": child(server.pid, "api.uploads.worker")}
        until_embedding(workers["job"])
        os.kill(workers["job"], signal.SIGSTOP)
        stopped.append(workers["job"])
        command = [*footnote, "add", str(large)]
        adding = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
        started.append(adding)
        workers["add"] = adding.pid
        until_embedding(adding.pid)
        os.kill(adding.pid, signal.SIGSTOP)
        for block in range(arguments.blocks):
            ask(client, "idle", block)
            for way, worker in workers.items():
                with going_on(worker):
                    begin, before = time.perf_counter(), processor_seconds(worker)
                    ask(client, way, block)
                    used = processor_seconds(worker) - before
                    spent[way] += used / (time.perf_counter() - begin) / arguments.blocks
            with small_uploads(client, texts):
                ask(client, "small", block)
finally:
    for process in stopped:
        os.kill(process, signal.SIGCONT)
    for each in started:
        each.kill()
        each.wait()
    server.terminate()
    server.wait()
shutil.rmtree(home)
told = {
    "idle": "nothing",
    "job": "a job of the server",
    "add": "`footnote add` beside it",
    "small": "small uploads",
}
for way, name in told.items():
    for share in (0.5, 0.95):
        figures[f"{name}: ask p{share * 100:.0f}, ms"] = percentile(laps[way], share)
        if way != "idle":
            ratio = percentile(laps[way], share) / percentile(laps["idle"], share)
            figures[f"{name}: over nothing, p{share * 100:.0f}"] = ratio
    if way in spent:
        figures[f"{name}: processors used meanwhile"] = spent[way]
show("ingest", figures, arguments.out)
