"""The leads behind a figure of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from accounts.principals import Principal
from funnel.models import Lead
from funnel.querysets import LeadQuerySet
from reports.engine import CatalogueEntry
from reports.facts.refresh import catch_up
from reports.parameters import InvalidParameter
from reports.rows import RowsBy
from reports.selection import select

PAGE = 50


@dataclass(frozen=True)
class Behind:
    """`figure`: what it is called. `row`: of which row, in words. `rows`: what it counts; a lead may be in several."""

    figure: str
    row: str
    leads: LeadQuerySet
    rows: int

    def page(self, number: str) -> Page[Lead]:
        return Paginator(self.leads, PAGE).get_page(number)


def leads_behind(
    entry: CatalogueEntry,
    figure: str,
    row: str,
    given: Mapping[str, str],
    *,
    principal: Principal,
    now: datetime,
) -> Behind:
    """In the order of their creation, the newest first. Raises InvalidParameter for what the report does not count."""
    drilling = entry.drilling
    if drilling is None or figure not in drilling.figures:
        known = ", ".join(drilling.figures) if drilling else "none"
        raise InvalidParameter(
            f"figure: no leads stand behind “{figure}” in this report. Those that have some: {known}."
        )
    selection = select(principal, entry.parse(given, principal), now)
    catch_up()
    rows = drilling.figures[figure](selection)
    kind = drilling.kinds.get(selection.parameters.get("by") or "")
    if row and kind:
        rows = kind.narrowed(rows, row)
    leads = Lead.objects.counted_for(principal).filter(pk__in=rows.values("lead"))
    shown = leads.select_related("company", "channel", "owner", "team").order_by("-created_at", "-pk")
    return Behind(figure.replace("_", " ").capitalize(), _in_words(rows, row, kind), shown, rows.count())


def _in_words(rows: "QuerySet[Any]", row: str, kind: RowsBy | None) -> str:
    """Nobody knows by its code which rep number 7 is."""
    if not row or kind is None or kind.group is None:
        return row
    names = kind.names(kind.of(rows).order_by().values_list("row", flat=True)[:1])
    return next((name for name, code in names.values() if code == row), row)
