"""Shares with how sure they are: a dot on a line from the least to the most that it may truly be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry
from reports.charts.scales import axis_ticks, percent_of, tick_label

_TOP = 6
_LABEL_HEIGHT = 20
_MARK_HEIGHT = 12
_ROW_GAP = 10
_ROW = _LABEL_HEIGHT + _MARK_HEIGHT + _ROW_GAP
_LEFT, _RIGHT = 1.5, 97.0  # percent; room for the outermost dots


@dataclass(frozen=True)
class Whisker:
    """`low`, `share`, `high` from 0 to 1; `text` is the value as read. `key` says how it stands to the others."""

    key: str
    label: str
    low: float
    share: float
    high: float
    text: str = ""


@dataclass(frozen=True)
class PlacedWhisker:
    key: str
    label: str
    text: str
    x: float
    x1: float
    x2: float
    y: float
    label_y: int


@dataclass(frozen=True)
class Tick:
    label: str
    x: float


@dataclass(frozen=True)
class Intervals:
    """`line_x`: where the share of all of them together lies."""

    kind: ClassVar[str] = "intervals"
    has_links: ClassVar[bool] = False
    rows: tuple[PlacedWhisker, ...]
    ticks: tuple[Tick, ...]
    line_x: float | None
    base: int
    height: int
    legend: tuple[LegendEntry, ...]

    @property
    def is_empty(self) -> bool:
        return not self.rows


def lay_out_intervals(
    rows: Sequence[Whisker], *, together: float | None = None, legend: Sequence[LegendEntry] = ()
) -> Intervals:
    """In their order. The axis begins at 0 and ends beyond the highest; `together`: the share of all of them."""
    most = max((one.high for one in rows), default=1.0)
    ticks = [tick for tick in axis_ticks(100 * max(most, together or 0.0)) if tick <= 100] or [0.0, 100.0]
    end = max(ticks[-1], 100 * most) / 100

    def x(share: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * percent_of(share, end) / 100, 3)

    base = _TOP + len(rows) * _ROW
    return Intervals(
        rows=tuple(
            PlacedWhisker(
                *(one.key, one.label, one.text, x(one.share), x(one.low), x(one.high)),
                y=_TOP + number * _ROW + _LABEL_HEIGHT + _MARK_HEIGHT / 2,
                label_y=_TOP + number * _ROW + 13,
            )
            for number, one in enumerate(rows)
        ),
        ticks=tuple(Tick(f"{tick_label(tick)}%", x(tick / 100)) for tick in ticks),
        line_x=None if together is None else x(together),
        base=base,
        height=base + 24,
        legend=tuple(legend),
    )
