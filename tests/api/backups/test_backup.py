"""A backup holds all of a store, as it was at one instant, or is none."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document

from api.access.keys import Keys
from api.access.role import Role
from api.backups import whole
from api.backups.backup import make_backup
from api.backups.restore import restore
from api.uploads.folder_jobs import FolderJobs
from api.uploads.jobs import Upload
from index.document import Document
from index.errors import InvalidSetting, StoreBusy, StoreMismatch, StoreUnusable
from index.index import Index
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.settings import Settings


def untold(done: int, total: int) -> None: ...


def of_file(document: Document, data: bytes) -> Document:
    """`document` as if it had been read of a file that holds `data`."""
    return replace(document, sha256=hashlib.sha256(data).hexdigest(), original=data)


def opened(folder: Path) -> Index:
    return Index(SqliteStore(folder), WordEmbedder(), Chunking())


def uris(folder: Path) -> list[str]:
    with closing(SqliteStore(folder, create=False)) as store, store.read() as snapshot:
        return [each.uri for each in snapshot.documents(0, -1)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with all that one can hold."""
    folder = tmp_path / "store"
    index = opened(folder)
    files = [of_file(CAT, b"the file of the cat"), of_file(DOG, b"the file of the dog")]
    list(index.add([*files, OWL], collection="pets"))
    with index.store.write() as writer:
        writer.set_setting("tone", "dry")
        writer.collections.feed("pets", "docs/")
    index.close()
    FolderJobs(folder).submit([Upload("new.txt", io.BytesIO(b"An upload that waits."))])
    Keys(folder).create("ada", Role.READER)
    (folder / "feedback.jsonl").write_text('{"id": "1"}\n{"id":', encoding="utf-8")
    return folder


def test_what_is_restored_is_what_was_backed_up(folder: Path, tmp_path: Path) -> None:
    written = Keys(folder).create("bob", Role.EDITOR)[1]
    made = make_backup(Settings(store=folder), tmp_path / "backup", untold)
    assert (made.manifest.documents, made.problems) == (3, [])
    other = tmp_path / "other"
    restored = restore(Settings(store=other), tmp_path / "backup", False, untold)
    assert restored.problems == []
    before, after = opened(folder), opened(other)
    assert after.documents() == before.documents()
    assert after.original(CAT.id).read() == b"the file of the cat"
    assert found(after, "cat mat")[0] == "cat.txt"
    with before.store.read() as old, after.store.read() as new:
        assert new.settings() == old.settings() == {"tone": "dry"}
        assert new.collections.all() == old.collections.all()
        assert [each.copied(CAT.id).vectors.tobytes() for each in (old, new)] == [
            before.embedder.passages(["Cat\nThe cat sat on the mat."])[0].tobytes()
        ] * 2
    assert FolderJobs(other).jobs() == FolderJobs(folder).jobs()
    task = FolderJobs(other).take()
    assert task is not None
    assert (task.uri, task.read()) == ("new.txt", b"An upload that waits.")
    key = Keys(other).opened_by(written)
    assert key is not None
    assert key.name == "bob"
    assert (other / "keys.sqlite3").stat().st_mode & 0o777 == 0o600
    assert (other / "feedback.jsonl").read_text(encoding="utf-8") == '{"id": "1"}\n'
    before.close()
    after.close()


def test_a_backup_that_is_made_while_others_write_is_of_one_state(
    folder: Path, tmp_path: Path
) -> None:
    index = opened(folder)
    told: list[int] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            data = f"File {number} of many.".encode()
            document = make_document(f"{number}.txt", data.decode())
            list(index.add([of_file(document, data)]))
            told.append(number)
            number += 1
            if number % 3 == 0:
                index.remove(f"{number - 2}.txt")

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for turn in range(3):
            while len(told) < 5 * (turn + 1):
                time.sleep(0.01)
            certain = told[-1]
            make_backup(Settings(store=folder), tmp_path / str(turn), untold)
            restored = restore(
                Settings(store=tmp_path / f"of {turn}"), tmp_path / str(turn), False, untold
            )
            assert restored.problems == []  # its originals are those of its documents
            numbers = [int(uri[:-4]) for uri in uris(tmp_path / f"of {turn}") if uri[0].isdigit()]
            last = max(numbers)
            assert last >= certain
            missing = set(range(last)) - set(numbers)
            assert missing <= {number for number in range(last) if number % 3 == 1}
    finally:
        stop.set()
        writing.join()
    index.close()


def test_the_target_must_be_new_and_elsewhere(folder: Path, tmp_path: Path) -> None:
    settings = Settings(store=folder)
    (tmp_path / "there").mkdir()
    make_backup(settings, tmp_path / "there", untold)  # it is empty
    with pytest.raises(InvalidSetting, match=r"is there already; name a new folder, such as"):
        make_backup(settings, tmp_path / "there", untold)
    with pytest.raises(InvalidSetting, match="is in the store's folder"):
        make_backup(settings, folder / "backup", untold)
    with pytest.raises(InvalidSetting, match="pg_dump backs up a database"):
        make_backup(Settings(store="postgresql://db/x"), tmp_path / "new", untold)  # type: ignore[arg-type]


def test_a_store_that_is_damaged_makes_no_backup(folder: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.execute("UPDATE chunks SET text = 'otherwise' WHERE document_id = ?", (CAT.id,))
        db.commit()
    with pytest.raises(StoreUnusable, match=r"is not sound .*, and so no backup is made"):
        make_backup(Settings(store=folder), tmp_path / "backup", untold)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_originals_that_are_lost_are_named_and_the_rest_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    cat, dog = (hashlib.sha256(b"the file of the " + each).hexdigest() for each in (b"cat", b"dog"))
    (folder / "originals" / cat[:2] / cat).unlink()
    (folder / "originals" / dog[:2] / dog).write_bytes(b"the file of the god")
    made = make_backup(Settings(store=folder), tmp_path / "backup", untold)
    assert sorted(line.partition("' is ")[2] for line in made.problems) == [
        "damaged; it is not copied",
        "lost (No such file or directory); it is not copied",
    ]
    restored = restore(Settings(store=tmp_path / "other"), tmp_path / "backup", False, untold)
    assert len(restored.problems) == 2
    assert all("is lost; remove its document" in line for line in restored.problems)


# --- restoring ---


def test_a_store_that_holds_documents_is_only_replaced_when_told(
    folder: Path, tmp_path: Path
) -> None:
    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    index = opened(folder)
    list(index.add([of_file(make_document("later.txt", "Added later."), b"later")]))
    FolderJobs(folder).submit([Upload("also later.txt", io.BytesIO(b"This is not to be added."))])
    written = Keys(folder).create("carol", Role.EDITOR)[1]
    assert found(index, "added later")[0] == "later.txt"
    with pytest.raises(StoreMismatch, match=r"holds 4 documents; name another .* --replace"):
        restore(Settings(store=folder), tmp_path / "backup", False, untold)
    restored = restore(Settings(store=folder), tmp_path / "backup", True, untold)
    assert restored.problems == []
    assert uris(folder) == ["cat.txt", "dog.txt", "owl.txt"]
    # Who had it open goes on with what there is now, and so does what is added.
    assert sorted(found(index, "added later")) == ["cat.txt", "dog.txt", "owl.txt"]
    list(index.add([make_document("last.txt", "Added last.")]))
    assert found(index, "added last")[0] == "last.txt"
    assert index.check() == []
    assert len(list((folder / "originals").glob("*/*"))) == 2
    assert [each.documents[0].uri for each in FolderJobs(folder).jobs()] == ["new.txt"]
    assert Keys(folder).opened_by(written) is not None  # who was let in since still is
    index.close()


def test_an_empty_store_is_filled(folder: Path, tmp_path: Path) -> None:
    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    empty = opened(tmp_path / "empty")
    restore(Settings(store=tmp_path / "empty"), tmp_path / "backup", False, untold)
    assert found(empty, "cat mat")[0] == "cat.txt"
    empty.close()


@pytest.mark.parametrize("place", [0, 30_000, 200_000])
def test_a_damaged_store_is_replaced(folder: Path, tmp_path: Path, place: int) -> None:
    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek(place)
        file.write(b"no such thing " * 2000)
    if place == 0:
        with pytest.raises(StoreMismatch, match=r"is not a Footnote store .* with --replace"):
            restore(Settings(store=folder), tmp_path / "backup", False, untold)
    restored = restore(Settings(store=folder), tmp_path / "backup", True, untold)
    assert restored.problems == []
    assert uris(folder) == ["cat.txt", "dog.txt", "owl.txt"]


def test_a_database_of_another_program_is_never_replaced(folder: Path, tmp_path: Path) -> None:
    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    (tmp_path / "other").mkdir()
    with closing(sqlite3.connect(tmp_path / "other" / FILE_NAME)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreMismatch, match="is a database of another program"):
        restore(Settings(store=tmp_path / "other"), tmp_path / "backup", True, untold)
    with closing(sqlite3.connect(tmp_path / "other" / FILE_NAME)) as db:
        assert db.execute("SELECT count(*) FROM recipes").fetchone() == (0,)


def test_a_damaged_backup_changes_nothing(folder: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make_backup(Settings(store=folder), backup, untold)
    with (backup / FILE_NAME).open("r+b") as file:
        file.seek(100_000)
        file.write(b"no such thing")
    with pytest.raises(StoreUnusable, match=r"is damaged: it is not as it was made"):
        restore(Settings(store=tmp_path / "other"), backup, False, untold)
    assert not (tmp_path / "other").exists()
    (backup / "backup.json").unlink()
    with pytest.raises(StoreMismatch, match=r"is no backup: it has no backup.json"):
        restore(Settings(store=tmp_path / "other"), backup, False, untold)


def test_a_backup_of_a_later_format_is_refused(folder: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make_backup(Settings(store=folder), backup, untold)
    told = json.loads((backup / "backup.json").read_text(encoding="utf-8"))
    told |= {"format": 99, "footnote": "9.1"}
    (backup / "backup.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(StoreMismatch, match=r"has store format 99, .* use Footnote 9.1"):
        restore(Settings(store=tmp_path / "other"), backup, False, untold)


def test_nothing_is_restored_while_uploads_are_added(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    from api.uploads import copying

    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    monkeypatch.setattr(copying, "_PATIENCE_SECONDS", 0.1)
    with (
        FileLock(folder / "jobs.lock", is_singleton=False),
        pytest.raises(StoreBusy, match="uploads are being added to the store"),
    ):
        restore(Settings(store=folder), tmp_path / "backup", True, untold)


# --- killed ---

_CHILD = """
import sys
from pathlib import Path
from api.backups.backup import make_backup
from api.backups.restore import restore
from index.sqlite import backup
from rag.settings import Settings

backup._PAGES = 1  # as of a large store
settings, place = Settings(store=Path(sys.argv[2])), Path(sys.argv[3])
print("ready", flush=True)
if sys.argv[1] == "backup":
    make_backup(settings, place, lambda done, total: None)
else:
    restore(settings, place, True, lambda done, total: None)
"""


def killed(what: str, store: Path, place: Path, after: float) -> bool:
    """Whether a backup or restore was killed before its end, so many seconds after its start."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, what, str(store), str(place)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    time.sleep(after)
    child.kill()
    code = child.wait()
    child.stdout.close()
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_a_backup_that_is_killed_is_none(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    began = time.monotonic()
    make_backup(Settings(store=folder), tmp_path / "first", untold)
    usual = time.monotonic() - began
    kills = 0
    for _ in range(8):
        kills += killed("backup", folder, target, random.uniform(0, usual))
        if target.exists():  # then it is whole
            other = tmp_path / "other"
            assert restore(Settings(store=other), target, False, untold).problems == []
            assert uris(other) == uris(folder)
            shutil.rmtree(other)
            shutil.rmtree(target)
        assert opened(folder).check() == []
    assert kills
    make_backup(Settings(store=folder), target, untold)
    left = {path.name for path in tmp_path.iterdir()} - {"store", "first", "backup"}
    young = {name for name in left if not (tmp_path / name / whole.LOCK).exists()}
    assert left == young  # those that were killed in the instant before their first file


def test_a_restore_that_is_killed_changes_nothing_or_all(folder: Path, tmp_path: Path) -> None:
    index = opened(folder)
    list(index.add(of_file(make_document(f"{n}.txt", f"Number {n}."), b"%d" % n) for n in range(9)))
    index.close()
    make_backup(Settings(store=folder), tmp_path / "backup", untold)
    after = uris(folder)
    target = tmp_path / "target"
    kills = 0
    for turn in range(8):
        shutil.rmtree(target, ignore_errors=True)
        is_first = turn % 2 == 0
        if not is_first:
            held = opened(target)
            list(held.add([of_file(make_document("old.txt", "Old."), b"old")]))
            held.close()
        kills += killed("restore", target, tmp_path / "backup", random.uniform(0, 0.3))
        if is_first and not (target / FILE_NAME).exists():
            continue
        assert uris(target) in ([["old.txt"], after] if not is_first else [after])
        problems = opened(target).check()  # originals of the other state may be over
        assert [line for line in problems if "belongs to no document" not in line] == []
        restored = restore(Settings(store=target), tmp_path / "backup", True, untold)
        assert restored.problems == []
        assert uris(target) == after
    assert kills


def test_what_a_process_left_that_was_killed_goes_with_the_next_backup(tmp_path: Path) -> None:
    left, busy = tmp_path / "backup.abc.part", tmp_path / "backup.xyz.part"
    for each in (left, busy):
        each.mkdir()
        (each / whole.LOCK).touch()
        (each / "file").touch()
    from filelock import FileLock

    with FileLock(busy / whole.LOCK, is_singleton=False), whole.whole(tmp_path / "backup") as part:
        (part / "file").write_bytes(b"all")
        assert not (tmp_path / "backup").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", busy.name]
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["file"]
    with pytest.raises(RuntimeError), whole.whole(tmp_path / "again"):
        raise RuntimeError
    assert not list(tmp_path.glob("again*"))
