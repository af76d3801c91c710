"""A small Ray cluster of this machine parses and embeds as this process would."""

from __future__ import annotations

import io
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest
from docx import Document as Docx
from openpyxl import Workbook
from pptx import Presentation
from support import WordEmbedder
from support_files import zipped
from support_pdf import lines_at, pdf_file
from support_ray import Recording, workers_of

from index import versions
from index.cluster import loading
from index.cluster.address import ClusterAddress
from index.cluster.cluster import Cluster
from index.cluster.workers import ClusterWorkers
from index.embed.embedder import Embedder, embedder_of
from index.errors import ClusterUnavailable, InvalidSetting, NotInstalled
from index.extract.limits import PARSING, Parsing
from index.index import Index
from index.load.sources import Source, bytes_source
from index.progress import Step, Told
from index.records import Added
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from index.store import Store
from index.sync.add_loaded import add_all
from index.text.chunk import Chunking
from index.versions import fingerprint

ROOT = Path(__file__).parents[3]
TIMES = {"added_at", "made_at", "updated_at"}

installed = pytest.mark.skipif(
    find_spec("ray") is None or sys.platform == "win32",
    reason="Ray is not installed (the extra ray), or not for this system",
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two processors of this machine, a small store of objects, no dashboard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, ROOT / "tests"))))
        patch.setattr("index.cluster.cluster._STORE_BYTES", 100_000_000)
        try:
            opened = Cluster("local", cpus=2)
        except ClusterUnavailable as error:  # Ray waits half a minute for itself, and no longer
            if "timed out" not in str(error):
                raise
            pytest.skip(f"this machine is too busy: {error}")
        yield opened
        opened.close()


def indexed(folder: Path, embedder: Embedder, cluster: Cluster | None) -> Index:
    return over(SqliteStore(folder), embedder, cluster)


def over(store: Store, embedder: Embedder, cluster: Cluster | None) -> Index:
    index = Index(store, embedder, Chunking(64, 10))
    index.workers = ClusterWorkers(cluster) if cluster else None
    return index


def added(
    index: Index, sources: Iterable[Source]
) -> tuple[list[tuple[object, ...]], list[str], list[Told]]:
    """What was added, refused and told."""
    refused: list[str] = []
    told: list[Told] = []
    loaded = index.load(sources, told.append)
    results = add_all(index, loaded, lambda one: refused.append(str(one.error)), told.append)
    return [(each.uri, each.status, each.chunks, each.note) for each in results], refused, told


def many_files() -> list[Source]:
    """Some thirty of many formats, of which some are not read."""
    files: dict[str, bytes] = {}
    for number in range(8):
        words = " ".join(f"Keeper {n} of house {number} lit lamp {n * number}." for n in range(30))
        files[f"notes/{number}.txt"] = words.encode()
        files[f"notes/{number}.md"] = f"# House {number}\n\n{words[::3]}\n\n- one\n- two".encode()
    files["a.html"] = b"<title>Lamps</title><h1>Lamps</h1><p>The lamp is lit at six.</p>"
    files["a.csv"] = b"house,lamps\nnorth,12\nsouth,9\n"
    files["a.json"] = b'{"house": "north", "lamps": 12}'
    files["a.rst"] = b"Lamps\n=====\n\nThe lamp is lit at seven.\n"
    files["a.py"] = b'def light() -> str:\n    """Lights the lamp."""\n    return "lit"\n'
    files["a.pdf"] = pdf_file([lines_at(["The lamp of the pier burns red."])])
    files["a.eml"] = (
        b"Subject: Oil\r\nFrom: a@example.org\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\n"
        b"The oil came on Monday.\r\n--x\r\nContent-Type: text/plain\r\n"
        b'Content-Disposition: attachment; filename="oil.txt"\r\n\r\nTwelve barrels.\r\n--x--\r\n'
    )
    for name, file in (("a.docx", Docx()), ("a.xlsx", Workbook()), ("a.pptx", Presentation())):
        out = io.BytesIO()
        if name == "a.docx":
            file.add_paragraph("The keeper's house has four rooms.")
        elif name == "a.xlsx":
            file.active.append(["house", "rooms"])
            file.active.append(["north", 4])
        else:
            slide = file.slides.add_slide(file.slide_layouts[5])
            slide.shapes.title.text = "The tower is forty metres high"
        file.save(out)
        files[name] = out.getvalue()
    files["a.zip"] = zipped({"in/one.txt": "A boat lies in the harbour.", "in/two.pdf": b"%PDF-no"})
    files["twin.txt"] = files["notes/3.txt"]
    files["damaged.docx"] = files["a.docx"][:400]
    files["empty.txt"] = b""
    files["kind.xyz"] = bytes(range(256))
    return [bytes_source(data, uri) for uri, data in files.items()]


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the times of adding, and what is any store's own: its name
    and how often it was written to."""
    db = sqlite3.connect(folder / FILE_NAME)
    found = {}
    tables = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    for table in [name for name, made in tables if "VIRTUAL" not in made]:  # these have tables
        columns = [row[1] for row in db.execute(f"SELECT * FROM pragma_table_info('{table}')")]
        kept = ", ".join(f'"{name}"' for name in columns if name not in TIMES)
        found[table] = sorted(db.execute(f'SELECT {kept} FROM "{table}"').fetchall(), key=repr)
    db.close()
    found["meta"] = [row for row in found["meta"] if row[0] == "identity"]
    return found


@installed
def test_it_stores_byte_for_byte_what_this_process_stores(
    cluster: Cluster, minilm: Embedder, tmp_path: Path
) -> None:
    here, there = (
        indexed(tmp_path / name, minilm, by) for name, by in (("h", None), ("t", cluster))
    )
    files = many_files()
    by_pool, by_cluster = (added(index, files) for index in (here, there))
    assert len(by_pool[0]) == 29
    assert len(by_pool[1]) == 4
    assert by_cluster[:2] == by_pool[:2]
    assert _milestones(by_cluster[2]) == _milestones(by_pool[2])
    assert there.check() == []
    here.close()
    there.close()
    of_pool = content(tmp_path / "h")
    assert content(tmp_path / "t") == of_pool
    assert len(of_pool["documents"]) == 28  # one is a twin

    again = indexed(tmp_path / "t", minilm, cluster)
    results, _, told = added(again, files)
    assert {status for _, status, *_ in results} == {"unchanged"}
    assert not [step for step in told if isinstance(step, Step) and step.doing == "embedding"]
    again.close()
    assert content(tmp_path / "t") == of_pool


def _milestones(told: list[Told]) -> list[object]:
    """What was stored, and what was said of files, in order; steps between depend on the time."""
    steps = [each for each in told if isinstance(each, Step)]
    assert steps
    assert all(0 < each.done <= each.total for each in steps)
    stored = [(each.uri, each.status) for each in told if isinstance(each, Added)]
    return [stored, [each for each in told if not isinstance(each, Step | Added)]]


@installed
def test_a_killed_worker_costs_only_its_batch(
    cluster: Cluster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def files() -> list[Source]:
        texts = (
            " ".join(f"Lamp {n} of pier {number} burns." for n in range(12)) for number in range(80)
        )
        return [bytes_source(text.encode(), f"{n:03}.txt") for n, text in enumerate(texts)]

    log = tmp_path / "log"
    killed: list[int] = []
    here = indexed(tmp_path / "h", Recording(tmp_path / "other", 0), None)
    there = indexed(tmp_path / "t", Recording(log, 0.02), cluster)

    def kill() -> Iterator[Source]:
        for number, source in enumerate(files()):
            if number == 40:
                _wait_for(log)
                for worker in workers_of(os.getpid()):
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
            yield source

    by_pool, by_cluster = added(here, files()), added(there, kill())
    assert killed
    assert capfd.readouterr() == ("", "")  # of which nothing is said
    assert by_cluster[:2] == by_pool[:2]
    assert there.check() == []
    here.close()
    there.close()
    assert content(tmp_path / "t") == content(tmp_path / "h")
    embedded = Counter(log.read_text(encoding="utf-8").splitlines())
    chunks = sum(count for _, _, count, _ in by_pool[0])
    assert len(embedded) == chunks
    assert sum(embedded.values()) - chunks <= 32 * len(killed)


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


@installed
def test_a_sync_does_the_same_in_every_store(
    cluster: Cluster, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"The harbour of {name}.", encoding="utf-8")
    (folder / "d.pdf").write_bytes(b"%PDF-1.7 damaged")
    with zipfile.ZipFile(folder / "e.zip", "w") as archive:
        archive.writestr("f.txt", "A pier of stone.")
    index = over(store, WordEmbedder(), cluster)
    done = index.sync(folder)
    assert [each.uri for each in done.documents] == [
        f"{folder}/{name}" for name in ("a.txt", "b.txt", "c.txt", "e.zip!/f.txt")
    ]
    assert [uri for uri, _ in done.errors] == [f"{folder}/d.pdf"]
    again = index.sync(folder)
    assert (again.documents, again.unchanged, again.errors) == ([], 4, done.errors)
    (folder / "a.txt").write_text("The harbour of a is deep.", encoding="utf-8")
    assert [each.status for each in index.sync(folder).documents] == ["replaced"]
    index.close()


@installed
def test_no_more_is_read_ahead_than_is_wanted(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    def sources(data: bytes) -> Iterator[Source]:
        nonlocal read
        for number in range(400):
            read = number + 1
            yield bytes_source(data, f"{number}.txt")

    load = ClusterWorkers(cluster).load
    loaded = load(sources(b"A lamp."), PARSING)
    assert len(list(islice(loaded, 2))) == 2
    loaded.close()  # type: ignore[attr-defined]
    assert read <= 8 * (2 * 2 + 1)  # files of two tasks for each of two processors, and of the next

    monkeypatch.setattr(loading, "_MOST_BYTES", 3_000_000)
    loaded = load(sources(b"A lamp. " * 150_000), PARSING)
    assert len(list(islice(loaded, 1))) == 1
    loaded.close()  # type: ignore[attr-defined]
    assert read <= 3  # of 1.2 MB each
    assert len(list(load(sources(b""), Parsing()))) == 400  # refused, each in its place


@installed
def test_ctrl_c_keeps_what_is_done(cluster: Cluster, tmp_path: Path) -> None:
    folder, store = tmp_path / "notes", tmp_path / "store"
    folder.mkdir()
    for number in range(150):
        lines = (f"Keeper {n} of house {number} lit lamp {n * number}." for n in range(60))
        (folder / f"{number:03}.txt").write_text(" ".join(lines), encoding="utf-8")
    with subprocess.Popen(
        _command(cluster, store, str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    lines = [line for line in (first + rest).splitlines() if line.startswith("added")]
    assert f"interrupted; {len(lines)} of 150 documents are done and kept" in errors
    assert errors.count("\n") == 1, errors  # nothing of Ray's, which is left in peace
    index = Index(SqliteStore(store), embedder_of(), Chunking())
    assert 1 <= len(lines) <= index.counts().documents < 150
    assert index.check() == []
    index.close()


@installed
def test_another_footnote_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.require_agreement()
    before = fingerprint()
    monkeypatch.setattr(versions, "REFUSING", 99)
    both = f"runs Footnote {before}, and this is Footnote {fingerprint()}; install the same"
    with pytest.raises(ClusterUnavailable, match=re.escape(both)):
        cluster.require_agreement()
    load = ClusterWorkers(cluster).load  # and so does a worker that joined later
    with pytest.raises(ClusterUnavailable, match=re.escape(f"not {fingerprint()} as here")):
        list(load([bytes_source(b"A lamp.", "a.txt")], PARSING))


@installed
def test_another_python_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    store = tmp_path / "store"
    code = (
        "import sys, ray, footnote.__main__; sys.argv[0] = 'footnote'; "
        "sys.version_info = (3, 1, 4, 'final', 0); footnote.__main__.main()"
    )
    arguments = _command(cluster, store, str(ROOT / "README.md"))[3:]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=240
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(
        r"footnote: the Ray cluster at \S+ has another Python or Ray than this process \(.*"
        r"Python: 3\.1\.4.*\); install the same ones on both\n",
        run.stderr,
    ), run.stderr
    assert content(store)["documents"] == []


def _command(cluster: Cluster, store: Path, path: str) -> list[str]:
    import ray

    address = ray.get_runtime_context().gcs_address
    return [sys.executable, "-m", "footnote", "--store", str(store), "add", path, "--ray", address]


@installed
def test_what_does_not_answer_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr("index.cluster.cluster._HANDSHAKE_SECONDS", 0.5)
        for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
            with pytest.raises(ClusterUnavailable, match=f"{port} .what listens there is no Ray"):
                Cluster(address)
    with pytest.raises(
        ClusterUnavailable, match=rf"^no Ray cluster answers --ray 127.0.0.1:{port} at"
    ):
        Cluster(f"127.0.0.1:{port}")


def test_an_address_is_refused_that_is_none() -> None:
    for text in ("", "locl", "host", "http://host:1", "host:port", "host:6379/x"):
        with pytest.raises(InvalidSetting, match="give local, auto, HOST:PORT or ray://HOST:PORT"):
            ClusterAddress(text)
    assert ClusterAddress("ray://[::1]:10001").endpoint == ("::1", 10001)
    assert ClusterAddress("head.example:6379").endpoint == ("head.example", 6379)


def test_auto_is_where_ray_says_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert ClusterAddress("auto").endpoint is None
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("127.0.0.1:6379\n", encoding="utf-8")
    assert ClusterAddress("auto").endpoint == ("127.0.0.1", 6379)
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    assert ClusterAddress("auto").endpoint == ("head", 10001)


def test_the_extra_is_named_where_ray_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.extras.find_spec", lambda name: None if name == "ray" else name)
    with pytest.raises(NotInstalled, match=r"`--ray` needs ray, .* pip install 'footnote\[ray\]'"):
        Cluster("local")
