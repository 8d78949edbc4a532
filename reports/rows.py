"""What the rows of a report may stand for, beside channel and campaign of the closed loop: reps, teams, months, …"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format

from accounts.models import Team, User
from funnel.models import Agreement, Campaign, Channel, Reason
from reports.measures.measure import Measure, columns_of, figures_of
from reports.parameters import Option, Parameter, choice
from reports.period import Period
from reports.report import Column, Kind, Row

Facts = TypeVar("Facts")
# The code of the row without a value, in an address.
NOBODY = "-"
# Id of what a row stands for → its name, and what the filter of that name is given.
Names = Mapping[Any, tuple[str, str]]


@dataclass(frozen=True)
class RowsBy:
    """`name` is the key of its code column, and of the filter that narrows to a row where there is one.

    `group`: the expression over the facts by which they are grouped; None where a query of its own does that. `names`:
    what its values are called. `nobody`: a row without a value. `ordered`: the rows stand in the order of their values;
    of months the latest comes first. `narrow`: the facts of a row by its code, where no filter does that.
    """

    name: str
    label: str
    plural: str
    group: Any
    names: Callable[[Iterable[Any]], Names]
    nobody: str = ""
    ordered: bool = False
    narrow: "Callable[[QuerySet[Any], str], QuerySet[Any]] | None" = None

    @property
    def columns(self) -> tuple[Column, Column]:
        return Column(f"{self.name}_name", self.label, Kind.TEXT), Column(self.name, f"{self.label}, key", Kind.CODE)

    def of(self, facts: "QuerySet[Any]") -> "QuerySet[Any]":
        """The facts with `row`: what they are grouped by."""
        return facts.annotate(row=self.group)

    def narrowed(self, facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
        """The facts of one row; NOBODY is that without a value."""
        if code == NOBODY and self.group is not None:
            return self.of(facts).filter(row=None)
        return self.narrow(facts, code) if self.narrow else facts


def _named(model: type[Model], code: str) -> Callable[[Iterable[Any]], Names]:
    def names(ids: Iterable[Any]) -> Names:
        found = model._meta.base_manager.in_bulk([one for one in ids if one is not None])
        return {pk: (str(one), str(getattr(one, code))) for pk, one in found.items()}

    return names


def month_names(days: Iterable[Any]) -> Names:
    return {day: (date_format(day, "YEAR_MONTH_FORMAT"), f"{day:%Y-%m}") for day in days if isinstance(day, date)}


def in_month(facts: "QuerySet[Any]", row: str, column: str = "day") -> "QuerySet[Any]":
    """The facts whose day lies in a month such as 2026-03; none where it is not one."""
    month = month_of(row)
    return facts.filter(month.days(column)) if month else facts.none()


def by_value(column: str) -> "Callable[[QuerySet[Any], str], QuerySet[Any]]":
    """Narrows to the rows in whose column the code stands; to none where it cannot stand there."""

    def narrow(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
        try:
            return facts.filter(**{column: code})
        except ValueError:  # a column of numbers, and no number
            return facts.none()

    return narrow


def month_of(row: str) -> Period | None:
    """The days of a month such as 2026-03; None where it is not one."""
    try:
        first = date.fromisoformat(f"{row}-01")
    except ValueError:
        return None
    return Period(first, first.replace(day=monthrange(first.year, first.month)[1]))


def fixed_names(names: Mapping[Any, str]) -> Callable[[Iterable[Any]], Names]:
    """Of values that are known beforehand; a value is its own code."""
    return lambda values: {one: (names.get(one, str(one)), str(one)) for one in values if one is not None}


BY_OWNER = RowsBy("owner", "Rep", "Reps", F("owner"), _named(User, "pk"), "Nobody")
BY_TEAM = RowsBy("team", "Team", "Teams", F("team"), _named(Team, "pk"), "No team")
BY_CHANNEL = RowsBy("channel", "Channel", "Channels", F("channel"), _named(Channel, "slug"))
BY_CAMPAIGN = RowsBy("campaign", "Campaign", "Campaigns", F("campaign"), _named(Campaign, "slug"), "No campaign")
BY_AGREEMENT = RowsBy("agreement", "Agreement", "Agreement versions", F("agreement"), _named(Agreement, "pk"))
BY_MONTH = RowsBy(
    "month",
    "Month",
    "Months",
    TruncMonth("day"),
    month_names,
    ordered=True,
    narrow=in_month,
)
BY_REASON = RowsBy(
    *("reason", "Reason", "Reasons", F("reason"), _named(Reason, "slug"), "No reason known"),
    narrow=lambda facts, slug: facts.filter(reason__slug=slug),
)
# Rows of these kinds are narrowed to by the filters of the same name.
FILTERS = {name: name for name in ("owner", "team", "channel", "campaign", "agreement")}


def rows_by(*kinds: RowsBy, more: Sequence[Option] = ()) -> Parameter:
    """The parameter by which the reader chooses; the first is meant when nothing is said."""
    options = [*(Option(one.name, one.plural) for one in kinds), *more]
    return choice("by", "Rows", options, text=f"What a row stands for: {', '.join(one.value for one in options)}.")


def table(
    kind: RowsBy,
    facts: Mapping[Any, Facts],
    measures: Sequence[Measure[Facts]],
    *,
    largest: Callable[[Facts], float] | None = None,
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """Columns and rows; the `largest` first, months from the latest."""
    names = kind.names(facts)
    name, code = kind.columns
    order = _order(facts, largest, kind)
    rows = tuple(
        {
            **dict(zip((name.key, code.key), names.get(key, (kind.nobody, "")), strict=True)),
            **figures_of(measures, facts[key]),
        }
        for key in order
    )
    return (name, code, *columns_of(measures)), rows


def _order(facts: Mapping[Any, Facts], largest: Callable[[Facts], float] | None, kind: RowsBy) -> list[Any]:
    if kind.ordered or largest is None:
        known = sorted((key for key in facts if key is not None), reverse=kind.name == BY_MONTH.name)
        return [*known, *([None] if None in facts else [])]
    return sorted(facts, key=lambda key: (-largest(facts[key]), key is None, str(key)))


def total_row(kind: RowsBy, together: Facts, measures: Sequence[Measure[Facts]]) -> Row:
    name, code = kind.columns
    return {name.key: "Total", code.key: "total", **figures_of(measures, together)}
