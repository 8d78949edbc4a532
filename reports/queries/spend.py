"""What was spent in a period, each entry prorated by day."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from funnel.models import Spend
from reports.parameters import Parameters
from reports.period import Period
from reports.queries.amounts import Amounts, Rates
from reports.queries.grouping import Grouping, Key


def spend(by: Grouping, parameters: Parameters, *, period: Period, rates: Rates) -> dict[Key, Amounts]:
    """A key without an entry has no recorded spend, which is not the same as none. Cents are rounded once a key.

    Other currencies at the rate of the month in which the entry begins.
    """
    sums: dict[tuple[Key, str, Decimal | None], Decimal] = {}
    for row in (
        Spend.objects.filter(_within(period), _chosen(parameters))
        .order_by()
        .values(*{"channel", *by.fields}, "starts_on", "ends_on", "amount", "currency")
    ):
        place = (by.key(row), row["currency"], rates.of_month(row["currency"], row["starts_on"]))
        sums[place] = sums.get(place, Decimal(0)) + _prorated(row, period)
    answer: dict[Key, Amounts] = {}
    for (key, currency, rate), total in sums.items():
        amounts = Amounts.of(currency=currency, count=1, known=1, total=total, rate=rate)
        answer[key] = answer.get(key, Amounts()) + amounts
    return answer


def _within(period: Period) -> Q:
    condition = Q()
    if period.first:
        condition &= Q(ends_on__gte=period.first)
    if period.last:
        condition &= Q(starts_on__lte=period.last)
    return condition


def _chosen(parameters: Parameters) -> Q:
    names = (name for name in ("channel", "campaign") if parameters.get(name))
    return Q(**{name: parameters[name] for name in names})


def _prorated(row: dict[str, Any], period: Period) -> Decimal:
    first: date = max(row["starts_on"], period.first or row["starts_on"])
    last: date = min(row["ends_on"], period.last or row["ends_on"])
    share = Decimal(_days(first, last)) / _days(row["starts_on"], row["ends_on"])
    return Decimal(row["amount"]) * share


def _days(first: date, last: date) -> int:
    return (last - first).days + 1
