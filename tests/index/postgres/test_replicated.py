"""Questions at a real streaming replica, which lags as far as a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support import CAT, DOG, OWL, WordEmbedder, found
from support_postgres import EmptyStore, catch_up, new_database, replica, run, stand_still

from index.errors import InvalidSetting, StoreMismatch
from index.generations import CURRENT, Generations
from index.index import Index
from index.postgres import replicated
from index.postgres.address import Address
from index.postgres.replicated import ReplicatedStore
from index.postgres.store import PostgresStore
from index.text.chunk import Chunking
from rag.open_index import open_index
from rag.settings import Settings, read_settings


@pytest.fixture
def primary() -> Iterator[EmptyStore]:
    store = EmptyStore()
    yield store
    store.close()


@pytest.fixture
def copy(primary: EmptyStore) -> Iterator[Address]:
    """The replica's address, which is as the primary is."""
    address = replica(primary.address)
    catch_up()
    yield address
    catch_up()


@pytest.fixture
def index(primary: EmptyStore, copy: Address) -> Iterator[Index]:
    index = Index(ReplicatedStore(primary, copy), WordEmbedder(), Chunking())
    yield index
    index.store._opened.close()  # type: ignore[attr-defined]


@contextmanager
def request(at_least: int = 0, *, may_lag: bool = True) -> Iterator[Generations]:
    current = Generations(at_least, may_lag)
    token = CURRENT.set(current)
    try:
        yield current
    finally:
        CURRENT.reset(token)


def test_questions_are_asked_of_the_replica_and_nothing_else(
    index: Index, primary: EmptyStore, copy: Address
) -> None:
    list(index.add([CAT]))
    catch_up()
    stand_still()
    with request(may_lag=False) as adding:
        list(index.add([DOG]))
        assert found(index, "dog park") == ["dog.txt", "cat.txt"]
    assert found(index, "dog park") == ["dog.txt", "cat.txt"]  # the command line, a worker
    with request() as asking:
        assert found(index, "dog park") == ["cat.txt"]
        assert [each.uri for each in index.documents()] == ["cat.txt"]
    assert adding.told is not None
    assert asking.told == adding.told - 1


def test_who_has_written_reads_what_it_wrote(
    index: Index, primary: EmptyStore, copy: Address
) -> None:
    stand_still()
    with request(may_lag=False) as adding:
        list(index.add([CAT]))
    assert adding.told
    with request(adding.told) as asking:
        assert found(index, "cat") == ["cat.txt"]
    assert asking.told == adding.told
    catch_up()
    stand_still()
    list(index.add([DOG]))
    with request(adding.told) as asking:  # which the replica has by now
        assert found(index, "cat") == ["cat.txt"]
    assert asking.told == adding.told


def test_a_request_reads_nothing_older_than_it_has_read(
    index: Index, primary: EmptyStore, copy: Address
) -> None:
    stand_still()
    list(index.add([CAT]))
    with request() as asking:
        with primary.read() as snapshot:
            first = snapshot.generation()
        assert found(index, "cat") == ["cat.txt"]
    assert asking.told == first


def test_a_replica_that_is_gone_costs_no_answer(
    primary: EmptyStore, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Address(primary.address.url.replace("//postgres:@", "//postgres:s3cret@") + "/nowhere")
    index = Index(ReplicatedStore(primary, gone), WordEmbedder(), Chunking())
    list(index.add([CAT]))
    with request():
        assert found(index, "cat") == ["cat.txt"]
    assert caplog.text.count("questions are asked of the primary") == 1
    assert "s3cret" not in caplog.text


def test_a_replica_that_ends_is_left_and_taken_up_again(
    index: Index, primary: EmptyStore, copy: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicated, "_AGAIN_SECONDS", 0.0)
    list(index.add([CAT]))
    catch_up()
    (name,) = copy.url.partition("?")[0].rsplit("/", 1)[1:]
    with request():
        assert found(index, "cat") == ["cat.txt"]
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND pid <> pg_backend_pid()",
            copy.url,
        )
        assert found(index, "cat") == ["cat.txt"]


def test_a_replica_of_another_store_is_refused(primary: EmptyStore) -> None:
    other = PostgresStore(new_database())
    with pytest.raises(StoreMismatch, match=r"store_replica is .* holds another store") as caught:
        ReplicatedStore(primary, other.address)
    assert "postgres:@" not in str(caught.value)
    other.close()


def test_wrong_settings_are_told_in_a_line(tmp_path: object) -> None:
    with pytest.raises(InvalidSetting, match=r"store_replica is .* name the address") as caught:
        read_settings({"store_replica": "mysql://ann:s3cret@h/d"})
    assert "s3cret" not in str(caught.value)
    shown = Address("postgresql://ann:s3cret@h/d")
    with pytest.raises(InvalidSetting, match="is a folder; name its database") as caught:
        open_index(Settings(store=tmp_path, store_replica=shown))  # type: ignore[arg-type]
    assert "s3cret" not in str(caught.value)


def test_a_store_without_a_replica_tells_generations_too(primary: EmptyStore) -> None:
    index = Index(primary, WordEmbedder(), Chunking())
    with request(may_lag=False) as adding:
        list(index.add([OWL]))
    with request(9_999) as asking:  # of another store: answered as well as can be
        assert found(index, "owl") == ["owl.txt"]
    assert asking.told == adding.told
