"""Keys: what is kept of them, and which of them open anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support_postgres import EmptyStore, new_database, run

from api.access.key import expiry, read_id
from api.access.key_file import FILE_NAME, KeyFile
from api.access.key_table import Kept
from api.access.keys import Keys
from api.access.role import Role
from api.access.roles import Table
from index.errors import InvalidKey, StoreUnusable, UnknownKey

Open = Callable[[], Keys]


@pytest.fixture(params=["folder", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the keys of one store, as another process would."""
    if request.param == "folder":
        yield lambda: Keys(tmp_path / "store")
        return
    store = EmptyStore()
    yield lambda: Keys(store.address)
    store.close()


@pytest.fixture
def keys(opened: Open) -> Keys:
    return opened()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Of the keys of a folder."""
    return tmp_path / "store" / FILE_NAME


def test_a_key_opens_and_its_secret_is_nowhere_kept(file: Path) -> None:
    keys = Keys(file.parent)
    assert not keys.any_made()
    made, written = keys.create("ada", Role.READER, ["hr", "board", "hr"])
    assert keys.any_made()
    assert keys.opened_by(written) == made
    assert (made.name, made.role, made.collections) == ("ada", Role.READER, ("board", "hr"))
    assert (made.state, made.expires_at) == ("valid", None)
    assert file.stat().st_mode & 0o777 == 0o600
    secret = written.rpartition(made.id)[2].strip("_")
    assert len(secret) >= 42
    assert secret.encode() not in file.read_bytes()
    assert b"$argon2id$" in file.read_bytes()


def test_what_is_not_a_key_opens_nothing(keys: Keys) -> None:
    assert keys.opened_by("fnk_000000000000_" + "x" * 43) is None
    _, written = keys.create("ada", Role.ADMIN)
    other, _ = keys.create("bob", Role.READER)
    last = "A" if written[-1] != "A" else "B"
    for wrong in ("", "x", written[:-1] + last, written + "A", written.replace("fnk", "key")):
        assert keys.opened_by(wrong) is None
    key_id = read_id(written)
    assert key_id
    assert keys.opened_by(written.replace(key_id, other.id)) is None  # another's secret
    assert keys.opened_by(written.upper()) is None


def test_a_revoked_key_opens_nothing_though_it_was_used_just_now(keys: Keys, opened: Open) -> None:
    made, written = keys.create("ada", Role.READER)
    assert keys.opened_by(written) == made
    assert opened().revoke("ada").state == "revoked"  # by another process
    assert keys.opened_by(written) is None
    assert keys.any_made()  # a store whose keys are all revoked is not open to everyone
    with pytest.raises(UnknownKey, match="'ada'"):
        keys.revoke("ada")
    again, anew = keys.create("ada", Role.EDITOR)
    assert again.id != made.id
    assert keys.opened_by(anew) == again
    assert keys.opened_by(written) is None


def test_a_rotated_key_opens_what_it_opened_with_its_new_secret_alone(keys: Keys) -> None:
    made, old = keys.create("ada", Role.READER, ["hr"])
    assert keys.opened_by(old)
    rotated, new = keys.rotate(made.id, "2999-01-01T00:00:00Z")
    assert (rotated.id, rotated.collections) == (made.id, ("hr",))
    assert rotated.expires_at == "2999-01-01T00:00:00Z"
    assert keys.opened_by(old) is None
    assert keys.opened_by(new) == rotated
    assert keys.rotate("ada")[0].expires_at == "2999-01-01T00:00:00Z"


def test_an_expired_key_opens_nothing(keys: Keys) -> None:
    _, written = keys.create("ada", Role.READER, expires_at="2020-01-01T00:00:00Z")
    assert keys.opened_by(written) is None
    assert [each.state for each in keys.all()] == ["expired"]
    rotated, new = keys.rotate("ada", "2999-01-01T00:00:00Z")
    assert keys.opened_by(new) == rotated


def test_keys_that_cannot_be_made(keys: Keys) -> None:
    keys.create("ada", Role.READER)
    with pytest.raises(InvalidKey, match="'ada' already"):
        keys.create("ada", Role.ADMIN)
    for role in (Role.EDITOR, Role.ADMIN):
        with pytest.raises(InvalidKey, match="--collection"):
            keys.create("bob", role, ["hr"])
    for name in ("", " ada", "a\nb", "x" * 101, "-x"):
        with pytest.raises(InvalidKey, match="cannot be called"):
            keys.create(name, Role.READER)
    assert [each.name for each in keys.all()] == ["ada"]


def test_a_damaged_file_lets_nobody_in(file: Path) -> None:
    keys = Keys(file.parent)
    _, written = keys.create("ada", Role.ADMIN)
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnusable, match=FILE_NAME):
        keys.opened_by(written)


def test_a_hash_that_was_tampered_with_opens_nothing(file: Path) -> None:
    keys = Keys(file.parent)
    _, written = keys.create("ada", Role.ADMIN)
    with sqlite3.connect(file) as db:
        db.execute("UPDATE keys SET hash = 'plain'")
    db.close()
    assert keys.opened_by(written) is None


def test_an_empty_database_has_no_keys_and_stays_empty_until_one_is_made() -> None:
    address = new_database()
    keys = Keys(address)
    assert (keys.any_made(), keys.all(), keys.opened_by("fnk_000000000000_" + "x" * 43)) == (
        False,
        [],
        None,
    )
    assert run("SELECT to_regnamespace('footnote')", address.url) == [(None,)]
    made, written = keys.create("ada", Role.ADMIN)
    assert Keys(address).opened_by(written) == made
    ((held,),) = run("SELECT hash FROM footnote.keys", address.url)
    assert str(held).startswith("$argon2id$")
    assert str(held).find(written[-43:]) < 0


def test_keys_that_a_machine_kept_of_a_database_are_moved_there(file: Path) -> None:
    store = EmptyStore()
    _, here = Keys(store.address).create("ada", Role.READER)
    _, theirs = Keys(file.parent).create("ada", Role.ADMIN)
    bob, written = Keys(file.parent).create("bob", Role.READER, ["hr"])
    Keys(file.parent).revoke("bob")
    keys = Keys(store.address, file.parent)
    assert keys.any_made()
    roles = {
        key and (key.name.partition(" ")[0], key.role)
        for key in map(keys.opened_by, [here, theirs])
    }
    assert roles == {("ada", Role.READER), ("ada", Role.ADMIN)}
    assert keys.opened_by(written) is None
    assert [each.state for each in keys.all() if each.id == bob.id] == ["revoked"]
    assert not KeyFile(file.parent).any_made()
    keys.revoke("ada")
    again = Keys(store.address, file.parent)  # with nothing left to move
    assert len(again.all()) == 3
    assert again.opened_by(here) is None
    store.close()


def test_of_two_processes_that_move_keys_neither_fails(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmptyStore()
    _, written = Keys(file.parent).create("ada", Role.ADMIN)
    read = KeyFile.all

    def overtaken(self: KeyFile) -> list[Kept]:
        monkeypatch.undo()
        found = read(self)
        assert Keys(store.address, file.parent).any_made()  # the quicker one
        return found

    monkeypatch.setattr(KeyFile, "all", overtaken)
    keys = Keys(store.address, file.parent)
    assert keys.opened_by(written) is not None
    assert len(keys.all()) == 1
    store.close()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12h", "2027-01-01T12:00:00Z"),
        ("90d", "2027-04-01T00:00:00Z"),
        ("2w", "2027-01-15T00:00:00Z"),
        ("2027-01-31", "2027-02-01T00:00:00Z"),
        ("2027-01-31T12:00+02:00", "2027-01-31T10:00:00Z"),
        ("2027-01-31T12:00", "2027-01-31T12:00:00Z"),
    ],
)
def test_when_a_key_ends(text: str, moment: str) -> None:
    assert expiry(text, datetime(2027, 1, 1, tzinfo=UTC)) == moment


@pytest.mark.parametrize("text", ["", "tomorrow", "0d", "2020-01-01", "999999w", "-1d"])
def test_when_no_key_ends(text: str) -> None:
    with pytest.raises(InvalidKey, match="--expires"):
        expiry(text)


def test_what_no_row_names_is_an_admins() -> None:
    table = Table({"/a/{name}": {"GET": Role.READER}, "/b": {"GET": None}})
    assert table.needed("GET", "/a/x") is Role.READER
    assert table.needed("HEAD", "/a/x") is Role.READER
    assert table.needed("DELETE", "/a/x") is Role.ADMIN
    assert table.needed("GET", "/a/x/y") is Role.ADMIN
    assert table.needed("GET", "/b") is None
    assert table.needed("GET", "/b/") is Role.ADMIN
    assert not table.names("DELETE", "/a/x")
    ranks = [[one.covers(other) for other in Role] for one in Role]
    assert ranks == [[True, False, False], [True, True, False], [True, True, True]]
