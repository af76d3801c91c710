"""Archives in the store: added, replaced and removed member by member."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from support import WordEmbedder

from index.extract.limits import PARSING
from index.index import Index
from index.load.parse import Refused
from index.load.sources import bytes_source, load_each
from index.store import Store
from index.sync.add_loaded import add_all
from index.text.chunk import Chunking


@pytest.fixture
def index(store: Store, words: WordEmbedder) -> Iterator[Index]:
    index = Index(store, words, Chunking())
    yield index
    index.close()


def _add(index: Index, name: str, files: dict[str, str] | bytes) -> tuple[list[str], list[Refused]]:
    data = io.BytesIO()
    if isinstance(files, bytes):
        data.write(files)
    else:
        with zipfile.ZipFile(data, "w") as archive:
            for member, content in files.items():
                archive.writestr(member, content)
    refused: list[Refused] = []
    loaded = load_each([bytes_source(data.getvalue(), name)], PARSING)
    added = [f"{one.uri} {one.status}" for one in add_all(index, loaded, refused.append)]
    return added, refused


def _uris(index: Index) -> list[str]:
    return sorted(one.uri for one in index.documents(limit=-1))


def test_an_archive_and_the_store_keep_in_step(index: Index) -> None:
    _add(
        index, "a.zip", {"x.txt": "Xenon is a gas.", "y.txt": "Yarrow grows.", "z/q.txt": "Quartz."}
    )
    _add(index, "a.zip!", {"b.txt": "Beech."})
    _add(index, "a.zipper.zip", {"x.txt": "Xylem."})
    added, refused = _add(
        index, "a.zip", {"x.txt": "Xenon is a gas.", "y.txt": "Yarrow is white.", "w.txt": ""}
    )
    assert added == ["a.zip!/x.txt unchanged", "a.zip!/y.txt replaced"]
    assert [str(one.error) for one in refused] == ["a.zip!/w.txt is empty"]
    assert [uri for uri in _uris(index) if uri.startswith("a.zip!/")] == [
        "a.zip!/x.txt",
        "a.zip!/y.txt",
    ]
    assert "a.zipper.zip!/x.txt" in _uris(index)
    assert index.check() == []


def test_a_member_that_can_no_longer_be_read_stays_and_a_broken_archive_changes_nothing(
    index: Index,
) -> None:
    _add(index, "a.zip", {"x.txt": "Xenon is a gas.", "y.txt": "Yarrow grows."})
    _add(index, "a.zip", {"x.txt": "Xenon is a gas.", "y.txt": ""})
    assert _uris(index) == ["a.zip!/x.txt", "a.zip!/y.txt"]
    added, (refused,) = _add(index, "a.zip", b"PK\x03\x04 torn")
    assert (added, refused.uri) == ([], "a.zip")
    assert _uris(index) == ["a.zip!/x.txt", "a.zip!/y.txt"]


def test_what_is_no_longer_attached_is_removed(index: Index) -> None:
    head = (
        "Subject: Gas\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHi.\n"
    )
    part = "--x\nContent-Disposition: attachment; filename=x.txt\n\nXenon is a gas.\n"
    for parts, uris in ((part, ["a.eml", "a.eml!/x.txt"]), ("", ["a.eml"])):
        data = f"{head}{parts}--x--\n".encode()
        list(add_all(index, load_each([bytes_source(data, "a.eml")], PARSING), print))
        assert _uris(index) == uris
    assert index.check() == []


def test_locations_are_kept_replaced_and_removed(index: Index) -> None:
    def add(data: bytes) -> str:
        loaded = load_each([bytes_source(data, "a.csv")], PARSING)
        (added,) = add_all(index, loaded, lambda _: None)
        assert added.note == ""
        return added.document_id

    found = add(b"Item,Cost\nRent,7\nTax,5\n")
    document = index.document(found)
    assert [label for _, label in document.locations] == ["row 1", "row 2", "row 3"]
    rent, tax = document.text.index("Item: Rent"), document.text.index("Item: Tax")
    with index.store.read() as snapshot:
        places = [(found, rent), (found, tax + 2), ("none", 0)]
        assert snapshot.locations(places) == ["row 2", "row 3", ""]
    add(b"Item,Cost\nRent,7\n")
    assert len(index.document(found).locations) == 2
    index.remove(found)
    with index.store.read() as snapshot:
        assert snapshot.locations([(found, rent)]) == [""]
    add(b"Item,Cost\nRent,7\n")
    assert index.check() == []


def test_what_is_known_by_another_name_too_only_loses_its_name_in_the_archive(index: Index) -> None:
    _add(index, "a.zip", {"x.txt": "Xenon is a gas.", "y.txt": "Yarrow grows."})
    loose = [bytes_source(b"Xenon is a gas.", "x.txt"), bytes_source(b"Yarrow grows.", "y.txt")]
    kept = [added.document_id for added in add_all(index, load_each(loose, PARSING), print)]
    with index.store.read() as snapshot:
        assert snapshot.members("a.zip") == ["a.zip!/x.txt", "a.zip!/y.txt"]
    _add(index, "a.zip", {"y.txt": "Yarrow grows."})
    assert _uris(index) == ["a.zip!/y.txt", "x.txt"]
    _add(index, "a.zip", {"z.txt": "Zinc."})
    assert [index.find(uri) for uri in ("x.txt", "y.txt")] == kept
    assert _uris(index) == ["a.zip!/z.txt", "x.txt", "y.txt"]
    assert index.check() == []
