"""How often sales tries before it gives up, on which try it reaches somebody, and what that brings."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from dispositions.models import Disposition
from dispositions.outcomes import RULES
from funnel.models import HandOff
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection

TRIES = tuple(rule.outcome for rule in RULES.values() if rule.works_the_lead)
GIVEN_UP = (
    HandOff.Outcome.RECYCLED,
    HandOff.Outcome.DISQUALIFIED,
    HandOff.Outcome.LOST,
    HandOff.Outcome.NO_DECISION,
)


@dataclass(frozen=True)
class EffortFacts:
    """`counts`: by the names of `conditions`, and the sum of all counted attempts."""

    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, more: "EffortFacts") -> "EffortFacts":
        return EffortFacts(self.counts + more.counts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def worked(selection: Selection) -> "QuerySet[Any]":
    """The hand-offs that sales has accepted. Of imported pasts the attempts are not known: they are left out.

    With `made` (attempts that count), `tried` (all tries), `channels_tried`, `on_try` (the try on which somebody was
    reached) as of the selection's instant.
    """
    accepted = selection.cycles().filter(selection.happened("accepted_at"), imported=False)
    if selection.as_of is None:
        return accepted.annotate(
            made=F("attempts"), tried=F("tries"), channels_tried=F("attempt_channels"), on_try=F("reached_on")
        )
    return accepted.annotate(
        made=_said(selection, "pk", counted=True),
        tried=_said(selection, "pk"),
        channels_tried=_said(selection, "channel", counted=True),
        on_try=Case(When(selection.happened("reached_at"), then=F("reached_on"))),
    )


def _said(selection: Selection, column: str, **only: Any) -> Coalesce:
    """How many of the tries that stand had been made by then."""
    said = Disposition.objects.filter(
        hand_off=OuterRef("hand_off"), outcome__in=TRIES, corrected_by=None, at__lte=selection.at, **only
    )
    if column == "channel":
        said = said.exclude(channel="")
    number = said.order_by().values("hand_off").annotate(number=Count(column, distinct=True)).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def conditions(selection: Selection) -> Mapping[str, Q]:
    """`abandoned` are those given up without a conversation before the agreed attempts were made."""
    unreached = Q(on_try=None)
    given_up = ended(selection, *GIVEN_UP) & unreached
    return {
        "worked": Q(),
        "never_tried": Q(tried=0),
        "reached": Q(on_try__isnull=False),
        "given_up": given_up,
        "abandoned": given_up & Q(made__lt=F("attempts_required")),
        "qualified": selection.happened("qualified_at"),
        "won": ended(selection, HandOff.Outcome.WON),
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return worked(selection).filter(conditions(selection)[name])


def effort_facts(selection: Selection, kind: RowsBy) -> dict[Any, EffortFacts]:
    """By what a row stands for."""
    counts = {name: Count("pk", filter=one) for name, one in conditions(selection).items() if one}
    rows = kind.of(worked(selection)).order_by().values("row")
    found = {}
    for row in selection.tally(rows.annotate(worked=Count("pk"), attempts_made=Sum("made"), **counts)):
        key = row.pop("row")
        found[key] = EffortFacts(Counter(row))
    return found
