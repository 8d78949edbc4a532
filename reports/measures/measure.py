"""A measure is a column of figures together with its formula, so that the two cannot drift apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Generic, TypeVar

from django.conf import settings

from reports.queries.amounts import to_cents
from reports.report import Column, Kind, Row, Value

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Measure(Generic[Facts]):
    column: Column
    formula: Callable[[Facts], Value]


def count(
    key: str, label: str, formula: Callable[[Facts], int | None], meaning: str, *, exceptional: bool = False
) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.COUNT, meaning=meaning, exceptional=exceptional), formula)


def change(key: str, label: str, formula: Callable[[Facts], int], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.CHANGE, meaning=meaning), formula)


def money(key: str, label: str, formula: Callable[[Facts], Decimal | None], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.MONEY, meaning=meaning), formula)


def rate(key: str, label: str, formula: Callable[[Facts], float | None], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.SHARE, meaning=meaning), formula)


def number(key: str, label: str, formula: Callable[[Facts], float | None], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.NUMBER, meaning=meaning), formula)


def text(key: str, label: str, formula: Callable[[Facts], str], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.TEXT, meaning=meaning), formula)


def score(key: str, label: str, formula: Callable[[Facts], float | None], meaning: str) -> Measure[Facts]:
    return Measure(Column(key, label, Kind.SCORE, meaning=meaning), formula)


def hours(key: str, label: str, formula: Callable[[Facts], float | None], meaning: str) -> Measure[Facts]:
    """Working hours."""
    return Measure(Column(key, label, Kind.HOURS, meaning=meaning), formula)


def days(key: str, label: str, formula: Callable[[Facts], float | None], meaning: str) -> Measure[Facts]:
    """Calendar days."""
    return Measure(Column(key, label, Kind.DAYS, meaning=meaning), formula)


def grouped(group: str, *measures: Measure[Facts]) -> tuple[Measure[Facts], ...]:
    return tuple(replace(one, column=replace(one.column, group=group)) for one in measures)


def columns_of(measures: Iterable[Measure[Facts]]) -> tuple[Column, ...]:
    """Money is in the reporting currency."""
    currency = settings.REPORTING_CURRENCY
    columns = (measure.column for measure in measures)
    return tuple(replace(one, currency=currency) if one.kind is Kind.MONEY else one for one in columns)


def figures_of(measures: Iterable[Measure[Facts]], facts: Facts) -> Row:
    return {one.column.key: one.formula(facts) for one in measures}


def share(part: int, whole: int) -> float | None:
    """None where there is no whole to have a share of."""
    return round(part / whole, 6) if whole else None


def cost_per(spend: Decimal | None, number: int) -> Decimal | None:
    return to_cents(spend / number) if spend is not None and number else None


def return_on(spend: Decimal | None, revenue: Decimal | None) -> float | None:
    """1 means that the revenue was twice the spend."""
    return round(float((revenue - spend) / spend), 6) if spend and revenue is not None else None
