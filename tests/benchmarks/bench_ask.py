"""A search and a question over HTTP, against encoding the question alone, interleaved.

The server is a process of its own, as in use; the embedder that encodes alone runs in this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from common import parse, percentile, show, squad

from index.embed import embedder_of
from rag.settings import Settings
from rag.store import open_index

arguments = parse(__doc__ or "", documents=100_000, questions=200, port=8765)
documents, questions = squad(arguments.data)
folder = Path(tempfile.mkdtemp())
index = open_index(Settings(store=folder))
for _ in index.add(documents[: arguments.documents]):
    pass
index.close()

footnote = Path(sys.executable).with_name("footnote")
command = [str(footnote), "--store", str(folder), "serve", "--port", str(arguments.port)]
base = f"http://127.0.0.1:{arguments.port}"
start = time.perf_counter()
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
figures: dict[str, float | int | str] = {"chunks": 0}
try:
    with httpx.Client(base_url=base, timeout=60) as client:
        while True:
            try:
                answer = client.post("/v1/ask", json={"question": questions[0].question})
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        answer.raise_for_status()
        figures["serve to first answer, s"] = time.perf_counter() - start
        embedder = embedder_of()
        embedder.queries(["warm-up"])
        laps: dict[str, list[float]] = {"encode": [], "search": [], "ask": []}
        step = max(len(questions) // arguments.questions, 1)
        for question in questions[::step][: arguments.questions]:
            body = {"encode": {}, "search": {"query": question.question}}
            body["ask"] = {"question": question.question}
            for way in laps:
                start = time.perf_counter()
                if way == "encode":
                    embedder.queries([question.question])
                else:
                    client.post(f"/v1/{way}", json=body[way]).raise_for_status()
                laps[way].append((time.perf_counter() - start) * 1000)
        figures["chunks"] = client.get("/health").json()["chunks"]
    status = Path(f"/proc/{server.pid}/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        figures["server's peak memory, MB"] = int(peak.split()[1]) / 1024
finally:
    server.terminate()
    server.wait()
for way, name in (("encode", "encoding alone"), ("search", "search"), ("ask", "ask")):
    for share in (0.5, 0.95, 0.99):
        figures[f"{name}, p{share * 100:.0f} ms"] = percentile(laps[way], share)
figures["search p50 / encoding p50"] = percentile(laps["search"], 0.5) / percentile(
    laps["encode"], 0.5
)
figures["cores"] = os.cpu_count() or 0
show("ask", figures, arguments.out)
