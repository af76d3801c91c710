"""How often the holders of keys have asked, counted in the database by all servers over it.

Of each key and limit two numbers are kept: the requests of the present span (a second, a minute, …)
and of the one before, which counts by the part of it that is less than a span ago. So counting
costs the same however high the limit is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from limits import RateLimitItem

from index.postgres.address import Address
from index.postgres.connections import Connection, Connections

_MOST = 4  # connections beside those of the store
_NOW = "extract(epoch FROM statement_timestamp())::float8"
_ROLLED = (  # requests of the present span, and of the one before
    "CASE WHEN rates.present >= {now} THEN rates.requests ELSE 0 END",
    "CASE WHEN rates.present >= {now} THEN rates.before "
    "WHEN rates.present = {now} - 1 THEN rates.requests ELSE 0 END",
)
_REQUESTS, _BEFORE = (each.format(now="excluded.present") for each in _ROLLED)
_COUNT = (
    "INSERT INTO rates (who, span, present, requests, before) "
    f"SELECT %(who)s, %(span)s, floor({_NOW} / %(span)s)::bigint, 1, 0 WHERE %(most)s > 0 "
    "ON CONFLICT (who, span) DO UPDATE SET "
    f"present = greatest(rates.present, excluded.present), requests = {_REQUESTS} + 1, "
    f"before = {_BEFORE} WHERE ({_REQUESTS}) + 1 + ({_BEFORE}) * "
    f"greatest(0, excluded.present + 1 - {_NOW} / %(span)s) <= %(most)s RETURNING 1"
)
_STANDS = (
    f"SELECT {_ROLLED[0]}, {_ROLLED[1]}, at / %(span)s - now "
    f"FROM rates, (SELECT {_NOW} AS at, floor({_NOW} / %(span)s)::bigint AS now) AS clock "
    "WHERE who = %(who)s AND span = %(span)s"
).format(now="now")


class SharedRates:
    """The requests of each key at all servers over the database at `address`. Raises
    `StoreUnusable` and `StoreBusy`."""

    def __init__(self, address: Address) -> None:
        self._connections = Connections(address, _MOST)

    def seconds_left(self, limits: Sequence[RateLimitItem], who: str) -> int:
        """Counts a request of `who`. 0, or how long it has to wait until its next one."""
        with self._connections.pooled() as db:
            for limit in limits:
                if seconds := _counted(db, limit.amount, limit.get_expiry(), who):
                    return seconds
        return 0


def _counted(db: Connection, most: int, span: int, who: str) -> int:
    values = {"who": who, "span": span, "most": most}
    if db.execute(_COUNT, values).fetchone():
        return 0
    row = db.execute(_STANDS, values).fetchone()
    return max(1, math.ceil(wait(most, span, *row))) if row else span


def wait(most: int, span: int, requests: int, before: int, part: float) -> float:
    """Seconds until one more is within `most`, where there were so many `requests` in the present
    span, of which this `part` in [0, 1) is over, and `before` in the last one."""
    if requests < most:  # enough of the last span will be over
        return (1 - (most - requests - 1) / before - part) * span if before else 0.0
    return (1 - part + 1 - (most - 1) / requests) * span
