"""Source hygiene: how much of what comes in has a source that says nothing, and what could be found out of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format

from accounts.formats import rounded, whole
from accounts.roles import Role
from funnel.models import Channel
from funnel.source_evidence import UNMAPPED, SourceRules, source_rules
from reports.charts import MatrixRow, Series, lay_out_matrix, lay_out_trend
from reports.engine import Behind, CatalogueEntry, Drilling, PageLink
from reports.filters import COMMON_PARAMETERS
from reports.measures.measure import share
from reports.measures.sources import MEASURES
from reports.queries import sources as queries
from reports.queries.amounts import Rates
from reports.queries.sources import EVIDENCE, Cohorts, SourceFacts
from reports.report import Chart, Contents, Definition, Figure, Kind, definitions_of
from reports.rows import BY_CHANNEL as OF_TODAY
from reports.rows import BY_MONTH as BY_DAY
from reports.rows import Names, RowsBy, by_value, fixed_names, in_month, rows_by, table, total_row
from reports.selection import Selection

MONTHS_AT_MOST = 24
COLUMNS_AT_MOST = 9
UNMAPPED_NAME = "Means no channel"
UNMAPPED_CODE = "unmapped"


def _of_channel(facts: "QuerySet[Any]", slug: str) -> "QuerySet[Any]":
    return facts.filter(channel_then__in=Channel.objects.filter(slug=slug).values("pk"))


def _saying(facts: "QuerySet[Any]", slug: str) -> "QuerySet[Any]":
    if slug == UNMAPPED_CODE:
        return facts.filter(said=UNMAPPED)
    return facts.filter(said__in=Channel.objects.filter(slug=slug).values("pk"))


def _said_names(ids: Iterable[int | None]) -> Names:
    return {**OF_TODAY.names(ids), UNMAPPED: (UNMAPPED_NAME, UNMAPPED_CODE)}


BY_CHANNEL = replace(OF_TODAY, group=F("channel_then"), narrow=_of_channel)
BY_SOURCE = RowsBy("source", "System", "Systems", F("lead__source"), fixed_names({}), narrow=by_value("lead__source"))
BY_ENTERED = RowsBy(
    *("entered_by", "Entered by", "Who entered them", F("entered_by"), fixed_names({}), "Nobody on record"),
    narrow=by_value("entered_by"),
)
BY_MONTH = replace(
    BY_DAY, group=TruncMonth("cohort_day"), narrow=lambda facts, month: in_month(facts, month, "cohort_day")
)
BY_SAID = RowsBy("words", "They say", "What they say", F("said"), _said_names, "Nothing", narrow=_saying)
KINDS = {one.name: one for one in (BY_CHANNEL, BY_SOURCE, BY_ENTERED, BY_MONTH, BY_SAID)}


def compute(selection: Selection) -> Contents:
    kind, rules = KINDS[selection.parameters["by"]], source_rules()
    facts = queries.source_facts(selection, kind, rules, Rates())
    together = sum(facts.values(), SourceFacts())
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["leads"])
    return Contents(
        headline=_headline(together, rules),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, together, MEASURES),) if rows else (),
        charts=_charts(selection, rules) if rows else (),
        definitions=definitions_of(columns, *_general_definitions(rules)),
    )


def _headline(facts: SourceFacts, rules: SourceRules) -> tuple[Figure, ...]:
    now, recorded = share(facts["dark"], facts["leads"]), share(facts["recorded_dark"], facts["leads"])
    state = "" if now is None else "bad" if now > rules.budget else "good"
    budget = f"budget {rounded(rules.budget * 100, 1)}%"
    currency, behind = settings.REPORTING_CURRENCY, facts.dark_revenue
    return (
        Figure("dark_share", "Dark share", now, Kind.SHARE, note=budget, state=state),
        Figure("dark", "Dark leads", facts["dark"], note=f"of {whole(facts['leads'])}"),
        Figure("recorded_dark_share", "As recorded", recorded, Kind.SHARE, note=_since(facts)),
        Figure("resolvable", "Some evidence", facts["resolvable"], note=f"none for {whole(facts['blind'])}"),
        Figure(
            "dark_win_rate",
            "Dark win rate",
            share(facts["dark_won"], facts["dark_mqls"]),
            Kind.SHARE,
            note=_known(facts),
        ),
        Figure("dark_revenue", "Dark revenue", behind.value, Kind.MONEY, currency, note=_about(facts)),
        *(
            Figure(f"dark_revenue_{one.lower()}", f"Dark revenue in {one}", amount, Kind.MONEY, one, apart=True)
            for one, amount in behind.other.items()
        ),
    )


def _since(facts: SourceFacts) -> str:
    return f"{whole(facts['resolved'])} named since"


def _known(facts: SourceFacts) -> str:
    """How the others win, to compare."""
    rate = share(facts["won"] - facts["dark_won"], facts["mqls"] - facts["dark_mqls"])
    return "" if rate is None else f"known sources {rounded(rate * 100, 1)}%"


def _about(facts: SourceFacts) -> str:
    wins = f"{whole(facts['dark_won'])} of {whole(facts['won'])} wins"
    unknown = facts.dark_revenue.left_out
    return f"{wins}, {whole(unknown)} of them not in the sum" if unknown else wins


# --- pictures ---------------------------------------------------------------------------------------------------


def _charts(selection: Selection, rules: SourceRules) -> tuple[Chart, ...]:
    said = queries.matrix(selection, rules)
    return (_trend(queries.by_month(selection, rules), rules), *((_matrix(said),) if said else ()))


def _trend(months: Mapping[Any, Cohorts], rules: SourceRules) -> Chart:
    shown = sorted(months)[-MONTHS_AT_MOST:]
    names = tuple(date_format(one, "M Y") for one in shown)
    now = tuple(round(100 * months[one].now / months[one].leads, 1) for one in shown)
    recorded = tuple(round(100 * months[one].recorded / months[one].leads, 1) for one in shown)
    budget = (round(rules.budget * 100, 1),) * len(shown)
    lines = (
        Series("open", "Now", now, _percents(now)),
        Series("recorded", "As recorded", recorded, _percents(recorded)),
        Series("budget", "Budget", budget, _percents(budget)),
    )
    return Chart(
        title="Dark share of the leads created in a month, percent",
        summary=" ".join(
            f"{name}: {today} now, {then} as recorded."
            for name, today, then in zip(names, _percents(now), _percents(recorded), strict=True)
        )
        + f" The budget is {_percents(budget)[0]}.",
        data=lines,
        drawing=lay_out_trend(names, lines, whole=False),
        note="The line of what was recorded stays; that of now falls with each source that is found out.",
    )


def _percents(values: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{rounded(value, 1)}%" for value in values)


def _matrix(said: Mapping[tuple[int, int], int]) -> Chart:
    """Rows: what they say; columns: what is recorded, the largest first, the smallest together."""
    sums: dict[int, int] = {}
    for (_, channel), count in said.items():
        sums[channel] = sums.get(channel, 0) + count
    columns = sorted(sums, key=lambda one: (-sums[one], one))
    shown, others = columns[:COLUMNS_AT_MOST], columns[COLUMNS_AT_MOST:]
    names = {pk: name for pk, (name, _) in _said_names({*columns, *(one for one, _ in said)}).items()}
    heads = [*(names[one] for one in shown), *(["Others"] if others else [])]
    rows = sorted(
        (_matrix_row(names[one], one, said, shown, others) for one in {named for named, _ in said}),
        key=lambda row: (row.label == UNMAPPED_NAME, -sum(row.counts), row.label),
    )
    return Chart(
        title="What they say, against what is recorded",
        summary=" ".join(_told(row, heads) for row in rows),
        data=tuple(rows),
        drawing=lay_out_matrix(heads, rows),
        note="Rows: what their own words mean. Columns: the channel that is recorded. Framed: both are the same.",
    )


def _matrix_row(
    name: str, named: int, said: Mapping[tuple[int, int], int], shown: Sequence[int], others: Sequence[int]
) -> MatrixRow:
    counts = [said.get((named, one), 0) for one in shown]
    rest = [sum(said.get((named, one), 0) for one in others)] if others else []
    return MatrixRow(name, (*counts, *rest))


def _told(row: MatrixRow, heads: Sequence[str]) -> str:
    parts = (f"{whole(count)} {head}" for head, count in zip(heads, row.counts, strict=True) if count)
    return f"{row.label}, recorded as: {', '.join(parts)}."


# --- words ------------------------------------------------------------------------------------------------------


def _general_definitions(rules: SourceRules) -> tuple[Definition, ...]:
    dark = Channel.objects.filter(pk__in=rules.dark).order_by("name").values_list("name", flat=True)
    return (
        Definition(
            "Dark",
            f"A channel that says nothing: {', '.join(dark) or 'none of those there are'}. An admin sets which, and "
            f"the budget of {rounded(rules.budget * 100, 1)}%, under Source hygiene; both hold for the past too.",
        ),
        Definition(
            "As recorded, and now",
            "As recorded: with the channel a lead came with. Now: with what marketing found out since. As of a past "
            "day it is what had been found out by then; the filter “channel” means the channel of today.",
        ),
        Definition(
            "Dark win rate",
            "Won leads whose channel says nothing, divided by the MQLs among them; beside it the same of all others.",
        ),
        Definition(
            "What they say",
            "The words by which they tell how they found us, read by a table of words that an admin keeps: of several "
            "in one text the longest counts. What fits none means no channel.",
        ),
    )


def _figure(rows: Callable[..., "QuerySet[Any]"], *more: str) -> Behind:
    return lambda selection: rows(selection, source_rules(), *more)


ENTRY = CatalogueEntry(
    name="sources",
    title="Sources",
    question="How many leads come from sources that say nothing, what is behind them, and what could be found out?",
    parameters=(*COMMON_PARAMETERS, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures={
            "leads": _figure(queries.leads),
            "dark": _figure(queries.dark),
            "recorded_dark": _figure(queries.recorded_dark),
            "resolved": _figure(queries.resolved),
            "unknowable": _figure(queries.unknowable),
            "resolvable": _figure(queries.resolvable),
            "blind": _figure(queries.blind),
            **{one: _figure(queries.with_evidence_of, one) for one in EVIDENCE},
            "told": _figure(queries.told),
            "agreeing": _figure(queries.agreeing),
            "mqls": _figure(queries.ever_mql),
            "won": _figure(queries.won),
            "revenue": _figure(queries.won),
            "dark_won": _figure(queries.dark_won),
            "dark_revenue": _figure(queries.dark_won),
        },
        kinds=KINDS,
    ),
    pages=(PageLink("Find them out", "sources", frozenset({Role.MARKETING, Role.ADMIN})),),
    group="The loop",
    position=35,
)
