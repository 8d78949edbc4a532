"""Ranked horizontal bars: a label, its stacked segments and, where asked, a second bar to compare with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry, legend_of
from reports.charts.scales import Number, fits, largest_of, percent_of

_LABEL_HEIGHT = 20
_BAR_HEIGHT = 20
_AGAINST_HEIGHT = 6
_AGAINST_GAP = 2
_ROW_GAP = 12


@dataclass(frozen=True)
class Segment:
    key: str
    label: str
    value: Number
    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class Row:
    """`text` is the value as read; `against` a second measure on the same scale, such as spend."""

    label: str
    segments: tuple[Segment, ...]
    text: str = ""
    href: str = ""
    against: Segment | None = None

    @property
    def total(self) -> float:
        return sum(float(segment.value) for segment in self.segments)


@dataclass(frozen=True)
class PlacedSegment:
    key: str
    label: str
    text: str
    href: str
    x: float
    width: float
    y: int
    height: int
    text_fits: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)

    @property
    def text_y(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class PlacedRow:
    label: str
    text: str
    href: str
    label_y: int
    bar_y: int
    segments: tuple[PlacedSegment, ...]


@dataclass(frozen=True)
class Bars:
    kind: ClassVar[str] = "bars"
    rows: tuple[PlacedRow, ...]
    legend: tuple[LegendEntry, ...]
    height: int
    bar_height: int = _BAR_HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(row.segments for row in self.rows)

    @property
    def has_links(self) -> bool:
        return any(row.href or any(segment.href for segment in row.segments) for row in self.rows)


def lay_out_bars(rows: Iterable[Row], *, ranked: bool = True) -> Bars:
    """The longest bar first unless `ranked` is false; equal bars keep their order."""
    ordered = sorted(rows, key=lambda row: -row.total) if ranked else list(rows)
    largest = largest_of([row.total for row in ordered] + [s.value for s in _all_segments(ordered)])
    row_height = _row_height(ordered)
    placed = tuple(_place_row(row, top=i * row_height, largest=largest) for i, row in enumerate(ordered))
    legend = legend_of((segment.key, segment.label) for segment in _all_segments(ordered))
    return Bars(placed, legend, height=max(len(ordered) * row_height - _ROW_GAP, 0))


def _all_segments(rows: Sequence[Row]) -> list[Segment]:
    stacked = [segment for row in rows for segment in row.segments]
    return stacked + [row.against for row in rows if row.against]


def _row_height(rows: Sequence[Row]) -> int:
    against = _AGAINST_GAP + _AGAINST_HEIGHT if any(row.against for row in rows) else 0
    return _LABEL_HEIGHT + _BAR_HEIGHT + against + _ROW_GAP


def _place_row(row: Row, *, top: int, largest: float) -> PlacedRow:
    bar_y = top + _LABEL_HEIGHT
    placed, x = [], 0.0
    for segment in row.segments:
        width = percent_of(segment.value, largest)
        if width:
            placed.append(_place_segment(segment, x=x, width=width, y=bar_y, height=_BAR_HEIGHT))
        x = round(x + width, 3)
    if row.against:
        width = percent_of(row.against.value, largest)
        y = bar_y + _BAR_HEIGHT + _AGAINST_GAP
        placed.append(_place_segment(row.against, x=0.0, width=width, y=y, height=_AGAINST_HEIGHT))
    return PlacedRow(row.label, row.text, row.href, top + 13, bar_y, tuple(placed))


def _place_segment(segment: Segment, *, x: float, width: float, y: int, height: int) -> PlacedSegment:
    text_fits = height == _BAR_HEIGHT and fits(segment.text, width)
    return PlacedSegment(segment.key, segment.label, segment.text, segment.href, x, width, y, height, text_fits)
