"""The two pictures: the points and words on them by hand, and the files."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rag.answer import Citation
from rag.evaluate import plots
from rag.evaluate.evaluate import Record

CONFIDENCE = [0.9, 0.4, 0.4, 0.4]
RIGHT = [True, True, False, False]


def words(axes: Axes) -> list[str]:
    return [each.get_text() for each in axes.texts]


def points(axes: Axes, line: int) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in axes.lines[line].get_xydata()]


def curve(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def test_mark_is_the_last_point_with_nine_in_ten_right() -> None:
    # .9 right: 1 of 4 at risk 0; the three that share .4 bring it to 2/4 at once
    assert plots.mark(CONFIDENCE, RIGHT) == (1 / 4, 0)
    # ten answers, the last one wrong: exactly 1 in 10; the eleventh is wrong as well
    falling = [1 - place / 20 for place in range(11)]
    found = plots.mark(falling, [True] * 9 + [False] * 2)
    assert found == (10 / 11, pytest.approx(1 / 10))


def test_no_mark_where_the_surest_are_too_often_wrong() -> None:
    assert plots.mark([0.5, 0.5], [True, False]) is None


def test_curve_line_mark_and_words() -> None:
    axes = curve(plots.risk_coverage(CONFIDENCE, RIGHT))
    assert points(axes, 0) == [(0, 0.1), (1, 0.1)]
    assert points(axes, 1) == [(1 / 4, 0), (1, 1 / 2)]
    assert points(axes, 2) == [(1 / 4, 0)]
    assert words(axes) == ["25.0 % answered at 90 % precision", "50.0 % wrong", "one in ten"]


def test_curve_without_a_mark_says_so() -> None:
    axes = curve(plots.risk_coverage([0.5, 0.5], [True, False]))
    assert points(axes, 1) == [(1, 1 / 2)]
    assert len(axes.lines) == 2
    assert words(axes)[0] == "nowhere 90 % precise"


def test_curve_shows_few_points_as_dots_and_many_as_a_line() -> None:
    few = curve(plots.risk_coverage([0.5], [True]))
    assert few.lines[1].get_marker() == "o"
    many = curve(plots.risk_coverage([place / 50 for place in range(50)], [True] * 50))
    assert many.lines[1].get_marker() == ""


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_names_in_the_margin_keep_apart(wrong: int) -> None:
    # 1, 2 or 3 of 31 are wrong: the curve ends at 3.2, 6.5 or 9.7 %, below the line at 10 %
    axes = curve(plots.risk_coverage([0.5] * 31, [True] * (31 - wrong) + [False] * wrong))
    end, line = (each.get_position()[1] for each in axes.texts[-2:])
    assert line - end >= 0.06 * 0.2 - 1e-9


def test_names_in_the_margin_stand_at_their_heights_when_far_apart() -> None:
    axes = curve(plots.risk_coverage(CONFIDENCE, RIGHT))
    assert [each.get_position()[1] for each in axes.texts[-2:]] == [1 / 2, 0.1]


def test_reliability_shows_the_bins_that_hold_questions() -> None:
    # bins .2: two, one right; .9: .9 and 1.0, both right; the other eight are empty
    figure = plots.reliability([0.2, 0.25, 0.9, 1.0], [False, True, True, True])
    axes, counts = figure.axes
    assert points(axes, 0) == [(0, 0), (1, 1)]
    assert points(axes, 1) == [(pytest.approx(0.225), 1 / 2), (pytest.approx(0.95), 1)]
    assert words(counts) == ["2", "2"]
    # (2 * |.225 - .5| + 2 * |.95 - 1|) / 4
    assert axes.get_title().endswith("expected calibration error 0.163")


def test_bars_stand_on_their_bins() -> None:
    counts = plots.reliability([0.31, 0.35, 1.0], [True, True, False]).axes[1]
    found = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in counts.patches]
    assert found == [
        (pytest.approx(0.3), pytest.approx(0.1), 2),
        (pytest.approx(0.9), pytest.approx(0.1), 1),
    ]


def made_up(number: int, confidence: float, right: bool, answers: tuple[str, ...]) -> Record:
    quote = "It opened in 1889." if right else "It is tall."
    cited = Citation(1, "d", "d.txt", "D", None, 0, len(quote), quote, 1.0)
    return Record(
        str(number), "When?", answers, True, {}, confidence=confidence, citations=(cited,)
    )


def test_files_over_the_graded_records(tmp_path: Path) -> None:
    chance = random.Random(4)
    records = [
        made_up(number, (sure := chance.random()), chance.random() < sure**0.4, ("1889",))
        for number in range(300)
    ]
    plots.draw(tmp_path, records)
    sizes = {
        each.name: struct.unpack(">II", each.read_bytes()[16:24]) for each in tmp_path.iterdir()
    }
    assert sizes == {"risk-coverage.png": (1400, 880), "reliability.png": (1400, 1720)}
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    plots.draw(tmp_path, [*records, made_up(300, 0.9, True, ())])
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_matplotlib_waits_until_something_is_drawn() -> None:
    script = "import sys, rag.evaluate.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
