"""Hand-worked values of the simulation, and what it says beside the formula."""

from __future__ import annotations

from math import erf, log

import numpy as np
import pytest
from benchmarks.tail_latency import Lognormal, Row, hedged, kth, main, simulate, slowest


def test_it_has_the_median_and_the_percentile_that_it_was_fitted_to() -> None:
    shard = Lognormal.fitted(20, 50)
    assert shard.quantile(0.5) == pytest.approx(20)
    assert shard.quantile(0.99) == pytest.approx(50)
    assert shard.quantile(0.01) == pytest.approx(8)  # as far below: 20 · 20 / 50
    assert Lognormal.fitted(20, 20).quantile(0.99) == pytest.approx(20)


@pytest.mark.parametrize(("p50", "p99"), [(0, 1), (2, 1), (-1, 1)])
def test_no_distribution_has_other_percentiles(p50: float, p99: float) -> None:
    with pytest.raises(ValueError, match="p50 must be above 0"):
        Lognormal.fitted(p50, p99)


def test_the_slowest_of_two_is_within_what_each_is_within_by_the_root() -> None:
    shard = Lognormal.fitted(1, 10)
    assert slowest(shard, 1, 0.99) == pytest.approx(10)
    assert slowest(shard, 2, 0.9801) == pytest.approx(10)  # 0.99 · 0.99
    assert slowest(shard, 2, 0.25) == pytest.approx(1)  # 0.5 · 0.5
    # 0.99 ** 0.5 = 0.994987, whose standard normal is 2.5747; that of 0.99 is 2.3263
    assert slowest(shard, 2, 0.99) == pytest.approx(10 ** (2.5747 / 2.3263), rel=1e-3)


def test_a_second_request_counts_where_it_is_quicker_from_when_it_was_sent() -> None:
    first, second = np.array([10.0, 30.0, 30.0, 20.0]), np.array([1.0, 5.0, 50.0, 1.0])
    assert hedged(first, second, 20).tolist() == [10, 25, 30, 20]


def test_some_have_answered_when_the_last_of_them_has() -> None:
    times = np.array([[5.0, 1.0, 3.0], [2.0, 9.0, 4.0]])
    assert kth(times, 1).tolist() == [1, 2]
    assert kth(times, 2).tolist() == [3, 4]
    assert kth(times, 3).tolist() == [5, 9]


def _row(shards: int, shared: float = 0, some: float = 0.9) -> Row:
    return simulate(Lognormal.fitted(70, 190), shards, 20_000, shared, 0.95, some, seed=1)


@pytest.mark.parametrize("shards", [1, 2, 10, 50])
def test_independent_shards_are_as_the_formula_says(shards: int) -> None:
    row = _row(shards)
    assert row.all_p99 == pytest.approx(row.computed_p99, rel=0.04)
    assert row.all_p50 == pytest.approx(slowest(Lognormal.fitted(70, 190), shards, 0.5), rel=0.02)
    assert row.asked_twice == pytest.approx(0.05, abs=0.006)


def test_a_hedged_shard_is_late_where_both_requests_are() -> None:
    shard, row = Lognormal.fitted(70, 190), _row(1)
    after = shard.quantile(0.95)
    answers = np.linspace(after, 400, 40_000)
    late = [(1 - _within(shard, t)) * (1 - _within(shard, t - after)) for t in answers]
    expected = answers[np.searchsorted(-np.array(late), -0.01)]
    assert row.hedged_p99 == pytest.approx(expected, rel=0.03)
    assert row.hedged_p99 < row.all_p99


def _within(shard: Lognormal, milliseconds: float) -> float:
    if milliseconds <= 0:
        return 0.0
    return (1 + erf((log(milliseconds) - shard.mean) / shard.deviation / 2**0.5)) / 2


def test_where_only_the_question_is_slow_shards_change_nothing_and_no_hedge_helps() -> None:
    row = _row(20, shared=1)
    assert row.all_p99 == pytest.approx(190, rel=0.04)
    assert row.hedged_p99 == row.some_p99 == row.all_p99


@pytest.mark.parametrize(("shards", "some"), [(1, 1), (9, 9), (10, 9), (20, 18), (100, 90)])
def test_how_many_are_waited_for(shards: int, some: int) -> None:
    assert _row(shards).some == some


def test_the_same_seed_prints_the_same_table(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        main(["--shards", "1", "3", "--questions", "50"])
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 8
    assert printed[:4] == printed[4:]
    assert [line.split("|")[1].strip() for line in printed[2:4]] == ["1", "3"]
    main(["--shards", "1", "3", "--questions", "50", "--seed", "1"])
    assert capsys.readouterr().out.splitlines() != printed[:4]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["--p50", "200"], "at most p99"),
        (["--shards", "0"], "0 is not at least 1"),
        (["--shared", "1.5"], "1.5 is not between 0 and 1"),
        (["--some", "1"], "1 must be above 0 and below 1"),
    ],
)
def test_wrong_numbers_are_refused_in_one_line(
    given: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(given)
    assert problem in capsys.readouterr().err.splitlines()[-1]
