"""How values spread: median and 90th percentile, by nearest rank over whole tenths of a unit. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spread:
    """`tenths`: how often each value occurred, in tenths of the unit (an hour, a day), rounded down."""

    tenths: Mapping[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.tenths.values())

    @property
    def median(self) -> float | None:
        return self.percentile(50)

    @property
    def p90(self) -> float | None:
        return self.percentile(90)

    def percentile(self, percent: int) -> float | None:
        """The smallest value that at least so many percent do not exceed; None where there is no value."""
        needed, seen = self.count * percent, 0
        for value in sorted(self.tenths):
            seen += self.tenths[value]
            if seen * 100 >= needed:
                return value / 10
        return None

    def between(self, lower: float, upper: float | None) -> int:
        """How many from `lower` up to, not including, `upper`; None is no upper end."""
        return sum(
            count
            for value, count in self.tenths.items()
            if value >= lower * 10 and (upper is None or value < upper * 10)
        )

    def __add__(self, more: "Spread") -> "Spread":
        return Spread(Counter(self.tenths) + Counter(more.tenths))


def together(spreads: Iterable[Spread]) -> Spread:
    return sum(spreads, start=Spread())
