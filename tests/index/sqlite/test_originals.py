"""The files that a store keeps: for just as long as a document needs them, whatever is killed."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support import CAT, DOG, WordEmbedder

from index.document import Document
from index.errors import UnknownOriginal
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking


def of_file(document: Document, data: bytes) -> Document:
    """`document` as if it had been read of a file that holds `data`."""
    return replace(document, sha256=hashlib.sha256(data).hexdigest(), original=data)


CAT_FILE, DOG_FILE = of_file(CAT, b"the file of the cat"), of_file(DOG, b"the file of the dog")


def opened(folder: Path) -> Index:
    return Index(SqliteStore(folder), WordEmbedder(), Chunking())


def kept(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (folder / "originals").glob("*/*"))


def test_an_original_goes_with_the_last_document_that_has_its_bytes(tmp_path: Path) -> None:
    index = opened(tmp_path)
    twin = replace(CAT_FILE, uri="copy.txt", media_type="text/markdown", id="copy")
    list(index.add([CAT_FILE, DOG_FILE, twin]))
    assert index.counts().documents == 3
    assert kept(tmp_path) == [b"the file of the cat", b"the file of the dog"]
    assert index.original(CAT.id).read() == b"the file of the cat"
    index.remove(CAT.id)
    assert len(kept(tmp_path)) == 2
    index.remove("copy.txt")
    assert kept(tmp_path) == [b"the file of the dog"]
    with index.store.read() as snapshot:
        assert snapshot.originals.size(CAT_FILE.sha256) is None
        assert snapshot.originals.total() == len(b"the file of the dog")
        with pytest.raises(UnknownOriginal, match="is not kept"):
            snapshot.originals.open(CAT_FILE.sha256)
    assert index.check() == []
    index.close()


def test_an_edited_file_takes_the_place_of_its_original(tmp_path: Path) -> None:
    index = opened(tmp_path)
    list(index.add([CAT_FILE]))
    list(index.add([of_file(replace(CAT, text="Cats sleep."), b"another file")]))
    assert kept(tmp_path) == [b"another file"]
    assert index.original(CAT.id).read() == b"another file"
    assert index.check() == []
    index.close()


def test_one_that_is_being_read_can_be_removed(tmp_path: Path) -> None:
    index = opened(tmp_path)
    list(index.add([CAT_FILE]))
    original = index.original(CAT.id)
    index.remove(CAT.id)
    assert original.read() == b"the file of the cat"
    index.close()


def test_check_names_what_is_damaged_lost_and_over(tmp_path: Path) -> None:
    index = opened(tmp_path)
    list(index.add([CAT_FILE, DOG_FILE]))
    cat, dog = (
        tmp_path / "originals" / one.sha256[:2] / one.sha256 for one in (CAT_FILE, DOG_FILE)
    )
    cat.write_bytes(b"the file of the cow")
    dog.unlink()
    stray = cat.with_name("ab.part")
    stray.write_bytes(b"")
    assert index.check() == [
        f"the original '{stray}' belongs to no document; delete the file",
        f"the original '{dog}' is lost; remove its document and add the file again",
        f"the original '{cat}' is damaged; remove its document and add it again",
    ]
    with pytest.raises(UnknownOriginal, match=r"is lost .* add its file again"):
        index.original(DOG.id)
    stray.unlink()
    for document in (CAT_FILE, DOG_FILE):
        index.remove(document.id)
        list(index.add([document]))
    assert index.check() == []
    index.close()


_CHILD = """
import os, signal, sys
from pathlib import Path
from support import WordEmbedder
from index.index import Index
from index.sqlite import originals
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from test_of_originals import CAT_FILE, DOG_FILE

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

index = Index(SqliteStore(Path(sys.argv[1])), WordEmbedder(), Chunking())
list(index.add([CAT_FILE]))
moment = sys.argv[2]
if moment == "half written":
    originals.os.fsync = end
elif moment == "written":
    originals._sync_folder = end
elif moment == "before it goes":
    originals.Originals.sweep = end
elif moment == "after it went":
    unlink = Path.unlink
    Path.unlink = lambda *given, **named: (unlink(*given, **named), end())
if "writ" in moment:
    list(index.add([DOG_FILE]))
else:
    index.remove(CAT_FILE.id)
"""


@pytest.mark.parametrize(
    ("moment", "documents", "problems"),
    [
        ("half written", 1, ["belongs to no document; delete the file"]),
        ("written", 1, ["belongs to no document; delete the file"]),
        ("before it goes", 0, ["is of no document any more; the next change removes it"]),
        ("after it went", 0, []),
    ],
)
def test_killed_at_any_instant_nothing_is_lost_and_check_names_what_is_over(
    tmp_path: Path, moment: str, documents: int, problems: list[str]
) -> None:
    (tmp_path / "test_of_originals.py").write_bytes(Path(__file__).read_bytes())
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path / "store"), moment],
        env={"PYTHONPATH": ":".join([str(tmp_path), *sys.path])},
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    index = opened(tmp_path / "store")
    assert index.counts().documents == documents
    if documents:
        assert index.original(CAT.id).read() == b"the file of the cat"
    said = index.check()
    assert len(said) == len(problems)
    assert all(line.endswith(end) for line, end in zip(said, problems, strict=True))
    list(index.add([DOG_FILE]))
    assert index.original(DOG.id).read() == b"the file of the dog"
    over = [line for line in index.check() if ".part'" not in line]
    assert over == []
    index.close()
