"""Lines over time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry, legend_of
from reports.charts.scales import Number, axis_ticks, largest_of, pixels, tick_label

_TOP = 8
_PLOT_HEIGHT = 200
_HEIGHT = _TOP + _PLOT_HEIGHT + 26
_LEFT, _RIGHT = 10.0, 98.5  # percent; room for the axis labels, and for the last point to be whole
_MOST_LABELS = 8
_MOST_LABELS_ON_A_PHONE = 5


@dataclass(frozen=True)
class Series:
    """One value per moment; None where nothing is known, which breaks the line."""

    key: str
    label: str
    values: tuple[Number | None, ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tick:
    y: float
    label: str


@dataclass(frozen=True)
class Moment:
    label: str
    x: float
    anchor: str
    on_a_phone: bool


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    moment: str
    text: str


@dataclass(frozen=True)
class Line:
    """`path` is in a box 100 wide and as high as the chart, to be stretched sideways."""

    key: str
    label: str
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Trend:
    kind: ClassVar[str] = "trend"
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    moments: tuple[Moment, ...]
    legend: tuple[LegendEntry, ...]
    height: int = _HEIGHT
    label_y: int = _HEIGHT - 6
    left: float = _LEFT
    has_links: ClassVar[bool] = False

    @property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)


def lay_out_trend(moments: Sequence[str], series: Sequence[Series], *, whole: bool = True) -> Trend:
    """`whole`: the values are counts. Raises ValueError where a series has not one value per moment."""
    for one in series:
        if len(one.values) != len(moments):
            raise ValueError(f"{one.label} has {len(one.values)} values for {len(moments)} moments")
    known = [value for one in series for value in one.values if value is not None]
    ticks = axis_ticks(largest_of(known), whole=whole)
    lines = tuple(_line(one, moments, end=ticks[-1]) for one in series)
    return Trend(
        lines,
        tuple(Tick(_y(tick, ticks[-1]), tick_label(tick)) for tick in ticks),
        _moments(moments),
        legend_of((one.key, one.label) for one in series),
    )


def _x(index: int, count: int) -> float:
    along = index / (count - 1) if count > 1 else 0.5
    return round(_LEFT + (_RIGHT - _LEFT) * along, 3)


def _y(value: Number, end: float) -> float:
    return pixels(_TOP + _PLOT_HEIGHT * (1 - float(value) / end))


def _line(series: Series, moments: Sequence[str], *, end: float) -> Line:
    texts = series.texts or tuple("" if value is None else f"{value:,}" for value in series.values)
    points = {
        i: Point(_x(i, len(moments)), _y(value, end), moments[i], texts[i])
        for i, value in enumerate(series.values)
        if value is not None
    }
    path = " ".join(f"{'L' if i - 1 in points else 'M'}{point.x},{point.y}" for i, point in points.items())
    return Line(series.key, series.label, path, tuple(points.values()))


def _moments(labels: Sequence[str]) -> tuple[Moment, ...]:
    count = len(labels)
    every = math.ceil(count / _MOST_LABELS)
    every_on_a_phone = max(every, math.ceil(count / _MOST_LABELS_ON_A_PHONE / max(every, 1)) * every)
    return tuple(
        Moment(label, _x(i, count), _anchor(i, count), i % every_on_a_phone == 0)
        for i, label in enumerate(labels)
        if i % every == 0
    )


def _anchor(index: int, count: int) -> str:
    return "end" if count > 1 and index == count - 1 else "middle"
