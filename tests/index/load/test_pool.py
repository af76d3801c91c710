"""Files that are hostile or broken, parsed in processes of their own: one clear line each, and the
rest of the batch goes on."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support_files import batch, zipped

from index.errors import UnreadableFile
from index.extract.limits import PARSING, Parsing
from index.load import pool
from index.load.documents import load, load_bytes
from index.load.process import ParseJob

_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha ha ha ha ha ha ha ha ">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (code + 1, b"&%c;" % code * 30) for code in range(ord("a"), ord("h"))
    )
    + b"]>"
)


@contextmanager
def parser_that(does: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes whose parser of plain text runs `does` for a text that begins with "bad"."""
    code = (
        "import sys; sys.path[:] = sys.argv[1:]\n"
        "import os, signal, time, index.extract.format.text as t, index.load.worker as w\n"
        "clean = t.clean\n"
        "def hooked(text):\n"
        f"    if text.startswith('bad'): {does}\n"
        "    return clean(text)\n"
        "t.clean = hooked\n"
        "w.main()\n"
    )
    monkeypatch.setattr("index.load.process._CODE", code)
    own = pool.Pool(2)
    monkeypatch.setattr("index.load.sources.pool", lambda: own)
    try:
        yield
    finally:
        own.close()


def test_a_crash_is_told_and_the_batch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with parser_that("os.kill(os.getpid(), signal.SIGSEGV)", monkeypatch):
        files = [("a.txt", b"Ash."), ("b.txt", b"bad"), ("c.txt", b"Coal."), ("d.txt", b"Dust.")]
        found = batch(*files)
    assert [found[0], *found[2:]] == ["Ash.", "Coal.", "Dust."]
    assert found[1].startswith("b.txt crashed its parser (SIGSEGV): it is damaged, or needs more")


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with parser_that("time.sleep(600)", monkeypatch):
        batch(("c.txt", b"Coal."), ("d.txt", b"Dust."))  # now both processes have started
        begin = time.monotonic()
        found = batch(("a.txt", b"bad"), ("b.txt", b"Barley."), parsing=Parsing(seconds=3.0))
        assert found == [
            "a.txt took longer than 3 s to read; split it, or raise FOOTNOTE_PARSE_SECONDS",
            "Barley.",
        ]
        assert time.monotonic() - begin < 300


def test_a_busy_loop_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processor time is limited too, for when nobody is left to end it."""
    monkeypatch.setattr("index.load.process.ParseProcess._give_up", lambda self: None)
    with parser_that("exec('while True: pass')", monkeypatch):
        (line,) = batch(("a.txt", b"bad"), parsing=Parsing(seconds=0.5))
    assert "took longer than 0.5 s" in line


def test_too_much_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with parser_that("bytearray(3 << 30)", monkeypatch):
        files = [("a.txt", b"bad"), ("b.txt", b"Barley.")]
        found = batch(*files, parsing=Parsing(memory_mb=1024))
    assert found == [
        "a.txt needs more than 1,024 MB of memory to be read; split it, or raise "
        "FOOTNOTE_PARSE_MEMORY_MB",
        "Barley.",
    ]


def test_a_crash_costs_one_member_and_three_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    members: dict[str, bytes | str] = {"1.txt": "Ash.", "2.txt": "bad", "3.txt": "Coal."}
    with parser_that("os._exit(7)", monkeypatch):
        found = batch(("a.zip", zipped(members)))
        assert found[:2] + found[3:] == ["archive", "Ash.", "Coal."]
        assert found[2].startswith("a.zip!/2.txt crashed its parser (exit code 7)")
        many = {f"{number}.txt": "bad" for number in range(5)}
        found = batch(("b.zip", zipped({**many, "z.txt": "Zinc."})), ("c.txt", b"Coal."))
    assert [line.split()[0] for line in found[1:4]] == [f"b.zip!/{n}.txt" for n in range(3)]
    assert found[4:] == [
        "b.zip crashed its parsers too often; 3 of its files were left out: unpack it and add "
        "those",
        "Coal.",
    ]


def test_a_process_parses_many_files_and_is_replaced_when_it_has_ended() -> None:
    own = pool.Pool(1)
    used = set()
    try:
        for number in range(3):
            run = own.start(ParseJob(f"{number}.txt", b"Words.", PARSING))
            assert run is not None
            process = run._process
            assert process is not None
            used.add(process)
            assert [type(one).__name__ for one in run] == ["Parsed"]
        assert used == {process}
        process._process.kill()  # as when nothing came for a minute
        process._process.wait()
        run = own.start(ParseJob("4.txt", b"More words.", PARSING))
        assert run is not None
        assert [type(one).__name__ for one in run] == ["Parsed"]
        assert own._all.isdisjoint(used)
    finally:
        own.close()


def test_a_process_ends_when_the_one_that_asks_is_killed() -> None:
    code = (
        "import time\n"
        "from index.load.documents import load_bytes\n"
        "from index.load.pool import pool\n"
        "load_bytes(b'Words.', 'a.txt')\n"
        "print(*[one._process.pid for one in pool()._all], flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        parser = int(asking.stdout.readline())
        os.kill(parser, 0)
        asking.kill()
    _wait_until_gone([parser])


def test_a_process_ends_amid_a_file_with_what_it_has_started(tmp_path: Path) -> None:
    """The parser has begun another process, as for a scanned page, and would take ten minutes."""
    begun = tmp_path / "begun"
    parser = (
        "import sys; sys.path[:] = sys.argv[1:]\n"
        "import os, subprocess, time, index.extract.format.text as t, index.load.worker as w\n"
        "def busy(text):\n"
        "    child = subprocess.Popen(['sleep', '600'])\n"
        f"    open({str(begun)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}\\n')\n"
        "    until = time.monotonic() + 600\n"
        "    while time.monotonic() < until: pass\n"
        "t.clean = busy\n"
        "w.main()\n"
    )
    code = (
        "import index.load.process as p\n"
        f"p._CODE = {parser!r}\n"
        "from index.load.documents import load_bytes\n"
        "load_bytes(b'Words.', 'a.txt')\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(pool.__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", code], env=env) as asking:
        until = time.monotonic() + 120
        while not (begun.exists() and begun.read_text().endswith("\n")):
            assert time.monotonic() < until
            time.sleep(0.05)
        pids = [int(pid) for pid in begun.read_text().split()]
        assert all(map(_runs, pids))
        asking.kill()
    _wait_until_gone(pids)


def test_a_killed_add_leaves_no_process(tmp_path: Path) -> None:
    for number in range(4):
        rows = "".join(f"{row},Keeper {row * number},{row % 7}\n" for row in range(150_000))
        (tmp_path / f"{number}.csv").write_text(f"Number,Name,Day\n{rows}")
    command = [sys.executable, "-m", "footnote", "--store", tmp_path / "store", "add"]
    with subprocess.Popen([*command, *sorted(tmp_path.glob("*.csv"))]) as adding:
        children = Path(f"/proc/{adding.pid}/task")
        if not children.exists():
            adding.kill()
            pytest.skip("this system doesn't tell which processes one has started")
        until = time.monotonic() + 120
        pids: list[int] = []
        while not pids:
            assert time.monotonic() < until
            assert adding.poll() is None
            time.sleep(0.05)
            told = [each.read_text() for each in children.glob("*/children")]
            pids = [int(pid) for line in told for pid in line.split()]
        adding.kill()
    _wait_until_gone(pids)


def _wait_until_gone(pids: list[int]) -> None:
    """Well before they would end by themselves, for want of work."""
    until = time.monotonic() + 30
    while any(map(_runs, pids)):
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_no_process_is_left_behind() -> None:
    code = (
        "from index.load.documents import load_bytes\n"
        "from index.load.pool import pool\n"
        "print(load_bytes(b'Words.', 'a.txt').text)\n"
        "print(*[one._process.pid for one in pool()._all])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    words, pids = done.stdout.splitlines()
    assert (words, done.stderr, len(pids.split())) == ("Words.", "", 1)
    for pid in pids.split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_modules_in_the_present_folder_are_not_imported(tmp_path: Path) -> None:
    (tmp_path / "olefile.py").write_text("open('imported', 'w')")
    (tmp_path / "index.py").write_text("open('imported', 'w')")
    code = (
        "from index.extract.limits import PARSING; from index.load.sources import *\n"
        "print(*load_each([bytes_source(b'x', 'a.msg')], PARSING))"
    )
    subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(pool.__file__).parents[2])},
    )
    assert not (tmp_path / "imported").exists()


def test_pages_and_text_have_limits() -> None:
    import pptx

    deck = pptx.Presentation()
    for number in range(3):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Slide {number}"
    data = io.BytesIO()
    deck.save(data)
    files = [("a.pptx", data.getvalue()), ("b.txt", b"Barley.")]
    assert batch(*files, parsing=Parsing(pages=2)) == [
        "a.pptx has more than the 2 pages that are read; split it, or raise FOOTNOTE_PARSE_PAGES",
        "Barley.",
    ]
    text = ("a.txt", b"Twelve words.")
    assert batch(text, parsing=Parsing(characters=12)) == [
        "a.txt holds more than the 12 characters of text that are kept; split it, or raise "
        "FOOTNOTE_PARSE_CHARACTERS"
    ]
    assert batch(text, parsing=Parsing(characters=13)) == ["Twelve words."]


def test_one_long_line_is_refused_by_its_size_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # 2 GB that take no room on the disk
    begin = time.monotonic()
    with pytest.raises(UnreadableFile, match=r"has 2,147\.5 MB, more than the 200 MB"):
        load(path)
    assert time.monotonic() - begin < 5
    long = b"word " * 400_000
    with pytest.raises(UnreadableFile, match=r"has 2\.0 MB, more than the 1 MB"):
        load_bytes(long, "a.txt", parsing=Parsing(file_mb=1))
    assert len(load_bytes(long, "a.txt").text) == len(long) - 1


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"line\n")
    fstat = os.fstat

    def then_written(handle: int) -> os.stat_result:
        """What is told of the file, to which somebody adds right afterwards."""
        found = fstat(handle)
        with path.open("ab") as writer:
            writer.write(b"x")
        return found

    monkeypatch.setattr(os, "fstat", then_written)
    with pytest.raises(UnreadableFile, match=r"log\.txt changed while it was being read"):
        load(path)
    monkeypatch.undo()
    assert load(path).text == "line\nxx"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UnreadableFile, match=r"pipe\.txt is no file; pipe what it gives into"):
        load(tmp_path / "pipe.txt")


def _docx(body: bytes) -> bytes:
    kinds = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        b'relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.'
        b'org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    )
    return zipped(
        {"[Content_Types].xml": kinds, "_rels/.rels": relations, "word/document.xml": body}
    )


def _docx_bomb() -> bytes:
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return _docx(
        _BOMB + b'<w:document xmlns:w="%s"><w:body><w:p><w:r><w:t>Words &h;</w:t></w:r></w:p>'
        b"</w:body></w:document>" % space
    )


def _odt_bomb() -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": _BOMB
            + b'<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            b'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>'
            b"<t:p>Words &h;</t:p></o:text></o:body></o:document-content>",
        }
    )


def _xlsx_bomb() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Words"])
    data = io.BytesIO()
    book.save(data)
    members: dict[str, bytes | str] = {}
    with zipfile.ZipFile(data) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if b"<t>Words" in content:
                declaration = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
                content = _BOMB + content[declaration:].replace(b"Words", b"Words &h;")
                members["bomb"] = ""
            members[name] = content
    assert "bomb" in members
    return zipped(members)


@pytest.mark.parametrize(
    ("name", "make"), [("a.docx", _docx_bomb), ("a.odt", _odt_bomb), ("a.xlsx", _xlsx_bomb)]
)
def test_xml_entities_are_not_expanded(name: str, make: Callable[[], bytes]) -> None:
    (line,) = batch((name, make()))
    assert "ha ha" not in line
    assert len(line) < 300


@pytest.mark.parametrize("name", ["a.html", "a.txt", "a.csv", "a.json", "a.eml", "a.rst", "a.md"])
def test_nul_bytes_never_reach_the_text(name: str) -> None:
    few, many = batch((name, b'"Subject: wor\0ds and more of them"\n'), (name, b"a\0\0\0" * 99))
    assert "\0" not in few + many
    assert "damaged" in many or "binary" in many or "no " in many
