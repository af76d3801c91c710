"""What servers over one database share: keys, and how often their holders have asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from support import WordEmbedder
from support_postgres import EmptyStore, new_database, run

from api.access.caller import Caller
from api.access.keys import Keys
from api.access.role import Role
from api.http.rates import Rates
from api.http.shared_rates import SharedRates, wait
from index.index import Index
from index.postgres.address import Address
from index.text.chunk import Chunking
from rag.assistant import Assistant
from rag.settings import Settings

ADA = Caller("ada", "k1", Role.READER)


@pytest.fixture
def store() -> Iterator[EmptyStore]:
    store = EmptyStore()
    yield store
    store.close()


@pytest.fixture
def index(store: EmptyStore) -> Index:
    return Index(store, WordEmbedder(), Chunking())


@pytest.fixture
def settings(store: EmptyStore) -> Settings:
    return Settings(store=store.address)


def status(address: str, path: str, key: str = "") -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.get(address + path, headers=headers, timeout=120).status_code


def test_a_key_holds_and_is_revoked_at_every_server(
    serve: Callable[..., str], scripted: Callable[..., Assistant], store: EmptyStore
) -> None:
    servers = [serve(scripted(iter(()))) for _ in range(2)]
    assert [status(each, "/v1/whoami") for each in servers] == [200, 200]
    keys = Keys(store.address)
    _, written = keys.create("ada", Role.READER)
    assert [status(each, "/v1/whoami") for each in servers] == [401, 401]
    assert [status(each, "/v1/whoami", written) for each in servers] == [200, 200]
    assert [status(each, "/v1/jobs", written) for each in servers] == [403, 403]
    assert [status(each, "/health") for each in servers] == [200, 200]
    keys.revoke("ada")
    assert [status(each, "/v1/whoami", written) for each in servers] == [401, 401]


def test_all_servers_count_together(
    serve: Callable[..., str], scripted: Callable[..., Assistant], store: EmptyStore
) -> None:
    servers = [serve(scripted(iter(())), rate_limit="3/day") for _ in range(2)]
    ada, bob = (Keys(store.address).create(name, Role.READER)[1] for name in ("ada", "bob"))
    asked = [status(servers[number % 2], "/v1/whoami", ada) for number in range(5)]
    assert asked == [200, 200, 200, 429, 429]
    assert status(servers[1], "/v1/whoami", bob) == 200


def test_who_asks_too_often_is_told_for_how_long(store: EmptyStore) -> None:
    servers = [Rates("2/day; 100/year", SharedRates(store.address)) for _ in range(2)]
    left = [servers[number % 2].seconds_left(ADA) for number in range(3)]
    assert left[:2] == [0, 0]
    # One more is let in when half of tomorrow is over, so that the two count as one.
    assert 43_200 <= left[2] <= 43_200 + 86_400
    run(
        "UPDATE footnote.rates SET present = present - 1 WHERE span = 86400",
        store.address.url,
    )  # that was yesterday, and counts by the part of it that is less than a day ago
    run("UPDATE footnote.rates SET requests = 1 WHERE span = 86400", store.address.url)
    assert servers[0].seconds_left(ADA) == 0


@pytest.mark.parametrize(
    ("requests", "before", "part", "seconds"),
    [
        (3, 0, 0.5, 50),  # 30 until the span is over, 20 until the 3 count as 2
        (1, 4, 0.25, 30),  # at 0.75 of the span the 4 count as 1
        (3, 9, 0.0, 80),
        (0, 0, 0.9, 0),
    ],
)
def test_how_long_until_one_more_of_three_a_minute(
    requests: int, before: int, part: float, seconds: float
) -> None:
    assert wait(3, 60, requests, before, part) == pytest.approx(seconds)


def test_where_nothing_may_be_written_a_server_counts_for_itself(
    store: EmptyStore, caplog: pytest.LogCaptureFixture
) -> None:
    run("CREATE ROLE onlooker LOGIN PASSWORD 's3cret'")
    shown = store.address.url.replace("//postgres:@", "//onlooker:s3cret@")
    rates = Rates("2/day", SharedRates(Address(shown)))
    assert [rates.seconds_left(ADA) > 0 for _ in range(4)] == [False, False, True, True]
    assert caplog.text.count("counted by this server alone") == 1
    assert "s3cret" not in caplog.text


def test_a_database_that_is_gone_lets_nobody_in_and_keeps_no_probe_waiting(
    serve: Callable[..., str], scripted: Callable[..., Assistant]
) -> None:
    gone = Address(new_database().url + "/nowhere")
    address = serve(scripted(iter(())), store=gone)
    assert status(address, "/health") == 200
    assert status(address, "/v1/whoami") == 503
