"""What holds of the store in PostgreSQL beyond the suite of every store."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document
from support_postgres import EmptyStore, new_database, run

from index.errors import StoreBusy, StoreMismatch, StoreMissing, StoreUnusable
from index.filter import parse_filter
from index.index import Index
from index.postgres import connections, schema, vectors
from index.postgres.address import Address
from index.postgres.store import PostgresStore
from index.records import Listing
from index.text.chunk import Chunking

ROOT = Path(__file__).parents[3]


@pytest.fixture
def index() -> Iterator[Index]:
    opened = Index(EmptyStore(), WordEmbedder(), Chunking())
    yield opened
    opened.close()


def opened(address: Address, embedder: WordEmbedder | None = None, **options: bool) -> Index:
    return Index(PostgresStore(address, **options), embedder or WordEmbedder(), Chunking())


def name_of(address: Address) -> str:
    return address.url.partition("?")[0].rpartition("/")[2]


def as_role(address: Address, role: str, password: str = "") -> Address:
    return Address(address.url.replace("//postgres:@", f"//{role}:{password}@"))


def new_role(rights: str = "") -> str:
    role = f"r{os.urandom(4).hex()}"
    run(f"CREATE ROLE {role} LOGIN {rights}")
    return role


def test_what_was_added_is_there_for_others(index: Index) -> None:
    list(index.add([CAT, DOG]))
    other = opened(index.store.address, create=False)  # type: ignore[attr-defined]
    assert found(other, "cat mat") == ["cat.txt", "dog.txt"]
    index.remove("cat.txt")
    assert found(other, "cat mat") == ["dog.txt"]
    assert other.store.size() > 0
    assert other.store.view_state().index == "pgvector, compared one by one"  # type: ignore[union-attr]
    other.close()


def test_every_write_is_a_generation(index: Index) -> None:
    def generation() -> int:
        with index.store.read() as snapshot:
            return snapshot.generation()  # type: ignore[attr-defined,no-any-return]

    before = generation()
    list(index.add([CAT]))
    list(index.add([CAT]))  # is there already
    index.remove("cat.txt")
    assert generation() == before + 2


def test_the_index_finds_what_an_exact_comparison_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "LARGE", 200)
    index = Index(EmptyStore(), WordEmbedder(dim=64), Chunking())
    try:
        with index.store.read() as snapshot:
            assert not snapshot.vectors.has_index(64)  # type: ignore[attr-defined]
        random = np.random.default_rng(0)
        words = [f"w{number}" for number in range(200)]
        texts = [" ".join(random.choice(words, 6)) for _ in range(450)]
        list(index.add(make_document(str(n), text, even=n % 2) for n, text in enumerate(texts)))
        with index.store.read() as snapshot:
            searched = snapshot.vectors  # type: ignore[attr-defined]
            assert searched.has_index(64)
            for wanted in ({}, {"even": 0}, {"uri": ["1", "2", "3"]}):
                conditions = parse_filter(wanted)
                for query in index.embedder.queries(["w1 w2 w3", "w50", "w7 w9 w100 w150"]):
                    exact = searched.exact(query, 20, conditions)
                    near = searched.search(query, 20, conditions)
                    assert len(near) == min(20, len(exact))
                    expected, got = list(exact.values()), list(near.values())
                    assert got == pytest.approx(expected, abs=0.01)
        assert index.store.view_state().index == "pgvector HNSW"  # type: ignore[union-attr]
        assert index.check() == []
    finally:
        index.close()
        run("DROP INDEX footnote.vectors_of_64", index.store.address.url)  # type: ignore[attr-defined]


def test_writers_in_several_processes_store_each_document_once(index: Index) -> None:
    script = (
        "import sys; sys.path[:0] = ['tests']\n"
        "from support import WordEmbedder, make_document\n"
        "from index.index import Index\nfrom index.text.chunk import Chunking\n"
        "from index.postgres.address import Address\n"
        "from index.postgres.store import PostgresStore\n"
        "index = Index(PostgresStore(Address(sys.argv[1])), WordEmbedder(), Chunking())\n"
        "for n in range(30):\n"
        "    (one,) = index.add([make_document(f'{n}.txt', f'Word{n} here.')])\n"
        "    print(one.status)\n"
        "index.close()\n"
    )
    url = index.store.address.url  # type: ignore[attr-defined]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = "".join(writer.communicate(timeout=300)[0] for writer in writers).split()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert said.count("added") == 30
    assert said.count("unchanged") == 60
    assert index.counts().documents == 30
    assert index.check() == []


def test_a_writer_that_is_killed_leaves_nothing(index: Index) -> None:
    list(index.add([CAT]))
    script = (
        "import sys, time; sys.path[:0] = ['tests']\n"
        "from support import DOG, WordEmbedder\n"
        "from index.postgres.address import Address\n"
        "from index.postgres.store import PostgresStore\n"
        "from index.document import Chunk\n"
        "store = PostgresStore(Address(sys.argv[1]))\n"
        "with store.write() as writer:\n"
        "    writer.put(DOG, [Chunk(DOG.id, 0, 5)], WordEmbedder().passages(['A dog']))\n"
        "    writer.drop_name('cat.txt')\n"
        "    print('written', flush=True)\n"
        "    time.sleep(600)\n"
    )
    url = index.store.address.url  # type: ignore[attr-defined]
    writer = subprocess.Popen(
        [sys.executable, "-c", script, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "written\n"
    assert [each.uri for each in index.documents()] == ["cat.txt"]  # reading does not wait
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    list(index.add([OWL]))  # neither does writing, once it is gone
    assert [each.uri for each in index.documents()] == ["cat.txt", "owl.txt"]
    assert index.check() == []


def test_a_writer_that_takes_too_long_is_named(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_SESSION", connections._SESSION.replace("30s", "10ms"))
    other = PostgresStore(index.store.address)  # type: ignore[attr-defined]
    with index.store.write(), other.read() as snapshot:
        assert snapshot.counts().documents == 0
        with pytest.raises(StoreBusy, match="another process has been writing"), other.write():
            pass
    with other.write():
        pass
    other.close()


def test_check_tells_what_is_wrong(index: Index) -> None:
    list(index.add([CAT, DOG, OWL]))
    url = index.store.address.url  # type: ignore[attr-defined]
    for sql, words in [
        ("UPDATE footnote.totals SET words = words + 1", "totals differ"),
        ("UPDATE footnote.stems SET chunks = 9 WHERE stem = 'cat'", "such as in cat"),
        ("UPDATE footnote.chunks SET text = 'x' WHERE id = 1", "chunk 1 is not the text"),
        ("UPDATE footnote.full_text SET length = 3 WHERE chunk_id = 2", "full text of chunk 2"),
        ("DELETE FROM footnote.vectors WHERE chunk_id = 3", "chunk 3 has no vector"),
        ("DELETE FROM footnote.full_text WHERE chunk_id = 3", "chunk 3 is not in the full text"),
        ("DELETE FROM footnote.names WHERE uri = 'owl.txt'", "is not found by its uri"),
        ("UPDATE footnote.vectors SET vector = vector + vector WHERE chunk_id = 1", "length 2.000"),
        ("UPDATE footnote.vectors SET vector = '[1,0]' WHERE chunk_id = 1", "has 2 numbers"),
        ("DELETE FROM footnote.chunks", "has no chunks"),
    ]:
        assert not any(words in line for line in index.check())
        run(sql, url)
        assert any(words in line for line in index.check()), sql


def test_the_words_of_a_removed_document_are_nowhere(index: Index) -> None:
    list(index.add([CAT, make_document("x", "Zanzibar cats.")]))
    url = index.store.address.url  # type: ignore[attr-defined]
    assert run("SELECT chunks FROM footnote.stems WHERE stem = 'zanzibar'", url) == [(1,)]
    assert run("SELECT chunks FROM footnote.stems WHERE stem = 'cat'", url) == [(2,)]
    index.remove("x")
    assert run("SELECT chunks FROM footnote.stems WHERE stem = 'zanzibar'", url) == []
    assert run("SELECT chunks FROM footnote.stems WHERE stem = 'cat'", url) == [(1,)]


def test_misspelt_words_are_found_by_those_that_are_there(index: Index) -> None:
    list(index.add([make_document("x", "Harbour masters inspect the lighthouse.")]))
    with index.store.read() as snapshot:
        spelling = snapshot.spelling
        assert (spelling.holds("inspected"), spelling.holds("inspektor")) == (True, False)
        assert spelling.nearest("lightouse") == "lighthouse"
        assert spelling.nearest("zebra") is None


def test_words_that_postgres_has_no_room_for(index: Index) -> None:
    long = "x" * 5000
    odd = r"O'Neil's \backslash 'quoted' " + long
    list(index.add([make_document("odd", f"{odd}. Cats, too.", "It's \\ odd")]))
    assert index.check() == []
    for question in (long, "O'Neil's", r"\backslash", "'quoted'", "it's"):
        (candidate,) = index.candidates(question, 9)
        assert candidate.lexical > 0, question
    assert index.candidates("x" * 4999, 9)[0].lexical == 0


def test_what_no_text_can_hold_is_found_nowhere(index: Index) -> None:
    list(index.add([CAT]))
    with index.store.read() as snapshot:
        assert snapshot.named("a\0b") is None
        assert snapshot.locate(CAT.id, "cat\0", 0) is None
    for wanted in ({"uri": "a\0"}, {"author": "Ann\0"}, {"\0": "x"}, {"author": {"to": "\0"}}):
        index.candidates("cat\0 mat", 9, wanted)
    assert index.candidates("cat", 9, {"author": "Ann\0"}) == []


def test_reading_goes_on_where_a_role_may_only_read(index: Index) -> None:
    list(index.add([CAT]))
    address, role = index.store.address, new_role()  # type: ignore[attr-defined]
    run(f"GRANT USAGE ON SCHEMA footnote TO {role}", address.url)
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA footnote TO {role}", address.url)
    reader = opened(as_role(address, role))
    with reader.store.precedence.asking():
        assert found(reader, "cat") == ["cat.txt"]
    with pytest.raises(
        StoreUnusable,
        match=r"the role may not do this in the store at .*permission denied for table",
    ):
        list(reader.add([DOG]))
    reader.close()
    assert [each.uri for each in index.documents()] == ["cat.txt"]


# What cannot be opened: one line each, and nothing is changed.


def test_an_address_that_does_not_answer() -> None:
    address = Address("postgresql://ann:s3cret@127.0.0.1:1/d")
    with pytest.raises(StoreUnusable, match="does not answer") as caught:
        PostgresStore(address)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://h:port:s3cret/d", "postgresql://h/d?nonsense=s3cret"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(StoreUnusable, match="the store at postgresql://"):
        PostgresStore(Address(url))


def test_a_database_that_is_not_there() -> None:
    address = new_database()
    with pytest.raises(StoreUnusable, match='database "nowhere" does not exist'):
        PostgresStore(Address(address.url.replace(name_of(address), "nowhere")))


def test_a_wrong_password_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    address, role = new_database(), new_role("PASSWORD 'right'")
    ((file,),) = run("SHOW hba_file")
    rules = Path(str(file))
    before = rules.read_text()
    rules.write_text(f"local all {role} scram-sha-256\n{before}")
    run("SELECT pg_reload_conf()")
    try:
        with pytest.raises(StoreUnusable, match="password authentication failed") as caught:
            PostgresStore(as_role(address, role, "wr0ng"))
        assert "wr0ng" not in f"{caught.value!r} {caught.value} {caplog.text}"
    finally:
        rules.write_text(before)
        run("SELECT pg_reload_conf()")


def test_a_store_that_is_not_there() -> None:
    address = new_database()
    with pytest.raises(StoreMissing, match="there is no store at postgresql://"):
        PostgresStore(address, create=False)
    assert run("SELECT count(*) FROM pg_namespace WHERE nspname = 'footnote'", address.url) == [
        (0,)
    ]


def test_a_role_that_may_not_make_tables() -> None:
    address, role = new_database(), new_role()
    with pytest.raises(StoreUnusable, match=r"the role may not do this .*permission denied"):
        PostgresStore(as_role(address, role))
    assert run("SELECT extname FROM pg_extension WHERE extname = 'vector'", address.url) == []


def test_a_server_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_LEAST_SERVER", 99)
    with pytest.raises(StoreUnusable, match=r"is PostgreSQL \d+; Footnote needs 99 or newer"):
        PostgresStore(new_database())


def test_a_pgvector_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_LEAST_PGVECTOR", (9, 9))
    address = new_database()
    with pytest.raises(StoreUnusable, match=r"pgvector at .* is 0\.\d+\.\d+; Footnote needs 9\.9"):
        PostgresStore(address)
    assert run("SELECT count(*) FROM pg_namespace WHERE nspname = 'footnote'", address.url) == [
        (0,)
    ]


def test_a_server_without_pgvector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_EXTENSION", "an_extension_that_is_not_installed")
    address = new_database()
    with pytest.raises(StoreUnusable, match="has no pgvector; install the package"):
        PostgresStore(address)
    assert run("SELECT count(*) FROM pg_namespace WHERE nspname = 'footnote'", address.url) == [
        (0,)
    ]


def test_a_schema_of_another_program() -> None:
    address = new_database()
    run("CREATE SCHEMA footnote; CREATE TABLE footnote.notes (x int)", address.url)
    with pytest.raises(StoreMismatch, match="a schema 'footnote' of another program"):
        PostgresStore(address)


def test_the_lists_of_an_older_store_are_made_when_it_is_opened() -> None:
    address = new_database()
    index = opened(address)
    list(index.add([CAT]))
    index.close()
    run(
        "DROP TABLE footnote.lists; DROP TABLE footnote.former; "
        "DELETE FROM footnote.migrations WHERE name = '006_lists'",
        address.url,
    )
    index = opened(address)
    with index.store.read() as snapshot:
        assert [each.uri for each in snapshot.listed(Listing("name"), 9).documents] == ["cat.txt"]
        assert snapshot.extent(Listing(text="cat"), 0).total == 1
    index.close()


def test_a_later_format() -> None:
    address = new_database()
    PostgresStore(address).close()
    run("INSERT INTO footnote.migrations VALUES (999, 'later')", address.url)
    with pytest.raises(StoreMismatch, match="has format 999, this Footnote reads formats up to"):
        PostgresStore(address)


def test_an_encoding_that_is_not_unicode() -> None:
    address = new_database()
    name = f"l{os.urandom(4).hex()}"
    run(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreUnusable, match="is encoded in LATIN1"):
        PostgresStore(Address(address.url.replace(name_of(address), name)))


def test_another_embedder(index: Index) -> None:
    list(index.add([CAT]))
    with pytest.raises(
        StoreMismatch, match=r"the store at postgresql://.* was embedded with 'words'"
    ):
        opened(index.store.address, WordEmbedder("other"))  # type: ignore[attr-defined]


def test_several_that_open_at_once_make_one_store() -> None:
    address, errors = new_database(), list[BaseException]()

    def open_it() -> None:
        try:
            PostgresStore(address).close()
        except BaseException as error:  # noqa: BLE001  # told below
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    made = run("SELECT number FROM footnote.migrations ORDER BY number", address.url)
    assert [number for (number,) in made] == list(schema.migrations())


def test_without_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    from index import extras
    from index.errors import NotInstalled

    monkeypatch.setattr(extras, "find_spec", lambda module: None)
    with pytest.raises(NotInstalled, match=r"pip install 'footnote\[postgres\]'"):
        PostgresStore(Address("postgresql://h/d"))


def test_a_server_that_ends_and_comes_back(index: Index) -> None:
    list(index.add([CAT]))
    name = name_of(index.store.address)  # type: ignore[attr-defined]
    run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert found(index, "cat") == ["cat.txt"]  # on new connections
