"""A folder of many files: the first sync, one with nothing to do, one with one file changed, each
as the command that a person types; and the sync alone, in this process.

Beside each wall time stands the processor time of the command, which what else the machine does
distorts less.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import parse, show, squad

from rag.open_index import open_index
from rag.settings import Settings

arguments = parse(__doc__ or "", files=1000, rounds=5)
documents, _ = squad(arguments.data)
home = Path(tempfile.mkdtemp())
folder, store = home / "folder", home / "store"
for number, document in enumerate(documents[: arguments.files]):
    path = folder / f"{number % 20}" / f"{number}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document.text, encoding="utf-8")
footnote = str(Path(sys.executable).with_name("footnote"))
figures: dict[str, float | int | str] = {"files": arguments.files}


def sync(what: str, rounds: int = 1) -> None:
    """The best of `rounds` runs of the command."""
    laps = []
    for _ in range(rounds):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [footnote, "--store", store, "sync", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        laps.append((time.perf_counter() - start, processor))
    figures[f"{what}, s"] = min(wall for wall, _ in laps)
    figures[f"{what}, processor s"] = min(processor for _, processor in laps)


sync("first sync")
sync("nothing changed", arguments.rounds)
(folder / "0" / "0.txt").write_text("The lighthouse was lit.", encoding="utf-8")
sync("one file changed")
(folder / "1").rename(folder / "moved")
sync("a folder of files moved")
index = open_index(Settings(store=store))
laps = []
for _ in range(arguments.rounds):
    start = time.perf_counter()
    index.sync(folder)
    laps.append(time.perf_counter() - start)
figures["nothing changed, in this process, s"] = min(laps)
start = time.perf_counter()
index.sync(folder, full=True)
figures["nothing changed, --full, in this process, s"] = time.perf_counter() - start
index.close()
shutil.rmtree(home)
show("sync", figures, arguments.out)
