"""The original of each document: kept, in a synced folder, within an archive, or not to be had."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from support import WordEmbedder
from support_files import zipped
from support_pdf import lines_at, pdf_file

from index.errors import UnknownOriginal, UnknownPage, UnreadableFile
from index.extract.limits import PARSING
from index.index import Index
from index.ingest.keeping import Keeping
from index.load.documents import from_text, load, load_bytes, walk
from index.load.sources import bytes_source, load_each
from index.originals.original import file_name, where
from index.records import Added
from index.sqlite.store import SqliteStore
from index.sync.add_loaded import add_all
from index.text.chunk import Chunking

PDF = pdf_file([lines_at(["The keeper was called Ada."]), lines_at(["Her brother was Otto."])])


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(SqliteStore(tmp_path / "store"), WordEmbedder(), Chunking())
    yield index
    index.close()


def added(index: Index, name: str, data: bytes) -> list[Added]:
    refused: list[object] = []
    found = list(add_all(index, load_each([bytes_source(data, name)], PARSING), refused.append))
    assert not refused
    return found


def test_files_and_members_of_archives_come_back_byte_for_byte(index: Index) -> None:
    inner = zipped({"deep/notes.md": b"# Notes\r\n\r\nWords.\r\n"})
    archive = zipped({"a.pdf": PDF, "more.zip": inner})
    whole = added(index, "keeper.pdf", PDF)
    members = added(index, "all.zip", archive)
    assert [one.uri for one in members] == ["all.zip!/a.pdf", "all.zip!/more.zip!/deep/notes.md"]
    assert members[0].document_id == whole[0].document_id  # the same bytes
    found = index.original(members[1].document_id)
    assert (found.name, found.size) == ("notes.md", 19)
    assert found.read() == b"# Notes\r\n\r\nWords.\r\n"
    assert index.original(whole[0].document_id).read() == PDF
    with index.store.read() as snapshot:
        assert snapshot.originals.total() == len(PDF) + 19
    assert index.check() == []


def test_a_synced_folder_keeps_its_files_where_they_are(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "keeper.pdf").write_bytes(PDF)
    (folder / "all.zip").write_bytes(zipped({"x/notes.txt": b"Some notes."}))
    index.sync(folder)
    with index.store.read() as snapshot:
        assert snapshot.originals.total() == 0
    keeper, notes = (
        index.find(f"{folder.as_posix()}/{name}")
        for name in ("in/keeper.pdf", "all.zip!/x/notes.txt")
    )
    assert index.original(keeper).read() == PDF
    assert index.original(notes).read() == b"Some notes."
    assert where(index.store, keeper) == where(index.store, notes) == "folder"
    assert index.views.picture(keeper, 2, 300).startswith(b"\x89PNG")
    (folder / "in" / "keeper.pdf").write_bytes(PDF + b" ")
    (folder / "all.zip").write_bytes(zipped({"y.txt": b"Others."}))
    for document in (keeper, notes):
        with pytest.raises(UnknownOriginal, match="has changed or is gone since; sync the folder"):
            index.original(document)


def letter() -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Costs"
    mail.set_content("See below.")
    for name, data in (("plan.txt", b"The plan."), ("old.zip", zipped({"in/x.txt": b"Xenon."}))):
        mail.add_attachment(data, maintype="application", subtype="x", filename=name)
    return mail.as_bytes()


ATTACHED = {
    "a.eml!/plan.txt": b"The plan.",
    "a.eml!/old.zip!/in/x.txt": b"Xenon.",
    "b.zip!/c.eml!/plan.txt": b"The plan.",
}


@pytest.mark.parametrize("synced", [False, True])
def test_what_is_attached_comes_back_too(index: Index, tmp_path: Path, synced: bool) -> None:
    """In a synced folder its letter is asked, which may lie in an archive."""
    folder = tmp_path / "mails"
    folder.mkdir()
    files = {"a.eml": letter(), "b.zip": zipped({"c.eml": letter() + b"\n"})}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if synced:
        index.sync(folder)
    else:
        loaded = load_each([bytes_source(data, name) for name, data in files.items()], PARSING)
        list(add_all(index, loaded, [].append))
    root = f"{folder.as_posix()}/" if synced else ""
    for name, data in {**files, **ATTACHED}.items():
        if name != "b.zip":
            assert index.original(index.find(root + name)).read() == data
    with index.store.read() as snapshot:
        assert bool(snapshot.originals.total()) is not synced


def test_what_is_beyond_the_limits_is_not_kept_and_said(tmp_path: Path) -> None:
    large, small = b"Words. " * 200_000, b"Few words."
    keeping = Keeping(file_mb=1, total_mb=1)
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking(), keeping)
    notes = [
        added(index, name, data)[0].note
        for name, data in (
            ("large.txt", large),
            ("first.txt", small + b"\n" * 600_000),
            ("second.txt", small + b"\n" * 600_001),
            ("third.txt", small),
        )
    ]
    assert notes == [
        "its original is not kept: 1.4 MB are more than FOOTNOTE_ORIGINAL_FILE_MB (1)",
        "",
        "its original is not kept: there would be more than FOOTNOTE_ORIGINALS_MB (1) of them",
        "",
    ]
    assert index.original(index.find("third.txt")).read() == small
    with pytest.raises(UnknownOriginal, match=r"'large\.txt' is not there: it was"):
        index.original(index.find("large.txt"))
    index.close()


def test_adding_a_file_again_keeps_the_original_that_was_missing(tmp_path: Path) -> None:
    without = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking(), Keeping(on=False))
    (first,) = added(without, "keeper.pdf", PDF)
    assert where(without.store, first.document_id) is None
    without.close()
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    (again,) = added(index, "keeper.pdf", PDF)
    assert again == Added(**{**vars_of(first), "status": "unchanged"})
    assert index.original(first.document_id).read() == PDF
    assert index.counts().documents == 1
    index.close()


def vars_of(added: Added) -> dict[str, object]:
    return {name: getattr(added, name) for name in Added.__dataclass_fields__}


def test_a_text_has_no_original(index: Index) -> None:
    (one,) = index.add([from_text("note", "A note", "Some words.", {}, PARSING)])
    with pytest.raises(UnknownOriginal, match="it was given as text"):
        index.original(one.document_id)


def test_the_kept_files_are_no_documents(index: Index, tmp_path: Path) -> None:
    """Neither where a folder is added nor where it is synced."""
    (tmp_path / "a.txt").write_bytes(b"The keeper was called Ada.")
    list(index.add([load(tmp_path / "a.txt")]))
    assert [path.name for path in walk([tmp_path]) if path.suffix == ".txt"] == ["a.txt"]
    assert not [path for path in walk([tmp_path]) if "originals" in path.parts]
    store = SqliteStore(tmp_path / "other")
    other = Index(store, WordEmbedder(), Chunking())
    result = other.sync(tmp_path)
    assert [one.uri for one in result.documents] == [(tmp_path / "a.txt").as_posix()]
    assert not [uri for uri, _ in result.skipped if "originals" in uri]
    other.close()


def test_stretches_of_text_over_two_pages(index: Index) -> None:
    list(index.add([load_bytes(PDF, "keeper.pdf")]))
    text = index.document(index.find("keeper.pdf")).text
    start, end = text.index("Ada"), text.index("Otto") + 4
    first, second = index.views.marked(index.find("keeper.pdf"), start, end)
    assert (first.page, first.found, len(first.rectangles)) == (1, 1.0, 1)
    assert (second.page, second.found, len(second.rectangles)) == (2, 1.0, 1)
    assert first.rectangles[0].left > second.rectangles[0].left == pytest.approx(72 / 595, abs=1e-3)
    with pytest.raises(UnknownPage, match="has no text from 900 to 910; it has 49 characters"):
        index.views.marked(index.find("keeper.pdf"), 900, 910)


def test_only_pages_of_a_pdf_are_drawn(index: Index) -> None:
    list(index.add([load_bytes(PDF, "keeper.pdf"), load_bytes(b"Some words.", "a.txt")]))
    keeper = index.find("keeper.pdf")
    one, two = (index.views.picture(keeper, page, 300) for page in (1, 2))
    assert one != two
    assert index.views.picture(keeper, 1, 300) is one  # from the cache
    with pytest.raises(UnknownPage, match=r"keeper\.pdf has no page 3; its pages are 1 to 2"):
        index.views.picture(keeper, 3, 300)
    with pytest.raises(UnknownPage, match=r"a\.txt is no PDF"):
        index.views.picture(index.find("a.txt"), 1, 300)


def test_a_picture_that_takes_too_long_ends_its_process(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = index.add([load_bytes(PDF, "keeper.pdf")])
    monkeypatch.setattr("index.load.process._ASK_SECONDS", 0.0)
    with pytest.raises(UnreadableFile, match=r"keeper\.pdf took longer than 0 s"):
        index.views.picture(one.document_id, 1, 300)
    monkeypatch.undo()
    assert index.views.picture(one.document_id, 1, 300).startswith(b"\x89PNG")


def test_names_of_files() -> None:
    assert file_name("in/keeper.pdf", "application/pdf") == "keeper.pdf"
    assert file_name("a.zip!/b\\c.txt", "text/plain") == "c.txt"
    assert file_name("stdin", "application/pdf") == "stdin.pdf"
