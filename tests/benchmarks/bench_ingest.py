"""Questions while a large upload is added, against questions to the same server while nothing is,
interleaved in blocks.

What the upload costs the questions is told as a ratio: what else the machine does falls on both.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from common import parse, percentile, show, squad

from rag.settings import Settings
from rag.store import open_index

arguments = parse(__doc__ or "", documents=1000, uploaded=1000, questions=20, blocks=4, port=8766)
documents, questions = squad(arguments.data)
store = Path(tempfile.mkdtemp())
index = open_index(Settings(store=store))
for _ in index.add(documents[: arguments.documents]):
    pass
index.close()

text = "\n\n".join(
    document.text for document in documents[arguments.documents :][: arguments.uploaded]
)
footnote = str(Path(sys.executable).with_name("footnote"))
command = [footnote, "--store", store, "serve", "--port", str(arguments.port)]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
laps: dict[str, list[float]] = {"warm-up": [], "idle": [], "adding": []}
accepted: list[float] = []
figures: dict[str, float | int | str] = {}


def ask(client: httpx.Client, way: str, first: int) -> None:
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
        ask(client, "warm-up", 0)
        for block in range(arguments.blocks):
            ask(client, "idle", block * arguments.questions)
            start = time.perf_counter()
            body = {"file": (f"{block}.txt", f"{block}\n\n{text}".encode())}
            response = client.post("/v1/documents", files=body)
            accepted.append((time.perf_counter() - start) * 1000)
            job = response.json()["job"]["id"]
            while not client.get(f"/v1/jobs/{job}").json()["progress"]:
                time.sleep(0.1)  # until it is embedding
            ask(client, "adding", block * arguments.questions)
            state = client.get(f"/v1/jobs/{job}").json()["status"]
            figures[f"block {block}: the job after the questions"] = state
            while client.get(f"/v1/jobs/{job}").json()["finished_at"] is None:
                time.sleep(0.2)
finally:
    server.terminate()
    server.wait()
shutil.rmtree(store)
for way in ("idle", "adding"):
    for share in (0.5, 0.95):
        figures[f"ask while {way}, p{share * 100:.0f} ms"] = percentile(laps[way], share)
for share in (0.5, 0.95):
    ratio = percentile(laps["adding"], share) / percentile(laps["idle"], share)
    figures[f"adding / idle, p{share * 100:.0f}"] = ratio
figures["large upload answered after, ms (the longest)"] = max(accepted)
show("ingest", figures, arguments.out)
