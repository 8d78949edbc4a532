"""Durations of facts, counted in tenths of an hour or a day."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, IntegerField, QuerySet
from django.db.models.functions import Cast

from reports.measures.spread import Spread
from reports.selection import Tally

MINUTES_IN_TENTH_OF_HOUR = 6
MINUTES_IN_TENTH_OF_DAY = 144


def hours(
    facts: "QuerySet[Any]", column: str, by: Sequence[str] = (), *, tally: Tally = list
) -> dict[tuple[Any, ...], Spread]:
    """By the values of `by`; facts whose minutes are not known are left out."""
    return _spreads(facts, column, by, MINUTES_IN_TENTH_OF_HOUR, tally)


def days(
    facts: "QuerySet[Any]", column: str, by: Sequence[str] = (), *, tally: Tally = list
) -> dict[tuple[Any, ...], Spread]:
    return _spreads(facts, column, by, MINUTES_IN_TENTH_OF_DAY, tally)


def _spreads(
    facts: "QuerySet[Any]", column: str, by: Sequence[str], minutes: int, tally: Tally
) -> dict[tuple[Any, ...], Spread]:
    tenths = Cast(F(column) / minutes, IntegerField())  # of whole numbers both databases keep the whole part
    rows = (
        facts.filter(**{f"{column}__isnull": False})
        .order_by()
        .annotate(tenths=tenths)
        .values(*by, "tenths")
        .annotate(count=Count("pk"))
    )
    found: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
    for row in tally(rows):
        found[tuple(row[name] for name in by)][row["tenths"]] = row["count"]
    return {key: Spread(values) for key, values in found.items()}
