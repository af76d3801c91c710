"""The two pictures of a report: risk against coverage, and how far confidence can be believed.

They are drawn with matplotlib's Figure objects, which keep no state between pictures; a PNG
written from one is rendered by Agg, without a display.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag.evaluate import measures
from rag.evaluate.evaluate import Record
from rag.evaluate.measures import Bin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RISK_COVERAGE = "risk-coverage.png"
RELIABILITY = "reliability.png"

_RISK = 0.1  # of answers at 90 % precision
_INK, _GREY, _PALE, _ACCENT = "#222222", "#808080", "#dcdcdc", "#9c2f24"
_FEW = 40  # points, each shown by a dot: a line alone would hide a single one
_DPI = 200  # so that 7 inches stay sharp at 700 pixels on a dense display
_STYLE: Final[dict[Any, Any]] = {
    "figure.constrained_layout.h_pad": 0.1,  # inches, as is w_pad
    "figure.constrained_layout.w_pad": 0.1,
    "font.family": "STIXGeneral",
    "font.size": 12,
    "text.color": _INK,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "axes.labelpad": 7,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "axes.titlesize": 14,
    "xtick.color": _GREY,
    "xtick.labelcolor": _INK,
    "xtick.major.size": 3,
    "xtick.major.width": 0.6,
    "ytick.color": _GREY,
    "ytick.labelcolor": _INK,
    "ytick.major.size": 3,
    "ytick.major.width": 0.6,
}


def draw(folder: Path, records: Sequence[Record]) -> None:
    """Writes `risk-coverage.png` and `reliability.png`, 1400 pixels wide, into `folder`, over the
    graded records, of which there has to be one."""
    import matplotlib

    graded = [record for record in records if record.graded]
    confidence = [record.confidence for record in graded]
    right = [record.right for record in graded]
    with matplotlib.rc_context(_STYLE):
        risk_coverage(confidence, right).savefig(folder / RISK_COVERAGE, dpi=_DPI)
        reliability(confidence, right).savefig(folder / RELIABILITY, dpi=_DPI)


def mark(confidence: Sequence[float], right: Sequence[bool]) -> tuple[float, float] | None:
    """The point (coverage, risk) of the coverage at 90 % precision; None when that is 0."""
    points = dict(measures.risk_coverage(confidence, right))
    reached = measures.coverage(confidence, right)
    return (reached, points[reached]) if reached else None


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> Figure:
    """The risk–coverage curve of at least one question, with the point of the coverage at 90 %
    precision."""
    from matplotlib.figure import Figure

    points = measures.risk_coverage(confidence, right)
    top = min(max(1.1 * max(risk for _, risk in points), 2 * _RISK), 1.0)
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.add_subplot()
    _percent(axes, top)
    axes.set_xlabel("share of all questions answered, most confident first")
    axes.set_title("Share of the answers given that are wrong")
    axes.axhline(_RISK, color=_GREY, linewidth=0.6)
    axes.plot(
        *zip(*points, strict=True),
        color=_INK,
        linewidth=1,
        marker="o" if len(points) <= _FEW else "",
        markersize=2.5,
        clip_on=False,
        zorder=3,  # over the axis, on which a curve without errors lies
    )
    _mark(axes, mark(confidence, right))
    _margin(axes, points[-1][1], top)
    return figure


def _mark(axes: Axes, found: tuple[float, float] | None) -> None:
    """The point itself, dropped to the axis. Right of it the curve stays above the line, so its
    label fits below; near the right edge the label goes above the line, to the left."""
    if found is None:
        axes.text(0.02, _RISK / 2, "nowhere 90 % precise", color=_ACCENT, va="center")
        return
    coverage, risk = found
    label = f"{100 * coverage:.1f} % answered at 90 % precision"
    axes.vlines(coverage, 0, risk, color=_ACCENT, linewidth=0.6)
    axes.plot([coverage], [risk], "o", color=_ACCENT, markersize=4.5, clip_on=False, zorder=4)
    if coverage <= 0.5:
        axes.text(coverage + 0.015, _RISK / 2, label, color=_ACCENT, va="center")
    else:
        axes.annotate(
            label,
            (coverage, _RISK),
            (-3, 6),
            textcoords="offset points",
            color=_ACCENT,
            ha="right",
        )


def _margin(axes: Axes, last: float, top: float) -> None:
    """Names the line and the end of the curve, right of the plot, kept apart where they meet."""
    shift = max(0.06 * top - abs(last - _RISK), 0) / 2
    shift = shift if last >= _RISK else -shift
    axes.text(1.015, last + shift, f"{100 * last:.1f} % wrong", va="center")
    axes.text(1.015, _RISK - shift, "one in ten", va="center", color=_GREY)


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> Figure:
    """The reliability diagram of at least one question: each bin that holds some is a point with
    its distance from the diagonal, and a bar with its number of questions below."""
    from matplotlib.figure import Figure

    bins = [each for each in measures.calibration_bins(confidence, right) if each.questions]
    error = measures.calibration_error(confidence, right)
    figure = Figure(figsize=(7, 8.6), layout="constrained")
    axes, counts = figure.subplots(2, sharex=True, height_ratios=(7, 1))
    _percent(axes, 1.0)
    axes.set_title(f"Share right by confidence · expected calibration error {error:.3f}")
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=0.6)
    axes.text(0.02, 0.95, "too modest", color=_GREY)
    axes.text(0.98, 0.03, "too sure", color=_GREY, ha="right")
    means, shares = [each.confidence for each in bins], [each.right for each in bins]
    axes.vlines(means, means, shares, color=_ACCENT, linewidth=0.8)
    axes.plot(means, shares, "o", color=_INK, markersize=4.5, clip_on=False)
    _counts(counts, bins)
    return figure


def _counts(axes: Axes, bins: Sequence[Bin]) -> None:
    """The number of questions in each bin, as a bar that bears it."""
    bars = axes.bar(
        [each.lower for each in bins],
        [each.questions for each in bins],
        width=[each.upper - each.lower for each in bins],
        align="edge",
        color=_PALE,
        edgecolor="white",
    )
    axes.bar_label(bars, padding=2, fontsize=10)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_title("questions in each bin", color=_GREY, fontsize=12)
    axes.set_xlabel("confidence: the mean of each bin above, its bounds below")


def _percent(axes: Axes, top: float) -> None:
    """Both axes in percent, from 0; the upright one up to `top`."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, top)
