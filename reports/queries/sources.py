"""Which leads come from channels that say nothing, what speaks for another channel, and what stands behind them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf, TruncMonth

from funnel.lifecycle import Stage
from funnel.models import LeadEvent, SourceRuling
from funnel.source_evidence import COLUMNS, UNMAPPED, SourceRules, proposal_in, said, with_evidence
from reports.queries.amounts import Amounts, Rates
from reports.queries.stages import EVER
from reports.rows import RowsBy
from reports.selection import Selection

EVIDENCE = tuple(COLUMNS)


@dataclass(frozen=True)
class SourceFacts:
    """`counts`: leads, and of them those that … `revenue`: of the won ones; `dark_revenue`: of those that are dark."""

    counts: Counter[str] = field(default_factory=Counter)
    revenue: Amounts = field(default_factory=Amounts)
    dark_revenue: Amounts = field(default_factory=Amounts)

    def __add__(self, more: "SourceFacts") -> "SourceFacts":
        return SourceFacts(
            self.counts + more.counts, self.revenue + more.revenue, self.dark_revenue + more.dark_revenue
        )

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def leads(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """One row a lead: with the channel that it had at the selection's instant, what it says, and who entered it."""
    return _told(selection.leads(), selection, rules)


def _told(facts: "QuerySet[Any]", selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """`channel_then`; `said`: see `funnel.source_evidence.said`; `entered_by`: a person, a key or a job."""
    created = LeadEvent.objects.filter(lead=OuterRef("lead"), seq=1)
    return facts.annotate(
        channel_then=_channel_then(selection),
        said=said(rules, "lead__self_reported_source"),
        entered_by=Subquery(
            created.values(who=Coalesce("actor__name", NullIf("actor_name", Value(""))))[:1], output_field=CharField()
        ),
    )


def _channel_then(selection: Selection) -> Any:
    """The channel before the first ruling that came after the selection's instant; without one, that of today."""
    if selection.as_of is None:
        return F("channel")
    later = SourceRuling.objects.filter(lead=OuterRef("lead"), at__gt=selection.as_of).order_by("seq")
    return Coalesce(Subquery(later.values("old")[:1]), F("channel"), output_field=BigIntegerField())


def dark(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return leads(selection, rules).filter(_is_dark(rules))


def _is_dark(rules: SourceRules) -> Q:
    return Q(channel_then__in=sorted(rules.dark))


def recorded_dark(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return leads(selection, rules).filter(recorded_channel__in=sorted(rules.dark))


def resolved(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """Recorded as dark, and named since."""
    return recorded_dark(selection, rules).exclude(_is_dark(rules))


def ever_mql(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return _told(selection.stays().filter(EVER["mqls"]), selection, rules)


def won(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return _told(selection.stays_now().filter(stage=Stage.WON), selection, rules)


def dark_won(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return won(selection, rules).filter(_is_dark(rules))


def told(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """Leads whose own words name a channel."""
    return leads(selection, rules).exclude(said=None).exclude(said=UNMAPPED)


def agreeing(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """Those of them of which the same channel is recorded."""
    return told(selection, rules).filter(said=F("channel_then"))


def unknowable(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return dark(selection, rules).filter(lead__in=_given_up(selection).values("lead"))


def _given_up(selection: Selection) -> "QuerySet[SourceRuling]":
    """What was said to be unknowable, and had not been taken back."""
    rulings = SourceRuling.objects.filter(kind=SourceRuling.Kind.UNKNOWABLE)
    if selection.as_of is None:
        return rulings.filter(undone_by=None)
    standing = Q(undone_by=None) | Q(undone_by__at__gt=selection.as_of)
    return rulings.filter(standing, at__lte=selection.as_of)


def waiting(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    """Dark, and nobody has given it up: with the columns of `with_evidence`."""
    open_ones = dark(selection, rules).exclude(lead__in=_given_up(selection).values("lead"))
    return with_evidence(open_ones, rules, lead="lead__")


def with_evidence_of(selection: Selection, rules: SourceRules, because: str) -> "QuerySet[Any]":
    return waiting(selection, rules).filter(**{f"{COLUMNS[because]}__isnull": False})


def resolvable(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return waiting(selection, rules).exclude(_without_evidence())


def blind(selection: Selection, rules: SourceRules) -> "QuerySet[Any]":
    return waiting(selection, rules).filter(_without_evidence())


def _without_evidence() -> Q:
    return Q(**dict.fromkeys(COLUMNS.values()))


# --- counted --------------------------------------------------------------------------------------------------


def source_facts(selection: Selection, kind: RowsBy, rules: SourceRules, rates: Rates) -> dict[Any, SourceFacts]:
    """By what a row stands for. Nine queries."""
    counts: dict[Any, Counter[str]] = defaultdict(Counter)
    for name, facts in (
        ("recorded_dark", recorded_dark(selection, rules)),
        ("resolved", resolved(selection, rules)),
        ("unknowable", unknowable(selection, rules)),
        ("mqls", ever_mql(selection, rules)),
        ("dark_mqls", ever_mql(selection, rules).filter(_is_dark(rules))),
    ):
        for row, number in _by_row(facts, kind):
            counts[row][name] += number
    for row, named, said_of, number in _by_channel(selection, kind, rules):
        counts[row] += _counted(named, said_of, number, rules)
    for one in _evidence(selection, kind, rules):
        row, number = one.pop("row"), one.pop("count")
        found = {because: number for because, column in COLUMNS.items() if one[column] is not None}
        counts[row] += Counter(found) + Counter({"resolvable" if proposal_in(one) else "blind": number})
    money = _revenue(selection, kind, rules, rates, counts)
    return {row: SourceFacts(found, *money.get(row, ())) for row, found in counts.items()}


def _by_row(facts: "QuerySet[Any]", kind: RowsBy) -> Sequence[tuple[Any, int]]:
    return list(kind.of(facts).order_by().values("row").annotate(count=Count("pk")).values_list("row", "count"))


def _by_channel(selection: Selection, kind: RowsBy, rules: SourceRules) -> Sequence[tuple[Any, int, int | None, int]]:
    rows = kind.of(leads(selection, rules)).order_by().values("row", "channel_then", "said")
    return list(rows.annotate(count=Count("pk")).values_list("row", "channel_then", "said", "count"))


def _counted(channel: int, said_of: int | None, number: int, rules: SourceRules) -> Counter[str]:
    named = said_of is not None and said_of != UNMAPPED
    return Counter(
        leads=number,
        dark=number if channel in rules.dark else 0,
        told=number if named else 0,
        agreeing=number if named and said_of == channel else 0,
    )


def _evidence(selection: Selection, kind: RowsBy, rules: SourceRules) -> Sequence[dict[str, Any]]:
    rows = kind.of(waiting(selection, rules)).order_by().values("row", *COLUMNS.values())
    return list(rows.annotate(count=Count("pk")))


def _revenue(
    selection: Selection, kind: RowsBy, rules: SourceRules, rates: Rates, counts: dict[Any, Counter[str]]
) -> Mapping[Any, tuple[Amounts, Amounts]]:
    """Of all won leads and of the dark ones, at the rate of the month in which each closed; counts them as well."""
    rows = kind.of(won(selection, rules)).order_by()
    found: dict[Any, tuple[Amounts, Amounts]] = {}
    for row in rows.values("row", "channel_then", currency=F("lead__currency"), month=TruncMonth("day")).annotate(
        count=Count("pk"), known=Count("lead__amount"), total=Sum("lead__amount")
    ):
        is_dark = row["channel_then"] in rules.dark
        amounts = Amounts.of(
            currency=row["currency"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.of_month(row["currency"], row["month"]),
        )
        counts[row["row"]] += Counter(won=row["count"], dark_won=row["count"] if is_dark else 0)
        everything, behind_dark = found.get(row["row"], (Amounts(), Amounts()))
        found[row["row"]] = (everything + amounts, behind_dark + amounts if is_dark else behind_dark)
    return found


@dataclass(frozen=True)
class Cohorts:
    """Of the leads created in a month: how many, how many dark by what was recorded, and now."""

    leads: int = 0
    recorded: int = 0
    now: int = 0


def by_month(selection: Selection, rules: SourceRules) -> dict[Any, Cohorts]:
    """One query."""
    counts = {
        "leads": Count("pk"),
        "recorded": Count("pk", filter=Q(recorded_channel__in=sorted(rules.dark))),
        "now": Count("pk", filter=_is_dark(rules)),
    }
    rows = leads(selection, rules).annotate(month=TruncMonth("cohort_day")).order_by().values("month")
    return {row.pop("month"): Cohorts(**row) for row in rows.annotate(**counts)}


def matrix(selection: Selection, rules: SourceRules) -> Counter[tuple[int, int]]:
    """(what their words name, what is recorded) → how many leads. One query."""
    rows = leads(selection, rules).exclude(said=None).order_by().values("said", "channel_then")
    found = rows.annotate(count=Count("pk")).values_list("said", "channel_then", "count")
    return Counter({(named, channel): count for named, channel, count in found})
