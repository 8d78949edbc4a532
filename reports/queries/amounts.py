"""Sums of money that stay honest about what they leave out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings

from reports.models import ExchangeRate

ZERO = Decimal("0.00")


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(ZERO)


class Rates:
    """The stored rates to the reporting currency; make one for a report. One query."""

    def __init__(self) -> None:
        self._rates: dict[str, dict[date, Decimal]] = {}
        for one in ExchangeRate.objects.order_by("month"):
            self._rates.setdefault(one.currency, {})[one.month] = one.rate

    def of_month(self, currency: str, day: date) -> Decimal | None:
        """That of the day's own month; None where nobody has stored it. No currency means the reporting one."""
        if currency in {"", settings.REPORTING_CURRENCY}:
            return Decimal(1)
        return self._rates.get(currency, {}).get(day.replace(day=1))

    def latest(self, currency: str, day: date) -> Decimal | None:
        """The last one known on this day, for what has not closed yet."""
        if currency in {"", settings.REPORTING_CURRENCY}:
            return Decimal(1)
        known = [rate for month, rate in self._rates.get(currency, {}).items() if month <= day]
        return known[-1] if known else None


@dataclass(frozen=True)
class Amounts:
    """A sum in the reporting currency, beside it the count of what has no amount, and the sums of currencies of which
    no rate is stored.
    """

    total: Decimal = ZERO
    known: int = 0
    unknown: int = 0
    other: Mapping[str, Decimal] = field(default_factory=dict)
    other_count: int = 0

    @classmethod
    def of(cls, *, currency: str, count: int, known: int, total: Decimal | None, rate: Decimal | None) -> "Amounts":
        """`known` of `count` rows have an amount; they sum to `total`. `rate`: to the reporting currency."""
        if not known or total is None:
            return cls(unknown=count)
        if rate is not None:
            return cls(to_cents(total * rate), known, count - known)
        return cls(unknown=count - known, other={currency: to_cents(total)}, other_count=known)

    @property
    def value(self) -> Decimal | None:
        """None, not zero, where there is something but nothing that could be summed."""
        return self.total if self.known or not (self.unknown or self.other_count) else None

    @property
    def left_out(self) -> int:
        return self.unknown + self.other_count

    def __add__(self, more: "Amounts") -> "Amounts":
        currencies = sorted(self.other.keys() | more.other.keys())
        return Amounts(
            self.total + more.total,
            self.known + more.known,
            self.unknown + more.unknown,
            {one: self.other.get(one, ZERO) + more.other.get(one, ZERO) for one in currencies},
            self.other_count + more.other_count,
        )
