"""Axes and positions. In every chart x and widths are percent of the drawing, y and heights pixels.

So a chart stretches sideways with its container while its text keeps its size, on a phone or a wide screen.
"""

import itertools
import math
from collections.abc import Iterable
from decimal import Decimal

Number = int | float | Decimal

_MOST_EMPTY = 0.25  # the largest share of an axis that may lie above the largest value
_FEWEST_INTERVALS = 3
_STEPS = (5.0, 2.5, 2.0, 1.0)
_NARROWEST_PX = 300  # the width of a chart on the smallest phone we draw for
_CHARACTER_PX = 8


def axis_ticks(top: Number, *, whole: bool = False) -> tuple[float, ...]:
    """Round values from 0 to the end of an axis that holds `top`; `whole` numbers only, for counts."""
    largest = math.ceil(top) if whole else float(top)
    if largest <= 0:
        return (0.0, 1.0)
    step = 1.0 if whole and largest < _FEWEST_INTERVALS else _step(largest, whole=whole)
    return tuple(round(step * i, 10) for i in range(_intervals(largest, step) + 1))


def _step(largest: float, *, whole: bool) -> float:
    """The longest round step that makes enough intervals and leaves little empty."""
    exponents = itertools.count(math.floor(math.log10(largest)), -1)
    candidates = (mantissa * 10.0**exponent for exponent in exponents for mantissa in _STEPS)
    return next(
        step
        for step in candidates
        if (not whole or step.is_integer())
        and _intervals(largest, step) >= _FEWEST_INTERVALS
        and 1 - largest / (_intervals(largest, step) * step) <= _MOST_EMPTY
    )


def _intervals(largest: float, step: float) -> int:
    return math.ceil(round(largest / step, 9))


def tick_label(value: float) -> str:
    """Short enough for a phone: 0, 2.5, 400, 12k, 1.5M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"


def percent_of(value: Number, whole: Number) -> float:
    """Where `value` lies between 0 and `whole`, in percent; 0 when there is nothing to measure against."""
    return round(100 * float(value) / float(whole), 3) if whole else 0.0


def pixels(value: float) -> float:
    return round(value, 1)


def fits(text: str, width: float) -> bool:
    """Whether `text` can stand in `width` percent of the narrowest drawing."""
    return bool(text) and len(text) * _CHARACTER_PX + 8 <= width / 100 * _NARROWEST_PX


def largest_of(values: Iterable[Number]) -> float:
    found = [float(value) for value in values]
    if any(value < 0 for value in found):
        raise ValueError("a chart of amounts cannot show a negative value")
    return max(found, default=0.0)
