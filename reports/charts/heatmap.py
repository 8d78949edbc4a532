"""Cohorts: a row per cohort, a cell per period since, darker the larger the share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry

LEVELS = 10
_LABEL_WIDTH = 20.0  # percent
_HEAD = 22
_ROW_HEIGHT = 30
_CELL_GAP = 2


@dataclass(frozen=True)
class Cohort:
    """`shares` are 0 to 1, one per period since the cohort began; None for a period yet to come."""

    label: str
    size: str
    shares: tuple[float | None, ...]
    href: str = ""


@dataclass(frozen=True)
class Cell:
    x: float
    text_x: float
    period: int
    percent: int
    level: int


@dataclass(frozen=True)
class PlacedCohort:
    label: str
    size: str
    href: str
    y: int
    text_y: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Head:
    x: float
    period: int


@dataclass(frozen=True)
class Heatmap:
    kind: ClassVar[str] = "heatmap"
    rows: tuple[PlacedCohort, ...]
    heads: tuple[Head, ...]
    height: int
    cell_width: float
    cell_height: int = _ROW_HEIGHT - _CELL_GAP
    size_x: float = _LABEL_WIDTH - 1.5
    legend: tuple[LegendEntry, ...] = ()
    scrolls: ClassVar[bool] = True

    @property
    def is_empty(self) -> bool:
        return not any(row.cells for row in self.rows)

    @property
    def has_links(self) -> bool:
        return any(row.href for row in self.rows)


def lay_out_heatmap(cohorts: Sequence[Cohort]) -> Heatmap:
    """Levels 0 to 9 are shares of the largest cell, so that small rates still differ to the eye."""
    periods = max((len(cohort.shares) for cohort in cohorts), default=0)
    pitch = (100 - _LABEL_WIDTH) / max(periods, 1)
    known = [share for cohort in cohorts for share in cohort.shares if share is not None]
    if any(not 0 <= share <= 1 for share in known):
        raise ValueError("a share of a cohort lies between 0 and 1")
    largest = max(known, default=0.0)
    rows = tuple(
        PlacedCohort(
            cohort.label,
            cohort.size,
            cohort.href,
            y,
            y + (_ROW_HEIGHT - _CELL_GAP) / 2,
            _cells(cohort, pitch, largest),
        )
        for cohort, y in zip(cohorts, range(_HEAD, _HEAD + len(cohorts) * _ROW_HEIGHT, _ROW_HEIGHT), strict=True)
    )
    heads = tuple(Head(_middle(i, pitch), i) for i in range(periods))
    return Heatmap(rows, heads, _HEAD + len(cohorts) * _ROW_HEIGHT, round(pitch, 3))


def _cells(cohort: Cohort, pitch: float, largest: float) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            round(_LABEL_WIDTH + i * pitch, 3),
            _middle(i, pitch),
            i,
            round(share * 100),
            _level(share, largest),
        )
        for i, share in enumerate(cohort.shares)
        if share is not None
    )


def _middle(index: int, pitch: float) -> float:
    return round(_LABEL_WIDTH + (index + 0.5) * pitch, 3)


def _level(share: float, largest: float) -> int:
    return round((LEVELS - 1) * share / largest) if largest else 0
