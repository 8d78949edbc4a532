"""What marketing delivered: hand-offs with all that had been done and learned before, and what they may bring."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from funnel.lifecycle import MARKETING_STAGES
from funnel.models import HandOff
from reports.days import company_day
from reports.queries.amounts import Amounts, Rates
from reports.queries.black_hole import with_worth
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection


@dataclass(frozen=True)
class DeliveryFacts:
    """`counts`: hand-offs by their names, and the sums of touches and attributes. `worth`: potential revenue."""

    counts: Counter[str] = field(default_factory=Counter)
    worth: Amounts = field(default_factory=Amounts)

    def __add__(self, more: "DeliveryFacts") -> "DeliveryFacts":
        return DeliveryFacts(self.counts + more.counts, self.worth + more.worth)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def developing(selection: Selection) -> "QuerySet[Any]":
    """Leads that marketing has in its hands: inquiries, and those in nurture."""
    return selection.stays_now().filter(stage__in=MARKETING_STAGES)


def conditions(selection: Selection) -> dict[str, Q]:
    return {
        "hand_offs": Q(),
        "accepted": selection.happened("accepted_at"),
        "refused": ended(selection, HandOff.Outcome.REFUSED),
        "qualified": selection.happened("qualified_at"),
        "won": ended(selection, HandOff.Outcome.WON),
        "overridden": ~Q(hand_off__override_reason=""),
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return selection.cycles().filter(conditions(selection)[name])


def delivery_facts(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, DeliveryFacts]:
    """By what a row stands for."""
    rows = kind.of(selection.cycles()).order_by().values("row")
    counts = {name: Count("pk", filter=one) for name, one in conditions(selection).items() if one}
    worth = _worth(selection, kind, rates)
    found = {}
    rows = rows.annotate(
        hand_offs=Count("pk"), touches_before=Sum("touches"), attributes_known=Sum("attributes"), **counts
    )
    for row in selection.tally(rows):
        key = row.pop("row")
        found[key] = DeliveryFacts(Counter(row), worth.get(key, Amounts()))
    return found


def _worth(selection: Selection, kind: RowsBy, rates: Rates) -> dict[Any, Amounts]:
    """Each lead's amount, else its expected value, else its campaign's, at the latest rates; a lead once a hand-off."""
    rows = kind.of(with_worth(selection.cycles())).order_by().values("row", "worth_in")
    today = company_day(selection.at)
    found: dict[Any, Amounts] = {}
    for row in selection.tally(rows.annotate(count=Count("pk"), known=Count("worth"), total=Sum("worth"))):
        amounts = Amounts.of(
            currency=row["worth_in"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.latest(row["worth_in"], today),
        )
        found[row["row"]] = found.get(row["row"], Amounts()) + amounts
    return found
