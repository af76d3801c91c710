"""Footnote and its peers: the same weights, texts and questions, interleaved in one run.

A peer runs in an environment of its own, `pip install -r peers.txt` into the one whose Python
`--peers` names; where there is none, only Footnote is measured. In each round each of them adds
the next part of the texts, and each question is asked of all in turning order. A text is found when
it is the best (recall@1), or among the ten best.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common import arguments_of, percentile, squad
from peer import PEERS
from rich.console import Console
from rich.table import Table

parser = arguments_of(__doc__, documents=1000, questions=150, rounds=4)
parser.add_argument("--peers", type=Path, default=Path(".venv-peers/bin/python"))
arguments = parser.parse_args()
documents, questions = squad(arguments.data)
documents = documents[: arguments.documents]  # those of the questions are the first ones
held = {document.uri for document in documents}
asked = [each for each in questions if each.relevant and set(each.relevant) <= held]
asked = random.Random(0).sample(asked, min(arguments.questions, len(asked)))
texts = [(document.uri, f"{document.title}\n{document.text}") for document in documents]
home = Path(tempfile.mkdtemp())
missing: dict[str, str] = {}
HERE = Path(__file__).parent


class Running:
    """A process that does as one peer does."""

    def __init__(self, name: str, python: Path) -> None:
        self.folder = home / name.partition(",")[0]
        self.log = home / f"{self.folder.name}.log"
        self.indexing = 0.0
        self.laps: list[float] = []
        self.first = self.ten = 0
        self.peak_mb = 0.0
        self._process = subprocess.Popen(
            [python, HERE / "peer.py", name, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
        )
        self._answer()

    def tell(self, what: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        """Raises `RuntimeError` with the last line of its log when it has ended."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            said = self.log.read_text(encoding="utf-8").strip().splitlines()
            raise RuntimeError(said[-1] if said else f"ended with {self._process.returncode}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        self._process.communicate()


running: dict[str, Running] = {}
for name in PEERS:
    python = Path(sys.executable) if name == "footnote" else arguments.peers
    try:
        running[name] = Running(name, python)
    except FileNotFoundError:
        missing[name] = f"there is no {python}; see peers.txt"
    except RuntimeError as error:
        missing[name] = str(error)
names = list(running)
for number in range(arguments.rounds):
    part = texts[number :: arguments.rounds]
    for name in names[number % len(names) :] + names[: number % len(names)]:
        running[name].indexing += running[name].tell({"add": part})["seconds"]
for one in running.values():
    one.indexing += one.tell({"save": True})["seconds"]
    one.tell({"search": "warm-up"})
for number, question in enumerate(asked):
    for name in names[number % len(names) :] + names[: number % len(names)]:
        one = running[name]
        answer = one.tell({"search": question.question})
        found = list(dict.fromkeys(answer["found"]))
        one.laps.append(answer["seconds"] * 1000)
        one.first += bool(set(question.relevant) & set(found[:1]))
        one.ten += bool(set(question.relevant) & set(found))
        one.peak_mb = answer["peak_mb"]
rows: dict[str, dict[str, float]] = {}
for name, one in running.items():
    one.end()
    disk = sum(file.stat().st_size for file in one.folder.rglob("*") if file.is_file())
    rows[name] = {
        "index, s": one.indexing,
        "× Footnote": one.indexing / running["footnote"].indexing,
        "search p50, ms": percentile(one.laps, 0.5),
        "recall@1": one.first / len(asked),
        "recall@10": one.ten / len(asked),
        "peak MB": one.peak_mb,
        "disk MB": disk / 1e6,
    }
table = Table(title=f"peers · {len(texts)} texts · {len(asked)} questions")
table.add_column("")
for column in rows["footnote"]:
    table.add_column(column, justify="right")
for name, row in rows.items():
    table.add_row(name, *(f"{figure:,.3f}" for figure in row.values()))
Console(width=max(Console().width, 110)).print(table)
for name, reason in missing.items():
    print(f"not measured: {name}: {reason}")
arguments.out.mkdir(parents=True, exist_ok=True)
report = {"texts": len(texts), "questions": len(asked), "measured": rows, "missing": missing}
(arguments.out / "peers.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
shutil.rmtree(home)
