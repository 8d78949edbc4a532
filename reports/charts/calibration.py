"""Calibration: what was forecast against what happened. On the diagonal, the forecast was right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry, legend_of

_TOP = 14
_PLOT_HEIGHT = 240
_BASE = _TOP + _PLOT_HEIGHT
_LEFT, _RIGHT = 11.0, 96.0  # percent; room for the axis labels and the outermost circles
_LEAST_RADIUS, _MOST_RADIUS = 4.0, 13.0
_GRID = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Forecast:
    """All forecasts of one chance: `chance` and `observed` are shares 0 to 1, `count` how many there were."""

    chance: float
    observed: float
    count: int


@dataclass(frozen=True)
class Caller:
    """One set of forecasts, such as those made at first contact."""

    key: str
    label: str
    forecasts: tuple[Forecast, ...]


@dataclass(frozen=True)
class Dot:
    key: str
    label: str
    x: float
    y: float
    radius: float
    chance: int
    observed: int
    count: int


@dataclass(frozen=True)
class GridLine:
    percent: int
    x: float
    y: float


@dataclass(frozen=True)
class Calibration:
    kind: ClassVar[str] = "calibration"
    dots: tuple[Dot, ...]
    grid: tuple[GridLine, ...]
    legend: tuple[LegendEntry, ...]
    left: float = _LEFT
    right: float = _RIGHT
    top: int = _TOP
    base: int = _BASE
    height: int = _BASE + 44
    has_links: ClassVar[bool] = False

    @property
    def is_empty(self) -> bool:
        return not self.dots


def lay_out_calibration(callers: Sequence[Caller]) -> Calibration:
    """A dot's area grows with the number of forecasts; larger dots first, so that none hides another."""
    pairs = [(caller, forecast) for caller in callers for forecast in caller.forecasts if forecast.count]
    most = max((forecast.count for _, forecast in pairs), default=1)
    dots = [_dot(caller, forecast, most) for caller, forecast in pairs]
    return Calibration(
        dots=tuple(sorted(dots, key=lambda dot: -dot.radius)),
        grid=tuple(GridLine(percent, _x(percent / 100), _y(percent / 100)) for percent in _GRID),
        legend=legend_of((caller.key, caller.label) for caller in callers),
    )


def _x(share: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * share, 3)


def _y(share: float) -> float:
    return round(_BASE - _PLOT_HEIGHT * share, 1)


def _dot(caller: Caller, forecast: Forecast, most: int) -> Dot:
    radius = _LEAST_RADIUS + (_MOST_RADIUS - _LEAST_RADIUS) * math.sqrt(forecast.count / most)
    return Dot(
        key=caller.key,
        label=caller.label,
        x=_x(forecast.chance),
        y=_y(forecast.observed),
        radius=round(radius, 1),
        chance=round(forecast.chance * 100),
        observed=round(forecast.observed * 100),
        count=forecast.count,
    )
