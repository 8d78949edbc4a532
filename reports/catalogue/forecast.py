"""The reps' forecasts against what happened: how often they were right, and how well calibrated they are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import TruncMonth

from accounts.formats import whole
from reports import rows as kinds
from reports.charts import Caller, Forecast, lay_out_calibration
from reports.days import company_zone
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import Measure, count, rate, score, share
from reports.queries.forecasts import BeliefFacts, belief_facts, counted
from reports.report import Chart, Contents, Definition, Figure, Kind, definitions_of
from reports.rows import BY_OWNER, FILTERS, RowsBy, by_value, fixed_names, month_of, rows_by, table, total_row
from reports.selection import Selection

OCCASIONS = {1: "First conversation", 2: "Second conversation"}


def _said_in(facts: "QuerySet[Any]", row: str) -> "QuerySet[Any]":
    month = month_of(row)
    return facts.filter(month.holds("at", company_zone())) if month else facts.none()


BY_OCCASION = RowsBy(
    *("occasion", "Made at", "Occasions", F("occasion"), fixed_names(OCCASIONS)),
    ordered=True,
    narrow=by_value("occasion"),
)
BY_CHANCE = RowsBy(
    *("chance", "Chance", "Chances", F("chance"), fixed_names({one: f"{one} %" for one in (0, 25, 50, 75, 100)})),
    nobody="Could not say",
    ordered=True,
    narrow=by_value("chance"),
)
BY_MONTH = replace(kinds.BY_MONTH, group=TruncMonth("at"), narrow=_said_in)
BY_TEAM = replace(kinds.BY_TEAM, group=F("lead__team"))
KINDS = {one.name: one for one in (BY_OCCASION, BY_CHANCE, BY_OWNER, BY_TEAM, BY_MONTH)}


def hit_rate(facts: BeliefFacts) -> float | None:
    return share(facts.hits, facts.decided)


MEASURES: tuple[Measure[BeliefFacts], ...] = (
    count("made", "Forecasts", lambda facts: facts.made, "Forecasts made; of a conversation that was undone, none."),
    count("unknown", "Could not say", lambda facts: facts.unknown, "Of them without a chance, with why not."),
    count("judged", "Judged", lambda facts: facts.judged, "Those with a chance whose hand-off is over."),
    count("won", "Won", lambda facts: facts.won.total(), "Of the judged ones, won."),
    rate("mean_chance", "Said", lambda facts: facts.mean_chance, "The mean chance that was given to the judged ones."),
    rate("observed", "Happened", lambda facts: share(facts.won.total(), facts.judged), "Won, of the judged ones."),
    rate("hit_rate", "Hit rate", hit_rate, "Of those that said more or less than even: how often they were right."),
    score(
        "brier",
        "Brier score",
        lambda facts: facts.brier,
        "The mean squared distance between chance and outcome: 0 is perfect, 0.25 is a coin.",
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    if kind is BY_MONTH:
        kind = replace(BY_MONTH, group=TruncMonth("at", tzinfo=company_zone()))
    facts = belief_facts(selection, kind)
    everything = sum(facts.values(), start=BeliefFacts())
    columns, rows = table(kind, facts, MEASURES, largest=None if kind.ordered else lambda one: one.made)
    occasions = facts if kind is BY_OCCASION else belief_facts(selection, BY_OCCASION)
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_calibration(occasions),) if everything.judged else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: BeliefFacts) -> tuple[Figure, ...]:
    return (
        Figure("made", "Forecasts", facts.made, note=f"{whole(facts.unknown)} could not say"),
        Figure("judged", "Judged", facts.judged, note="their hand-off is over"),
        Figure("hit_rate", "Hit rate", hit_rate(facts), Kind.SHARE, note="of those that said more or less than even"),
        Figure("brier", "Brier score", facts.brier, Kind.SCORE, note="0 is perfect, 0.25 a coin"),
        Figure("mean_chance", "Said", facts.mean_chance, Kind.SHARE),
        Figure("observed", "Happened", share(facts.won.total(), facts.judged), Kind.SHARE),
    )


def _calibration(occasions: Mapping[Any, BeliefFacts]) -> Chart:
    callers = tuple(
        Caller(f"series-{occasion}", OCCASIONS[occasion], _points(occasions[occasion]))
        for occasion in OCCASIONS
        if occasion in occasions and occasions[occasion].judged
    )
    told = (f"{caller.label}: {', '.join(_told(one) for one in caller.forecasts)}." for caller in callers)
    return Chart(
        title="Said against happened",
        summary=" ".join(told),
        data=callers,
        drawing=lay_out_calibration(callers),
        note="On the diagonal the forecast was right; below it the rep believed too much.",
    )


def _told(one: Forecast) -> str:
    return f"said {one.chance:.0%}, happened {one.observed:.0%} of {whole(one.count)}"


def _points(facts: BeliefFacts) -> tuple[Forecast, ...]:
    return tuple(
        Forecast(chance / 100, facts.won[chance] / judged, judged)
        for chance, judged in sorted(facts.closed.items())
        if judged
    )


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Forecast",
            "At the first and the second conversation of a hand-off the rep says with one click whether it will close. "
            "It is judged once the hand-off is over: won, or anything else. Forecasts are never changed afterwards.",
        ),
    )


ENTRY = CatalogueEntry(
    name="forecast",
    title="Forecast",
    question="How good are the reps' forecasts at the first and second conversation, against what happened?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures=behind_each(counted, "made", "unknown", "judged", "won"),
        filters=FILTERS,
        kinds=KINDS,
    ),
    group="Sales",
    position=46,
)
