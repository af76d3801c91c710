"""From nothing to the answer: imports, commands and the server, each in a fresh process.

Every round runs all of them once, so that what else the machine does falls on each. With
`--before FOLDER`, a checkout of another commit, its code runs beside this one's in the same rounds.
The import-time profile tells which packages the time of importing goes to.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from common import arguments_of, documents_in, show
from process import FOOTNOTE, Took, run, serving

parser = arguments_of(__doc__, documents=100, rounds=5)
parser.add_argument("--before", type=Path, help="a checkout of another commit")
arguments = parser.parse_args()

HERE = Path(__file__).resolve().parents[2]
QUESTION = "Who is planning to travel to Russia?"
MODULES = ("index", "rag", "api", "api.cli.main")
home = Path(tempfile.mkdtemp())
files = documents_in(home / "files", arguments.data, arguments.documents)
trees = {"": HERE} | ({"before: ": arguments.before.resolve()} if arguments.before else {})
laps: dict[str, list[Took]] = {}
figures: dict[str, float | int | str] = {}


def store_of(tree: str) -> Path:
    return home / ("before" if tree else "now")


def commands(tree: str) -> dict[str, list[str | Path]]:
    footnote = [FOOTNOTE, "--store", store_of(tree)]
    imports: dict[str, list[str | Path]] = {
        f"import {module}": [sys.executable, "-c", f"import {module}"] for module in MODULES
    }
    return {
        "python": [sys.executable, "-c", "pass"],
        **imports,
        "footnote list": [*footnote, "list"],
        "footnote ask": [*footnote, "ask", QUESTION],
    }


def profile(command: list[str | Path], env: dict[str, str]) -> Counter[str]:
    """Milliseconds of importing, by package."""
    took: Counter[str] = Counter()
    for line in run([sys.executable, "-X", "importtime", *command], env).err.splitlines():
        own, bar, rest = line.removeprefix("import time:").partition("|")
        if bar and own.strip().isdecimal():
            took[rest.rpartition("|")[2].strip().partition(".")[0]] += int(own)
    return Counter({name: round(each / 1000) for name, each in took.items()})


for tree, folder in trees.items():
    run(
        [FOOTNOTE, "--store", store_of(tree), "add", files, HERE / "seeds"],
        {"PYTHONPATH": f"{folder}"},
    )
for number in range(-1, arguments.rounds):  # the first one warms the disk up
    for tree, folder in trees.items():
        env = {"PYTHONPATH": str(folder)}
        took = {name: run(command, env) for name, command in commands(tree).items()}
        with serving(store_of(tree), env) as server:
            took["footnote serve, ready"] = Took(server.ready, server.processor, "")
        if not tree:
            empty = Path(tempfile.mkdtemp(dir=home))
            first = [FOOTNOTE, "--store", store_of(tree), "ask", QUESTION]
            took["footnote ask, empty cache"] = run(first, env | {"FOOTNOTE_CACHE": str(empty)})
            shutil.rmtree(empty)
        if number >= 0:
            for name, each in took.items():
                laps.setdefault(f"{tree}{name}", []).append(each)
for tree, folder in trees.items():
    bare = min(each.wall for each in laps[f"{tree}python"])
    bare_processor = min(each.processor for each in laps[f"{tree}python"])
    for name, several in laps.items():
        if not name.startswith(tree) or (not tree and name.startswith("before: ")):
            continue
        less = bare if "import" in name else 0.0
        less_processor = bare_processor if "import" in name else 0.0
        walls = [each.wall - less for each in several]
        figures[f"{name}, s, least"] = min(walls)
        figures[f"{name}, s, median"] = statistics.median(walls)
        processors = [each.processor - less_processor for each in several]
        figures[f"{name}, processor s, least"] = min(processors)
    for name in ("list", "ask"):
        command = [FOOTNOTE, "--store", store_of(tree), name, *([QUESTION] * (name == "ask"))]
        packages = profile(command, {"PYTHONPATH": str(folder)})
        figures[f"{tree}{name} imports torch"] = "yes" if "torch" in packages else "no"
        figures[f"{tree}{name}, importing under the profiler, ms"] = packages.total()
        for package, milliseconds in packages.most_common(8):
            figures[f"{tree}{name}: {package}, ms"] = milliseconds
shutil.rmtree(home)
show("start", figures, arguments.out)
