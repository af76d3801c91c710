"""The store in step with a folder."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support import WordEmbedder

from index.document import Document, document_id
from index.errors import UnreadableFile
from index.index import Index
from index.load.documents import document_of
from index.load.parse import Parsed
from index.sqlite.store import SqliteStore
from index.store import Store
from index.sync.result import Synced
from index.text.chunk import Chunking
from index.versions import REFUSING

LETTER = (
    "Subject: Birds\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHi.\n"
    "--x\nContent-Disposition: attachment; filename=owl.txt\n\nAn owl hunts mice at night.\n--x--\n"
)
CAT, DOG, OWL = "The cat sat on the mat.", "A dog ran in the park.", "An owl hunts mice."


class Counting(WordEmbedder):
    """Counts the texts that it embeds."""

    embedded = 0

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += len(texts)
        return super().passages(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    write(folder / "cat.txt", CAT)
    write(folder / "sub/dog.txt", DOG)
    return folder


@pytest.fixture
def index(store: Store) -> Iterator[Index]:
    opened = Index(store, Counting(), Chunking())
    yield opened
    assert opened.check() == []
    opened.close()


def shouting(parsed: Parsed) -> Document:
    """What another version reads."""
    document = document_of(parsed)
    return replace(document, text=document.text.upper())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def pack(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def embedded(index: Index) -> int:
    assert isinstance(index.embedder, Counting)
    return index.embedder.embedded


def names(index: Index, folder: Path) -> dict[str, str]:
    """The text found at each uri, relative to `folder`."""
    prefix = f"{folder.as_posix()}/"
    return {
        uri.removeprefix(prefix): index.document(stored.id).text
        for stored in index.documents(0, -1)
        for uri in (stored.uri, *stored.aliases)
    }


def did(done: Synced, folder: Path) -> dict[str, list[str]]:
    """What was done, with uris relative to `folder`."""
    prefix = f"{folder.as_posix()}/"
    told = [
        *((each.status, each.uri) for each in done.documents),
        *(("moved", f"{each.before} > {each.uri}") for each in done.moved),
        *(("removed", uri) for uri in sorted(done.removed)),
        *(("failed", uri) for uri, _ in done.errors),
        *(("skipped", uri) for uri, _ in done.skipped),
    ]
    found: dict[str, list[str]] = {}
    for what, uri in told:
        found.setdefault(what, []).append(uri.replace(prefix, ""))
    return found


def test_new_changed_and_gone(index: Index, folder: Path) -> None:
    assert did(index.sync(folder), folder) == {"added": ["cat.txt", "sub/dog.txt"]}
    assert names(index, folder) == {"cat.txt": CAT, "sub/dog.txt": DOG}
    again = index.sync(folder)
    assert (did(again, folder), again.unchanged, embedded(index)) == ({}, 2, 2)
    write(folder / "cat.txt", "The cat left.")
    (folder / "sub/dog.txt").unlink()
    write(folder / "owl.txt", OWL)
    assert did(index.sync(folder), folder) == {
        "replaced": ["cat.txt"],
        "added": ["owl.txt"],
        "removed": ["sub/dog.txt"],
    }
    assert names(index, folder) == {"cat.txt": "The cat left.", "owl.txt": OWL}
    assert {c.row.text for c in index.candidates("cat mat dog", 10)} == {"The cat left.", OWL}


def test_only_files_whose_size_or_times_changed_are_read(index: Index, folder: Path) -> None:
    index.sync(folder)
    time.sleep(0.05)  # the first may have been too close to the writing to trust the times
    index.sync(folder)
    assert index.sync(folder).hashed == 0
    os.utime(folder / "cat.txt", (1, 1))
    touched = index.sync(folder)
    assert (touched.hashed, touched.unchanged, touched.changed) == (1, 2, False)
    full = index.sync(folder, full=True)
    assert (full.hashed, full.unchanged, embedded(index)) == (2, 2, 2)


def test_a_change_within_a_tick_of_the_clock_is_not_missed(index: Index, folder: Path) -> None:
    path = folder / "cat.txt"
    for text in ("The cat is 1.", "The cat is 2.", "The cat is 3."):
        write(path, text)  # of the same size, and at once
        index.sync(folder)
        assert names(index, folder)["cat.txt"] == text


def test_what_moved_is_kept_and_not_embedded_again(index: Index, folder: Path) -> None:
    index.sync(folder)
    before = {c.row.chunk.id for c in index.candidates("dog", 10)}
    (folder / "sub").rename(folder / "kennel")
    (folder / "kennel/dog.txt").rename(folder / "kennel/hound.txt")
    done = index.sync(folder)
    assert did(done, folder) == {"moved": ["sub/dog.txt > kennel/hound.txt"]}
    assert names(index, folder) == {"cat.txt": CAT, "kennel/hound.txt": DOG}
    assert embedded(index) == 2
    assert {c.row.chunk.id for c in index.candidates("dog", 10)} == before
    moved = index.stored(done.moved[0].document_id)
    assert moved.id == document_id((folder / "sub/dog.txt").as_posix())
    assert moved.title == "hound"  # the file's name was its title, and its words are found
    assert {c.row.uri for c in index.candidates("hound", 9) if c.lexical > 0} == {moved.uri}


def test_another_file_where_one_has_moved_away(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "cat.txt").rename(folder / "old.txt")
    write(folder / "cat.txt", OWL)
    assert did(index.sync(folder), folder) == {"added": ["old.txt"], "replaced": ["cat.txt"]}
    assert names(index, folder) == {"cat.txt": OWL, "old.txt": CAT, "sub/dog.txt": DOG}
    assert embedded(index) == 3
    assert index.find((folder / "cat.txt").as_posix()) != document_id(
        (folder / "cat.txt").as_posix()
    )
    assert did(index.sync(folder), folder) == {}


def test_files_that_swapped_names(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "cat.txt").rename(folder / "third")
    (folder / "sub/dog.txt").rename(folder / "cat.txt")
    (folder / "third").rename(folder / "sub/dog.txt")
    index.sync(folder)
    assert names(index, folder) == {"cat.txt": DOG, "sub/dog.txt": CAT}


def test_the_same_content_twice_is_stored_once(index: Index, folder: Path) -> None:
    write(folder / "copy.txt", CAT)
    assert did(index.sync(folder), folder) == {"added": ["cat.txt", "copy.txt", "sub/dog.txt"]}
    assert (index.counts().documents, embedded(index)) == (2, 2)
    (folder / "cat.txt").unlink()
    assert did(index.sync(folder), folder) == {"removed": ["cat.txt"]}
    assert names(index, folder) == {"copy.txt": CAT, "sub/dog.txt": DOG}


def test_a_file_that_cannot_be_read_any_more_keeps_what_is_stored(
    index: Index, folder: Path
) -> None:
    index.sync(folder)
    (folder / "cat.txt").write_bytes(b"\0\1\2\3" * 99)
    for _ in range(2):  # the second time without reading it again
        done = index.sync(folder)
        assert did(done, folder) == {"failed": ["cat.txt"]}
        assert done.errors[0][1].endswith("; what is stored of it is kept")
        assert names(index, folder)["cat.txt"] == CAT
    write(folder / "cat.txt", OWL)
    assert did(index.sync(folder), folder) == {"replaced": ["cat.txt"]}
    write(folder / "cat.txt", "")
    assert did(index.sync(folder), folder) == {"removed": ["cat.txt"], "skipped": ["cat.txt"]}


def test_kinds_that_are_not_read_are_skipped(index: Index, folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG")
    for _ in range(2):
        assert did(index.sync(folder), folder).get("skipped") == ["picture.png"]


def test_what_is_ignored_later_is_removed(index: Index, folder: Path) -> None:
    index.sync(folder)
    write(folder / "sub/.footnoteignore", "*.txt\n")
    assert did(index.sync(folder), folder) == {"removed": ["sub/dog.txt"]}


def test_two_folders_leave_each_others_documents_alone(
    index: Index, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    write(other / "owl.txt", OWL)
    write(other / "cat.txt", CAT)
    index.sync(folder)
    index.sync(other)
    assert did(index.sync(folder), folder) == {}
    (other / "cat.txt").unlink()
    assert did(index.sync(other), other) == {"removed": ["cat.txt"]}
    assert names(index, folder)["cat.txt"] == CAT
    inner = folder / "sub"
    index.sync(inner)
    write(folder / ".footnoteignore", "sub\n")
    assert did(index.sync(folder), folder) == {}  # the other sync still wants it
    assert names(index, folder)["sub/dog.txt"] == DOG


def test_one_folder_under_several_spellings(
    index: Index, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    index.sync(Path("folder"))
    assert {d.uri for d in index.documents()} == {"folder/cat.txt", "folder/sub/dog.txt"}
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    for spelling in (folder, link, Path("folder/sub/..")):
        assert did(index.sync(spelling), spelling) == {}
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "folder/owl.txt", OWL)
    monkeypatch.chdir(elsewhere)
    index.sync(Path("folder"))
    assert index.find(f"{elsewhere.as_posix()}/folder/owl.txt")
    assert index.counts().documents == 3


def test_what_was_added_by_hand_is_taken_over(index: Index, folder: Path) -> None:
    from index.load.documents import load

    list(index.add([load(folder / "cat.txt")]))
    done = index.sync(folder)
    assert (did(done, folder), done.unchanged) == ({"added": ["sub/dog.txt"]}, 1)
    index.remove((folder / "cat.txt").as_posix())
    assert did(index.sync(folder), folder) == {"added": ["cat.txt"]}


def test_a_vanished_folder_empties_nothing(index: Index, folder: Path) -> None:
    index.sync(folder)
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(UnreadableFile, match="not there or cannot be reached"):
        index.sync(folder)
    folder.mkdir()  # the mount point of a drive that is not mounted
    with pytest.raises(UnreadableFile, match="from which 2 documents came"):
        index.sync(folder)
    assert index.counts().documents == 2
    folder.rmdir()
    away.rename(folder)
    assert did(index.sync(folder), folder) == {}
    (folder / "cat.txt").unlink()
    (folder / "sub/dog.txt").unlink()
    done = index.sync(folder, allow_empty=True)
    assert did(done, folder) == {"removed": ["cat.txt", "sub/dog.txt"]}
    assert index.counts().documents == 0


def test_files_still_being_written_are_left_for_the_next_time(index: Index, folder: Path) -> None:
    done = index.sync(folder, settled=60)
    assert (done.waiting, done.changed) == (2, False)
    assert len(index.sync(folder).documents) == 2
    write(folder / "cat.txt", OWL)
    assert index.sync(folder, settled=60).waiting == 2
    assert names(index, folder)["cat.txt"] == CAT


def test_names_that_are_not_utf_8_are_told(index: Index, folder: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/b\xff.txt")).write_text(CAT, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    done = index.sync(folder)
    assert len(done.documents) == 2
    assert "its name is not valid UTF-8" in done.errors[0][1]


def test_an_archive_is_kept_in_step_member_by_member(index: Index, folder: Path) -> None:
    path = folder / "a.zip"
    pack(path, {"x.txt": "Xenon is a gas.", "y.txt": "Yarrow.", "in/cat.txt": CAT, "z.png": "\x89"})
    done = index.sync(folder)
    assert did(done, folder) == {
        "added": ["a.zip!/x.txt", "a.zip!/y.txt", "a.zip!/in/cat.txt", "cat.txt", "sub/dog.txt"],
        "skipped": ["a.zip!/z.png"],
    }
    assert embedded(index) == 4  # the cat is one document with two names
    time.sleep(0.05)
    for full in (True, False):
        again = index.sync(folder, full=full)
        assert (again.changed, again.unchanged, len(again.skipped)) == (False, 5, 1)
    assert again.hashed == 0
    pack(path, {"x.txt": "Xenon glows.", "w.txt": "Walnut."})
    assert did(index.sync(folder), folder) == {
        "added": ["a.zip!/w.txt"],
        "replaced": ["a.zip!/x.txt"],
        "removed": ["a.zip!/in/cat.txt", "a.zip!/y.txt"],
    }
    assert names(index, folder)["cat.txt"] == CAT
    index.remove(f"{folder.as_posix()}/a.zip!/w.txt")
    assert did(index.sync(folder), folder) == {"added": ["a.zip!/w.txt"]}
    path.write_bytes(b"PK torn")
    for _ in range(2):
        assert did(index.sync(folder), folder) == {"failed": ["a.zip"]}
    assert names(index, folder)["a.zip!/x.txt"] == "Xenon glows."
    path.unlink()
    assert did(index.sync(folder), folder) == {"removed": ["a.zip!/w.txt", "a.zip!/x.txt"]}


def test_what_another_version_read_is_read_anew(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But embedded anew only where something else is read."""
    monkeypatch.setattr("index.versions._READING", {})
    write(folder / "copy.txt", CAT)
    write(folder / "page.html", f"<p>{OWL}</p>")
    write(folder / "later.new", "A kind of the future.")
    pack(folder / "a.zip", {"x.txt": "Xenon is a gas.", "y.html": "<p>Yarrow is a herb.</p>"})
    before = index.sync(folder)
    time.sleep(0.05)
    index.sync(folder, full=True)
    ids = {stored.uri: stored.id for stored in index.documents(0, -1)}
    assert (index.sync(folder).hashed, embedded(index), index.advice()) == (0, 5, [])

    monkeypatch.setattr("index.versions._READING", {"text/plain": 2})
    assert index.advice()[0].startswith("3 documents were read by another version")
    again = index.sync(folder)
    assert (again.changed, again.unchanged, again.hashed) == (False, 6, 4)
    assert (index.sync(folder).hashed, embedded(index), index.advice()) == (0, 5, [])

    monkeypatch.setattr("index.load.sources.document_of", shouting)
    monkeypatch.setattr("index.versions._READING", {"text/plain": 3, "text/html": 2})
    done = did(index.sync(folder), folder)
    assert sorted(done["replaced"]) == [
        "a.zip!/x.txt",
        "a.zip!/y.html",
        "cat.txt",
        "page.html",
        "sub/dog.txt",
    ]
    assert names(index, folder)["copy.txt"] == names(index, folder)["cat.txt"] == CAT.upper()
    assert {stored.uri: stored.id for stored in index.documents(0, -1)} == ids
    assert (index.sync(folder).hashed, embedded(index), index.advice()) == (0, 10, [])

    assert before.skipped[0][0].endswith("later.new")
    monkeypatch.setattr("index.versions.REFUSING", REFUSING + 1)
    assert (index.sync(folder).hashed, index.sync(folder).hashed) == (1, 0)


def test_what_is_empty_is_skipped_and_what_was_emptied_removed(index: Index, folder: Path) -> None:
    path = folder / "a.zip"
    pack(path, {"x.txt": "Xenon is a gas.", "none.txt": "", "blank.txt": " \n\t"})
    write(folder / "cat.txt", "\n \n")
    done = index.sync(folder)
    assert done.skipped == [
        (f"{folder.as_posix()}/{name}", f"{folder.as_posix()}/{name} is empty")
        for name in ("a.zip!/none.txt", "a.zip!/blank.txt", "cat.txt")
    ]
    assert did(done, folder)["added"] == ["a.zip!/x.txt", "sub/dog.txt"]
    time.sleep(0.05)
    for full in (True, False):
        again = index.sync(folder, full=full)
        assert (again.changed, again.errors, sorted(again.skipped)) == (
            False,
            [],
            sorted(done.skipped),
        )
    assert again.hashed == 0
    pack(path, {"x.txt": "", "none.txt": "Now it says."})
    write(folder / "sub/dog.txt", " ")
    assert did(index.sync(folder), folder) == {
        "added": ["a.zip!/none.txt"],
        "removed": ["a.zip!/x.txt", "sub/dog.txt"],
        "skipped": ["cat.txt", "a.zip!/x.txt", "sub/dog.txt"],
    }
    assert names(index, folder) == {"a.zip!/none.txt": "Now it says."}


def test_what_moves_into_an_archive_and_out_of_it_is_not_embedded_again(
    index: Index, folder: Path
) -> None:
    index.sync(folder)
    pack(folder / "a.zip", {"cat.txt": CAT, "owl.txt": OWL})
    (folder / "cat.txt").unlink()
    assert did(index.sync(folder), folder) == {
        "added": ["a.zip!/cat.txt", "a.zip!/owl.txt"],
        "removed": ["cat.txt"],
    }
    (folder / "a.zip").rename(folder / "b.zip")
    index.sync(folder)
    assert names(index, folder) == {
        "b.zip!/cat.txt": CAT,
        "b.zip!/owl.txt": OWL,
        "sub/dog.txt": DOG,
    }
    (folder / "b.zip").unlink()
    write(folder / "owl.txt", OWL)
    assert did(index.sync(folder), folder) == {
        "moved": ["b.zip!/owl.txt > owl.txt"],
        "removed": ["b.zip!/cat.txt"],
    }
    assert embedded(index) == 3


def test_a_file_that_has_just_moved_keeps_its_document(index: Index, folder: Path) -> None:
    time.sleep(0.05)
    index.sync(folder)
    (folder / "cat.txt").rename(folder / "tom.txt")
    waiting = index.sync(folder, settled=60)
    assert (waiting.waiting, waiting.changed) == (2, False)
    (folder / "sub/dog.txt").unlink()
    assert did(index.sync(folder, settled=60), folder) == {"removed": ["sub/dog.txt"]}
    assert did(index.sync(folder), folder) == {"moved": ["cat.txt > tom.txt"]}


def test_any_order_of_changes_ends_in_step(index: Index, folder: Path) -> None:
    """Files come, change, move, are copied and go at random; the store always follows."""
    chance = random.Random(7)
    texts = [f"Text number {n} of the lot." for n in range(8)]
    for _ in range(15):
        for _ in range(chance.randint(1, 4)):
            files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
            target = folder / chance.choice(["", "x", "y/z"]) / f"{chance.randint(0, 5)}.txt"
            action = chance.choice(["write", "write", "move", "copy", "remove"])
            if action == "write" or not files:
                write(target, chance.choice(texts))
            elif action == "remove" and len(files) > 1:
                chance.choice(files).unlink()
            else:
                source = chance.choice(files)
                write(target, source.read_text(encoding="utf-8"))
                if action == "move" and source != target:
                    source.unlink()
        index.sync(folder)
        there = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in folder.rglob("*.txt")
        }
        assert names(index, folder) == there
        assert index.counts().documents == len(set(there.values()))
    assert index.check() == []


SYNCING = """
import sys
from pathlib import Path
from index.text.chunk import Chunking
from index.index import Index
from index.sqlite.store import SqliteStore
from index.load.documents import document_of
from index.load.parse import Parsed
from support import WordEmbedder

index = Index(SqliteStore(Path(sys.argv[1])), WordEmbedder(), Chunking(64, 0))
folder = Path(sys.argv[2])
texts = [f"Text number {n} has words. " * 20 for n in range(9)]
for round in range(10_000):
    for n in range(9):
        (folder / f"{(n + round) % 12}.txt").write_text(texts[n] + str(round % 3), "utf-8")
    (folder / f"{round % 12}.txt").unlink()
    index.sync(folder, progress=lambda told: print(repr(told)[:80], flush=True))
"""


@pytest.mark.parametrize("lines", [3, 20, 61])
def test_killed_during_a_sync_nothing_is_half_done(tmp_path: Path, lines: int) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    tests = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", SYNCING, str(tmp_path / "store"), str(folder)],
        stdout=subprocess.PIPE,
        cwd=tests.parent,
        env={"PYTHONPATH": f"{tests.parent}:{tests}", "PATH": ""},
    )
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    index = Index(SqliteStore(tmp_path / "store", create=False), WordEmbedder(), Chunking(64, 0))
    assert index.check() == []
    index.sync(folder)
    assert index.check() == []
    files = [path for path in folder.iterdir() if path.stat().st_size]  # one may be cut short
    there = {path.name: path.read_text(encoding="utf-8").strip() for path in files}
    assert {name: text.strip() for name, text in names(index, folder).items()} == there
    index.close()


def test_files_that_are_attached_come_and_go_with_their_letter(index: Index, folder: Path) -> None:
    write(folder / "a.eml", LETTER)
    attached = ["a.eml", "a.eml!/owl.txt", "cat.txt", "sub/dog.txt"]
    assert did(index.sync(folder), folder)["added"] == attached
    assert did(index.sync(folder), folder) == {}
    (folder / "a.eml").rename(folder / "b.eml")
    index.sync(folder)
    assert sorted(names(index, folder)) == ["b.eml", "b.eml!/owl.txt", "cat.txt", "sub/dog.txt"]
    assert did(index.sync(folder), folder) == {}
    (folder / "b.eml").unlink()
    assert did(index.sync(folder), folder) == {"removed": ["b.eml", "b.eml!/owl.txt"]}
