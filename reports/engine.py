"""The catalogue of reports, and the one way to compute any of them."""

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.db.models import QuerySet

from accounts.formats import whole
from accounts.principals import Principal
from accounts.roles import Role
from reports import catalogue
from reports.days import company_day
from reports.facts.refresh import catch_up_or_wait
from reports.filters import why_empty
from reports.kept.answers import Answers, is_worth_it
from reports.parameters import Parameter, Parameters, parse_parameters
from reports.report import Contents, Report
from reports.rows import RowsBy
from reports.selection import Selection, select
from reports.snapshot import one_view

# Rows that have a `lead`: those behind a figure.
Behind = Callable[[Selection], "QuerySet[Any]"]


# What the reports of a group are about, in the order of their page.
GROUPS = {
    "The loop": "What became of what marketing brought in.",
    "Sales": "How sales works on what it was given.",
    "Marketing": "Which sources and buyers are worth it, and who has kept his word.",
}


class UnknownReport(Exception):
    """The sentence names the reports there are."""


@dataclass(frozen=True)
class Named:
    """A column whose figure stands in the row: `figure` is the key of its name. `filters`: as those of Drilling."""

    figure: str
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drilling:
    """How a figure opens the leads behind it. `figures`: key of the column or headline → the rows it counts.

    A cell narrows them by its row: by what is a parameter too (`filters`: parameter → key of the row), or as the kind
    of the rows says: `kinds`, by the value of the parameter `by`. `named`: columns of rows that are figures themselves.
    """

    figures: Mapping[str, Behind]
    filters: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, RowsBy] = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)


@dataclass(frozen=True)
class PageLink:
    """A page that belongs to a report, such as where people put right what it shows. `roles`: who may open it."""

    label: str
    url_name: str
    roles: frozenset[Role] = frozenset(Role)


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """A report before it is computed: the question it answers, what it can be asked, and who may ask.

    `group` and `position` are its place on the page of all reports, `pages` those that its own page leads to.
    `is_kept`: its figures are counts and sums, which are made ready ahead.
    """

    name: str
    title: str
    question: str
    parameters: Sequence[Parameter]
    compute: Callable[[Selection], Contents]
    roles: frozenset[Role] = frozenset(Role)
    drilling: Drilling | None = None
    pages: Sequence[PageLink] = ()
    group: str = "The loop"
    position: int = 50
    is_kept: bool = True

    def is_for(self, principal: Principal) -> bool:
        return principal.role is None or principal.role in self.roles

    def parse(self, given: Mapping[str, str], principal: Principal) -> Parameters:
        """Raises InvalidParameter."""
        return parse_parameters(self.parameters, given, principal)

    def report(self, given: Mapping[str, str], *, principal: Principal, now: datetime) -> Report:
        """Dates are days of the company's time zone. Raises InvalidParameter."""
        selection = select(principal, self.parse(given, principal), now)
        waiting = catch_up_or_wait()
        answers = None
        with one_view():
            if selection.may_be_kept and is_worth_it():
                answers = Answers(today=company_day(now))
                selection = replace(selection, tally=answers.tally)
            contents = self.compute(selection)
            report = Report(
                name=self.name,
                title=self.title,
                question=self.question,
                parameters=selection.parameters.texts,
                as_of=selection.at,
                contents=_saying(contents, waiting),
                empty_because="" if contents.rows else _why_empty(selection, waiting),
            )
        if answers:
            answers.keep()
        return report


def _saying(contents: Contents, waiting: int) -> Contents:
    """With what the reader should know where leads moved of which the facts do not tell yet."""
    return replace(contents, remarks=(_still_counting(waiting), *contents.remarks)) if waiting else contents


def _still_counting(waiting: int) -> str:
    return (
        f"{whole(waiting)} leads moved and are still being counted: these figures may lack what became of them. "
        "Look again in a few minutes."
    )


def _why_empty(selection: Selection, waiting: int) -> str:
    if waiting:
        return _still_counting(waiting)
    return why_empty(selection.principal, selection.parameters, selection.visible())


def behind_each(counted: "Callable[[Selection, str], QuerySet[Any]]", *names: str) -> dict[str, Behind]:
    """For the figures of a report that one function counts by their names."""

    def behind(name: str) -> Behind:
        return lambda selection: counted(selection, name)

    return {name: behind(name) for name in names}


@cache
def _entries() -> Mapping[str, CatalogueEntry]:
    modules = [import_module(f"{catalogue.__name__}.{one.name}") for one in pkgutil.iter_modules(catalogue.__path__)]
    return {entry.name: entry for entry in (module.ENTRY for module in modules)}


def entries_for(principal: Principal) -> list[CatalogueEntry]:
    """The reports this principal may ask, in the order of their page."""
    order = list(GROUPS)
    possible = (one for one in _entries().values() if one.is_for(principal))
    return sorted(possible, key=lambda one: (order.index(one.group), one.position, one.name))


def find_entry(name: str, principal: Principal) -> CatalogueEntry:
    """Raises UnknownReport; a report for other roles is unknown too."""
    possible = entries_for(principal)
    for entry in possible:
        if entry.name == name:
            return entry
    raise UnknownReport(
        f"There is no report “{name}”. Choose one of: {', '.join(sorted(one.name for one in possible))}."
    )
