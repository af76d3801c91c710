"""How long a question waits that is asked of every shard at once, against the number of shards.

    python tests/benchmarks/tail_latency.py [--p50 73] [--p99 193] [--shared 0] [--hedge 0.95]

A shard's time is drawn from the lognormal distribution that has the `--p50` and `--p99` given, in
milliseconds; what they are by default was measured of a store in PostgreSQL (docs/postgres.md).
`--shared` is the share of its logarithm's variance that is the question's, the same at every
shard; the rest is each shard's own. Three ways to wait:

- for all: the slowest shard's answer;
- hedged: what a shard hasn't answered when `--hedge` of them would have is asked of a replica of
  it too, and the first answer counts;
- for some: for `--some` of the shards, without what the others hold.

Nothing queues: a shard is as fast however much is asked of it, so that a hedge costs nobody time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Lognormal:
    """Milliseconds whose logarithms are normal."""

    mean: float  # of the logarithm
    deviation: float  # of the logarithm

    @classmethod
    def fitted(cls, p50: float, p99: float) -> Lognormal:
        """The one with that median and that 99th percentile; raises `ValueError` where there is
        none."""
        if not 0 < p50 <= p99:
            raise ValueError(f"p50 must be above 0 and at most p99, not {p50:g} and {p99:g}")
        return cls(log(p50), log(p99 / p50) / NormalDist().inv_cdf(0.99))

    def quantile(self, share: float) -> float:
        return exp(self.mean + self.deviation * NormalDist().inv_cdf(share))

    def times(self, common: Times, own: Times) -> Times:
        """Of standard normal numbers [questions, 1] and [questions, shards], already weighed."""
        return np.exp(self.mean + self.deviation * (common + own))


def slowest(shard: Lognormal, shards: int, share: float) -> float:
    """The `share` quantile of the slowest of independent shards: all are within it where each is
    within its own quantile of the `shards`-th root of `share`."""
    return shard.quantile(share ** (1 / shards))


def hedged(first: Times, second: Times, after: float) -> Times:
    """When the first answer is there, of one asked at 0 and one asked at `after` where there was
    none by then."""
    return np.where(first <= after, first, np.minimum(first, after + second))


def kth(times: Times, some: int) -> Times:
    """When `some` of the shards have answered: [questions] of [questions, shards]."""
    return np.partition(times, some - 1, axis=1)[:, some - 1]


@dataclass(frozen=True)
class Row:
    """What `shards` make of a question, in milliseconds."""

    shards: int
    all_p50: float
    all_p99: float
    computed_p99: float  # of all, where they are independent
    hedged_p99: float
    asked_twice: float  # the share of the requests that a hedge adds
    some: int
    some_p99: float


def simulate(
    shard: Lognormal,
    shards: int,
    questions: int,
    shared: float,
    hedge: float,
    some: float,
    seed: int,
) -> Row:
    random = np.random.default_rng([seed, shards])
    common = shared**0.5 * random.normal(size=(questions, 1))

    def drawn() -> Times:
        own = (1 - shared) ** 0.5 * random.normal(size=(questions, shards))
        return shard.times(common, own)

    first, after, least = drawn(), shard.quantile(hedge), ceil(some * shards - 1e-9)
    slowest_of_all, slowest_hedged = first.max(1), hedged(first, drawn(), after).max(1)
    return Row(
        shards,
        float(np.quantile(slowest_of_all, 0.5)),
        float(np.quantile(slowest_of_all, 0.99)),
        slowest(shard, shards, 0.99),
        float(np.quantile(slowest_hedged, 0.99)),
        float((first > after).mean()),
        least,
        float(np.quantile(kth(first, least), 0.99)),
    )


def table(rows: Sequence[Row]) -> str:
    """In Markdown."""
    lines = [
        "| shards | all, p50 | all, p99 | p99 by the formula | hedged, p99 | asked twice "
        "| for some, p99 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.shards:,} | {r.all_p50:,.0f} | {r.all_p99:,.0f} | {r.computed_p99:,.0f} "
        f"| {r.hedged_p99:,.0f} | {r.asked_twice:.1%} | {r.some_p99:,.0f} ({r.some:,}) |"
        for r in rows
    ]
    return "\n".join(lines)


def share_of_one(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def share_between(text: str) -> float:
    value = share_of_one(text)
    if value in (0, 1):
        raise argparse.ArgumentTypeError(f"{text} must be above 0 and below 1")
    return value


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--p50", type=float, default=73.0, help="of a shard, ms (73)")
    parser.add_argument("--p99", type=float, default=193.0, help="of a shard, ms (193)")
    parser.add_argument("--shards", type=count, nargs="+", default=[1, 4, 10, 40, 100, 400])
    parser.add_argument("--shared", type=share_of_one, default=0.0, help="0 to 1 (0)")
    parser.add_argument("--hedge", type=share_between, default=0.95, help="quantile (0.95)")
    parser.add_argument("--some", type=share_between, default=0.95, help="of the shards (0.95)")
    parser.add_argument("--questions", type=count, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(given)
    try:
        shard = Lognormal.fitted(chosen.p50, chosen.p99)
    except ValueError as error:
        parser.error(str(error))
    rows = [
        simulate(
            shard,
            shards,
            chosen.questions,
            chosen.shared,
            chosen.hedge,
            chosen.some,
            chosen.seed,
        )
        for shards in chosen.shards
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
