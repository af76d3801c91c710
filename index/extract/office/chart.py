"""The figures behind a chart of Office's, of whatever kind, as rows: one for each category, and a
column for each series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from index.extract.office.xlsx_numbers import shown
from index.text.clean import one_line

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_POINTS = 100_000  # of one series


def chart_rows(chart: Any) -> tuple[str, Iterator[list[str]]]:
    """The title of the chart whose root element this is, "" without one, and the rows of its plots,
    an empty one behind each."""
    title = chart.find(f"{_C}chart/{_C}title")
    return "" if title is None else _words(title), _rows(chart)


def _rows(chart: Any) -> Iterator[list[str]]:
    for area in chart.iter(_C + "plotArea"):
        for plot in area:
            series = [one for one in plot if one.tag == _C + "ser"]
            if not series:
                continue
            values = [_points(one, "val", "yVal") for one in series]
            categories: dict[int, str] = {}
            for one in series:
                categories |= _points(one, "cat", "xVal")
            sizes = {at: _points(one, "bubbleSize") for at, one in enumerate(series)}
            if any(sizes.values()):
                for at, column in enumerate(values):
                    values[at] = {
                        place: f"{value} (size {sizes[at][place]})" if place in sizes[at] else value
                        for place, value in column.items()
                    }
            yield ["", *map(_name, series)]
            for at in sorted({*categories, *(at for column in values for at in column)}):
                yield [categories.get(at, ""), *(column.get(at, "") for column in values)]
            yield []


def _name(series: Any) -> str:
    stated = series.find(_C + "tx")
    return "" if stated is None else _words(stated)


def _words(element: Any) -> str:
    return one_line(" ".join(one.text or "" for one in element.iter(_A + "t", _C + "v")))


def _points(series: Any, *names: str) -> dict[int, str]:
    """What the file keeps of a column, by its place; of categories in several depths the joined
    words."""
    source = next((found for name in names if (found := series.find(_C + name)) is not None), None)
    if source is None:
        return {}
    form = source.find(f".//{_C}formatCode")
    levels = list(source.iter(_C + "lvl")) or [source]
    points: dict[int, str] = {}
    for depth, level in enumerate(reversed(levels), start=1):
        if depth < len(levels):  # one word stands over all up to the next
            _reach(level, levels[0])
        for point in level.iter(_C + "pt"):
            if 0 <= (at := _place(point)) < _MOST_POINTS:
                value = _shown(point.findtext(_C + "v") or "", "" if form is None else form.text)
                points[at] = f"{points[at]} {value}" if at in points else value
    return points


def _reach(level: Any, innermost: Any) -> None:
    """Writes each word of an outer level of categories at all that it stands over."""
    places = [_place(point) for point in innermost.iter(_C + "pt")]
    stated = {_place(point): point for point in level.iter(_C + "pt")}
    last = None
    for at in sorted({*places} - {-1}):
        if at not in stated and last is not None:
            copied = deepcopy(last)
            copied.set("idx", str(at))
            level.append(copied)
        last = stated.get(at, last)


def _place(point: Any) -> int:
    stated = point.get("idx", "")
    return int(stated) if re.fullmatch(r"\d{1,6}", stated) else -1


def _shown(value: str, form: str | None) -> str:
    if form is None:
        return value
    from openpyxl.styles.numbers import is_date_format
    from openpyxl.utils.datetime import from_excel

    try:
        number = float(value)
        is_day = bool(form) and form != "General" and is_date_format(form)
        return shown(from_excel(number) if is_day else number, form or "General")
    except (ValueError, OverflowError):
        return value
