"""How a measure spreads: a histogram with marks such as the median and the 90th percentile."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry
from reports.charts.scales import Number, axis_ticks, largest_of, pixels, tick_label

_MARK_LINE = 18
_PLOT_HEIGHT = 170
_FOOT = 26
_MOST_EDGES = 6
_LEFT, _RIGHT = 10.0, 100.0  # percent; room for the axis labels


@dataclass(frozen=True)
class Bin:
    """Values from `lower` up to, not including, `upper`. `label` names the span in words."""

    lower: float
    upper: float
    count: int
    label: str
    href: str = ""


@dataclass(frozen=True)
class Mark:
    key: str
    label: str
    value: float


@dataclass(frozen=True)
class Column:
    label: str
    count: int
    href: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class PlacedMark:
    key: str
    label: str
    x: float
    text_y: int
    anchor: str


@dataclass(frozen=True)
class Edge:
    x: float
    label: str
    anchor: str


@dataclass(frozen=True)
class Level:
    y: float
    label: str


@dataclass(frozen=True)
class Distribution:
    kind: ClassVar[str] = "distribution"
    columns: tuple[Column, ...]
    marks: tuple[PlacedMark, ...]
    edges: tuple[Edge, ...]
    levels: tuple[Level, ...]
    base: int
    height: int
    left: float = _LEFT
    legend: tuple[LegendEntry, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(column.count for column in self.columns)

    @property
    def has_links(self) -> bool:
        return any(column.href for column in self.columns)


def lay_out_distribution(bins: Sequence[Bin], *, marks: Sequence[Mark] = (), unit: str = "") -> Distribution:
    """Each mark's label has its own line above the columns; a mark beyond the last bin stands at its end."""
    top = _MARK_LINE * len(marks) + 12
    base = top + _PLOT_HEIGHT
    ticks = axis_ticks(largest_of(one.count for one in bins), whole=True)
    low, high = (bins[0].lower, bins[-1].upper) if bins else (0.0, 1.0)
    return Distribution(
        columns=tuple(_column(one, low=low, high=high, base=base, end=ticks[-1]) for one in bins),
        marks=tuple(_place_mark(mark, i, low=low, high=high) for i, mark in enumerate(marks)),
        edges=_edges(bins, low=low, high=high, unit=unit),
        levels=tuple(Level(_y(tick, ticks[-1], base), tick_label(tick)) for tick in ticks),
        base=base,
        height=base + _FOOT,
    )


def _x(value: Number, low: float, high: float) -> float:
    along = (float(value) - low) / (high - low)
    return round(_LEFT + (_RIGHT - _LEFT) * min(max(along, 0.0), 1.0), 3)


def _y(value: float, end: float, base: int) -> float:
    return pixels(base - _PLOT_HEIGHT * value / end)


def _column(one: Bin, *, low: float, high: float, base: int, end: float) -> Column:
    x, y = _x(one.lower, low, high), _y(one.count, end, base)
    return Column(
        label=one.label,
        count=one.count,
        href=one.href,
        x=x,
        width=round(_x(one.upper, low, high) - x, 3),
        y=y,
        height=pixels(base - y),
    )


def _place_mark(mark: Mark, index: int, *, low: float, high: float) -> PlacedMark:
    x = _x(mark.value, low, high)
    return PlacedMark(mark.key, mark.label, x, _MARK_LINE * index + 12, "end" if x > 55 else "start")


def _edges(bins: Sequence[Bin], *, low: float, high: float, unit: str) -> tuple[Edge, ...]:
    values = [one.lower for one in bins] + [one.upper for one in bins[-1:]]
    every = max(math.ceil((len(values) - 1) / _MOST_EDGES), 1)
    chosen = values[::every]
    return tuple(
        Edge(x, f"{tick_label(value)}{unit}", _edge_anchor(x)) for value in chosen for x in [_x(value, low, high)]
    )


def _edge_anchor(x: float) -> str:
    return "end" if x == _RIGHT else "middle"
