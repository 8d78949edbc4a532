"""Which part of the funnel made the gap in revenue, to the cent. Pure.

Revenue is a chain: R = N × r1 × r2 × r3 × r4 × v, with N the hand-offs, r1 the share followed up, r2 accepted of those,
r3 SQLs of those, r4 wins of those, and v the revenue of a win. Expected are E, t1 … t4 and the revenue T, from which
follows what a win should bring: w = T ÷ (E × t1 × t2 × t3 × t4). With the counts N0 = N, Nk = Nk-1 × rk that came:

    volume        (N0 − E) × t1 × t2 × t3 × t4 × w
    step k        (Nk − Nk-1 × tk) × tk+1 × … × t4 × w
    value         R − N4 × w

What is missing at a step is worth what it would have brought by the expected rates of all later ones. The terms cancel
each other in pairs, so that the parts sum to R − T exactly; and they hold where nothing was won at all, where a
decomposition by logarithms has none.

It is the method of chain substitution, by which accountants take a budget variance apart into volume, mix and price:
C. T. Horngren, S. M. Datar, M. V. Rajan, “Cost Accounting: A Managerial Emphasis”, on flexible-budget and sales-volume
variances. The order is the funnel's own: each step is judged by what the one before it gave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor, prod

# volume, follow-up, acceptance, conversion to SQL, conversion to won, value
PARTS = 6
Number = int | Decimal | Fraction


@dataclass(frozen=True)
class Expected:
    """`rates`: of the steps after the first; None where none is agreed: then it is taken as it came, and has no part
    in the gap. `revenue` in whole cents.
    """

    volume: Number
    rates: Sequence[Number | None]
    revenue: Decimal


def decompose(steps: Sequence[int], revenue: Decimal, expected: Expected) -> tuple[Decimal, ...] | None:
    """The parts in the order of PARTS; they sum to `revenue` − `expected.revenue`. `steps`: hand-offs, …, wins.

    None where that cannot be told: nothing is expected, or a step without an agreed rate let nothing through.
    """
    rates = [
        Fraction(agreed) if agreed is not None else Fraction(after, before) if before else None
        for before, after, agreed in zip(steps, steps[1:], expected.rates, strict=False)
    ]
    if not expected.volume or not all(rates):
        return None
    known = [one for one in rates if one]
    each = Fraction(expected.revenue) / prod(known, start=Fraction(expected.volume))
    parts = [(steps[0] - Fraction(expected.volume)) * prod(known, start=each)]
    for number, rate in enumerate(known):
        parts.append((steps[number + 1] - steps[number] * rate) * prod(known[number + 1 :], start=each))
    parts.append(Fraction(revenue) - steps[-1] * each)
    return _in_cents(parts, revenue - expected.revenue)


def _in_cents(parts: Sequence[Fraction], total: Decimal) -> tuple[Decimal, ...]:
    """Rounded down, and the cents left over to the largest remainders, so that they sum to the total."""
    exact = [part * 100 for part in parts]
    cents = [floor(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda number: cents[number] - exact[number])
    for number in order[: int(total * 100) - sum(cents)]:
        cents[number] += 1
    return tuple(Decimal(one).scaleb(-2) for one in cents)
