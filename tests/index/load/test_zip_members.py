"""The files in archives: which they are, how they are named, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support_files import zipped

from index.document import Document, document_id
from index.extract.limits import PARSING
from index.load import zip_members
from index.load.parse import Archive, Refused
from index.load.sources import Loaded, bytes_source, file_source, load_all, load_each
from index.uri import archive_of


def loaded(data: bytes) -> list[Loaded]:
    return list(load_each([bytes_source(data, "a.zip")], PARSING))


def lines(data: bytes) -> list[str]:
    """Uri and text of each member, or why it has none; the archive itself is left out."""
    return [
        f"{one.uri} = {one.text}" if isinstance(one, Document) else str(one.error)
        for one in loaded(data)
        if not isinstance(one, Archive)
    ]


def test_each_member_is_a_document_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "reports.zip"
    data = zipped(
        {
            "2023/": "",
            "2023/costs.csv": "Item,Cost\nRent,7\n",
            "notes.md": "# Plan\n\nWe build.",
            ".hidden/a.txt": "no",
            "__MACOSX/._notes.md": "no",
        }
    )
    path.write_bytes(data)
    archive, costs, notes = load_all(path, PARSING)
    assert isinstance(archive, Archive)
    uris = [f"{path.as_posix()}!/2023/costs.csv", f"{path.as_posix()}!/notes.md"]
    assert (archive.uri, list(archive.members)) == (path.as_posix(), uris)
    assert isinstance(costs, Document)
    assert isinstance(notes, Document)
    assert (costs.uri, costs.title, costs.media_type) == (uris[0], "costs", "text/csv")
    assert costs.id == document_id(uris[0])
    assert costs.locations[-1][1] == "row 2"
    assert (notes.uri, notes.title) == (uris[1], "Plan")
    assert archive_of(costs.uri) == path.as_posix()
    assert archive_of(path.as_posix()) == ""


def test_archives_within_are_opened_to_a_small_depth() -> None:
    data = zipped({"d.txt": "deepest"})
    for level in ("c", "b"):
        data = zipped({f"{level}.zip": data, f"{level}.txt": level})
    assert lines(data) == [
        "a.zip!/b.zip!/c.zip!/d.txt = deepest",
        "a.zip!/b.zip!/c.txt = c",
        "a.zip!/b.txt = b",
    ]
    assert lines(zipped({"x.zip": data, "y.txt": "y"})) == [
        "a.zip!/x.zip!/b.zip!/c.zip lies more than 3 archives deep; unpack it",
        "a.zip!/x.zip!/b.zip!/c.txt = c",
        "a.zip!/x.zip!/b.txt = b",
        "a.zip!/y.txt = y",
    ]


def test_a_bomb_is_refused_whole() -> None:
    """Built as 42.zip is; the limits are of all levels together."""
    data = zipped({"0.bin": bytes(4 << 20)})
    for _ in range(2):
        data = zipped({"a.txt": "fine", **{f"{number}.zip": data for number in range(16)}})
    assert len(data) < 100_000
    (line,) = lines(data)
    assert line == "a.zip unpacks to over 200 MB; it looks like a decompression bomb"


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "MOST_MEMBERS", 2)
    with pytest.raises(zip_members.UnreadableFile, match="more than the 2 files"):
        zip_members.members_of(zipped({"a.txt": "a", "b.txt": "b", "c.txt": "c"}))


def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path) -> None:
    names = ["../up.txt", "/etc/passwd", "a/../../up.txt", "C:\\up.txt", "ok/..dots.txt"]
    found = lines(zipped(dict.fromkeys([*names, "z.txt"], "words")))
    assert [
        line.partition(" has a name that leads out of its archive")[0] for line in found[:4]
    ] == [f"a.zip!/{name}" for name in names[:4]]
    assert found[4:] == ["a.zip!/z.txt = words"]  # that of ..dots.txt is hidden
    assert list(tmp_path.iterdir()) == []


def test_members_without_a_name_are_told() -> None:
    data = zipped({"a.txt": "words", "Z": "x", ".": "y"})
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    assert data[entry + 46 : entry + 47] == b"Z"
    torn = bytearray(data)
    torn[entry + 28] = 0  # the directory says that its name has no letters, but one of "extra"
    torn[entry + 30] = 1
    assert lines(bytes(torn)) == [
        "a.zip!/a.txt = words",
        "a.zip!/? has no name that a file can have; it is left out",
        "a.zip!/. has no name that a file can have; it is left out",
    ]


def test_broken_and_locked_members_are_named_and_the_rest_is_read() -> None:
    data = bytearray(
        zipped(
            {"good.txt": "fine", "locked.txt": "secret", "torn.txt": "Words " * 99, "x.exe": "M"}
        )
    )
    at = data.index(b"torn.txt") + len("torn.txt")
    data[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    entry = data.rindex(b"locked.txt") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 8] |= 1  # encrypted, says the directory
    found = lines(bytes(data))
    assert found[0] == "a.zip!/good.txt = fine"
    assert found[1].startswith("a.zip!/locked.txt is encrypted and opens only with a password")
    assert found[2].startswith("a.zip!/torn.txt is damaged (")
    assert found[3].startswith('a.zip!/x.exe has the suffix ".exe", which is not read')


def test_a_link_is_not_followed() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        link = zipfile.ZipInfo("passwd.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert lines(data.getvalue()) == ["a.zip!/passwd.txt is a link; add the file that it leads to"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 and no more", "is no ZIP archive, or a damaged one"),
        (zipped({}), "is an archive without files"),
        (zipped({"a.txt": "x"})[:-30], "is no ZIP archive, or a damaged one"),
    ],
)
def test_what_is_no_archive_is_refused(data: bytes, why: str) -> None:
    (line,) = lines(data)
    assert line.startswith(f"a.zip {why}")


def test_files_come_in_the_order_in_which_they_were_given(tmp_path: Path) -> None:
    for number in range(9):
        name, content = f"{number}.txt", f"Number {number}.".encode()
        (tmp_path / name).write_bytes(content if number % 4 else b"")
    (tmp_path / "5.zip").write_bytes(zipped({"in.txt": "Inside."}))
    paths = sorted(tmp_path.iterdir())
    found = list(load_each([file_source(path, PARSING) for path in paths], PARSING))
    assert [one.uri.rpartition("/")[2] for one in found if not isinstance(one, Archive)] == [
        "0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "5.txt", "in.txt", "6.txt", "7.txt", "8.txt"
    ]  # fmt: skip
    assert [one.uri[-5:] for one in found if isinstance(one, Refused)] == [
        "0.txt",
        "4.txt",
        "8.txt",
    ]


def test_a_batch_that_is_not_read_to_its_end_leaves_the_pool_free(tmp_path: Path) -> None:
    sources = [bytes_source(b"Words.", f"{number}.txt") for number in range(40)]
    for _ in range(6):
        some = load_each(sources, PARSING)
        assert isinstance(next(some), Document)
        some.close()
    assert len(list(load_each(sources, PARSING))) == 40
