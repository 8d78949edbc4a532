"""Sums of money that are never mixed: one for each currency, beside how many have no amount. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.template.defaultfilters import floatformat

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Money:
    """`sums`: currency -> amount. `known` and `unknown`: how many have an amount, and how many none."""

    sums: Mapping[str, Decimal] = field(default_factory=dict)
    known: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, *, currency: str, count: int, known: int, total: Decimal | None) -> "Money":
        """`known` of `count` rows have an amount in `currency`; they sum to `total`."""
        return cls({currency: total} if known and total is not None else {}, known, count - known)

    def __add__(self, more: "Money") -> "Money":
        currencies = sorted(self.sums.keys() | more.sums.keys())
        sums = {one: self.sums.get(one, NOTHING) + more.sums.get(one, NOTHING) for one in currencies}
        return Money(sums, self.known + more.known, self.unknown + more.unknown)

    def __str__(self) -> str:
        """In the viewer's formats: “12,000 EUR + 3,000 SEK”; nothing where no amount is known."""
        return " + ".join(f"{floatformat(amount, '0g')} {currency}" for currency, amount in self.sums.items())
