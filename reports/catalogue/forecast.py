"""The reps' forecasts against what happened: how often they were right, and how well calibrated they are."""

from collections import Counter
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
from reports.measures.interval import LEAST
from reports.measures.measure import Measure, count, grouped, rate, score, share
from reports.precedents import rates_by_month
from reports.queries.forecasts import BeliefFacts, Calls, belief_facts, counted
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


def observed(calls: Calls) -> float | None:
    return share(calls.won.total(), calls.judged)


def hit_rate(facts: BeliefFacts) -> float | None:
    return share(facts.reps.hits, facts.reps.decided)


MEASURES: tuple[Measure[BeliefFacts], ...] = (
    count("made", "Forecasts", lambda facts: facts.made, "Forecasts made; of a conversation that was undone, none."),
    count("unknown", "Could not say", lambda facts: facts.unknown, "Of them without a chance, with why not."),
    count("judged", "Judged", lambda facts: facts.reps.judged, "Those with a chance whose hand-off is over."),
    count("won", "Won", lambda facts: facts.reps.won.total(), "Of the judged ones, won."),
    rate("observed", "Happened", lambda facts: observed(facts.reps), "Won, of the judged ones."),
    *grouped(
        "The reps",
        rate(
            "mean_chance", "Said", lambda facts: facts.reps.mean_chance, "The mean chance they gave to the judged ones."
        ),
        rate("hit_rate", "Hit rate", hit_rate, "Of those that said more or less than even: how often they were right."),
        score(
            "brier",
            "Brier score",
            lambda facts: facts.reps.brier,
            "The mean squared distance between chance and outcome: 0 is perfect, 0.25 is a coin.",
        ),
    ),
    *grouped(
        "The segments",
        count(
            "segments_judged",
            "Judged",
            lambda facts: facts.segments.judged,
            "Of the judged ones, those of which the segments could say something at that time.",
        ),
        rate(
            "segments_chance",
            "Said",
            lambda facts: facts.segments.mean_chance,
            "The mean chance that the segments gave to them.",
        ),
        score(
            "segments_brier",
            "Brier score",
            lambda facts: facts.segments.brier,
            "The mean squared distance between what the segments said and the outcome.",
        ),
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    if kind is BY_MONTH:
        kind = replace(BY_MONTH, group=TruncMonth("at", tzinfo=company_zone()))
    rates = rates_by_month()
    facts = belief_facts(selection, kind, rates)
    everything = sum(facts.values(), start=BeliefFacts())
    columns, rows = table(kind, facts, MEASURES, largest=None if kind.ordered else lambda one: one.made)
    occasions = facts if kind is BY_OCCASION else belief_facts(selection, BY_OCCASION, rates)
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_calibration(occasions, everything.segments),) if everything.reps.judged else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: BeliefFacts) -> tuple[Figure, ...]:
    return (
        Figure("made", "Forecasts", facts.made, note=f"{whole(facts.unknown)} could not say"),
        Figure("judged", "Judged", facts.reps.judged, note="their hand-off is over"),
        Figure("hit_rate", "Hit rate", hit_rate(facts), Kind.SHARE, note="of those that said more or less than even"),
        Figure("brier", "Brier score", facts.reps.brier, Kind.SCORE, note="0 is perfect, 0.25 a coin"),
        Figure("mean_chance", "Said", facts.reps.mean_chance, Kind.SHARE),
        Figure("observed", "Happened", observed(facts.reps), Kind.SHARE),
    )


def _calibration(occasions: Mapping[Any, BeliefFacts], segments: Calls) -> Chart:
    reps = (
        Caller(f"series-{occasion}", OCCASIONS[occasion], _points(occasions[occasion].reps))
        for occasion in OCCASIONS
        if occasion in occasions and occasions[occasion].reps.judged
    )
    records = Caller("series-4", "Segments", _points(_in_fives(segments)))
    callers = (*reps, *([records] if records.forecasts else []))
    told = (f"{caller.label}: {', '.join(_told(one) for one in caller.forecasts)}." for caller in callers)
    return Chart(
        title="Said against happened",
        summary=" ".join(told),
        data=callers,
        drawing=lay_out_calibration(callers),
        note="On the diagonal the forecast was right; below it the rep, or the segments, believed too much.",
    )


def _told(one: Forecast) -> str:
    return f"said {one.chance:.0%}, happened {one.observed:.0%} of {whole(one.count)}"


def _points(calls: Calls) -> tuple[Forecast, ...]:
    return tuple(
        Forecast(chance / 100, calls.won[chance] / judged, judged)
        for chance, judged in sorted(calls.closed.items())
        if judged
    )


def _in_fives(calls: Calls) -> Calls:
    """Segments may say any percent: drawn as one dot are those within the same five."""
    found = Calls()
    for chance, number in calls.closed.items():
        nearest = 5 * round(chance / 5)
        found += Calls(Counter({nearest: number}), Counter({nearest: calls.won[chance]}))
    return found


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Forecast",
            "At the first and the second conversation of a hand-off the rep says with one click whether it will close. "
            "It is judged once the hand-off is over: won, or anything else. Forecasts are never changed afterwards.",
        ),
        Definition(
            "Segments",
            "What the record of leads of the same industry, size, country, rank, function and channel would have said: "
            "the mean of the shares won, of the hand-offs that were over before the month of the forecast, over the "
            f"whole company and as known now. A segment with fewer than {LEAST} of them says nothing; where none has "
            "more, all hand-offs together do. Nothing of what came later is in it.",
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
