"""What marketing delivered: to whom, how well prepared, and what it may bring."""

from collections.abc import Sequence

from django.conf import settings

from accounts.formats import rounded, whole
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import Measure, count, grouped, money, number, rate, share
from reports.queries.amounts import Rates
from reports.queries.delivered import DeliveryFacts, counted, delivery_facts, developing
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import (
    BY_AGREEMENT,
    BY_CAMPAIGN,
    BY_CHANNEL,
    BY_MONTH,
    BY_OWNER,
    BY_TEAM,
    FILTERS,
    RowsBy,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

KINDS = {one.name: one for one in (BY_OWNER, BY_TEAM, BY_CHANNEL, BY_CAMPAIGN, BY_MONTH, BY_AGREEMENT)}
BARS_AT_MOST = 14


def _counted(key: str, label: str, meaning: str) -> Measure[DeliveryFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


def _each(facts: DeliveryFacts, key: str) -> float | None:
    return round(facts[key] / facts["hand_offs"], 6) if facts["hand_offs"] else None


MEASURES: tuple[Measure[DeliveryFacts], ...] = (
    _counted("hand_offs", "Handed over", "Qualified leads that marketing handed to sales."),
    *grouped(
        "Prepared",
        number("touches", "Touches before", lambda facts: _each(facts, "touches_before"), "On average, of marketing."),
        number(
            "attributes",
            "Attributes known",
            lambda facts: _each(facts, "attributes_known"),
            "Of the ten, on average, at the hand-off.",
        ),
        _counted("overridden", "Overridden", "Handed over though a clause of the agreement failed, with a reason."),
    ),
    money(
        "potential",
        "Potential revenue",
        lambda facts: facts.worth.value,
        "Amount, else expected value, else that of the campaign; without those of which nothing is known.",
    ),
    count(
        "unknown_value",
        "Value unknown",
        lambda facts: facts.worth.left_out,
        "Hand-offs of which nothing is known, or of which no exchange rate is stored.",
        exceptional=True,
    ),
    *grouped(
        "What became of them",
        _counted("accepted", "Accepted", "By sales."),
        rate("acceptance", "Of them", lambda facts: share(facts["accepted"], facts["hand_offs"]), "Their share."),
        _counted("refused", "Refused", "By sales."),
        _counted("qualified", "Qualified", "Became SQL."),
        _counted("won", "Won", "Were won."),
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    facts = delivery_facts(selection, kind, Rates())
    everything = sum(facts.values(), start=DeliveryFacts())
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["hand_offs"])
    return Contents(
        headline=_headline(everything, selection.number(developing(selection))),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_chart(kind, rows),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: DeliveryFacts, in_development: int) -> tuple[Figure, ...]:
    worth = facts.worth
    unknown = f"{whole(worth.left_out)} of unknown value" if worth.left_out else ""
    accepted = share(facts["accepted"], facts["hand_offs"])
    return (
        Figure("developing", "Under development", in_development, note="inquiries and leads in nurture"),
        Figure(
            "hand_offs",
            "Handed over",
            facts["hand_offs"],
            note="" if accepted is None else f"{rounded(accepted * 100, 1)}% accepted",
        ),
        Figure("touches", "Touches before", _each(facts, "touches_before"), Kind.NUMBER, note="each, on average"),
        Figure("attributes", "Attributes known", _each(facts, "attributes_known"), Kind.NUMBER, note="of ten"),
        Figure("potential", "Potential revenue", worth.value, Kind.MONEY, settings.REPORTING_CURRENCY, unknown),
    )


def _chart(kind: RowsBy, rows: Sequence[Row]) -> Chart:
    name, _ = kind.columns
    bars = tuple(_bar(str(row[name.key]), row) for row in rows[:BARS_AT_MOST])
    return bar_chart(f"Handed over, by {kind.label.lower()}", bars)


def _bar(label: str, row: Row) -> Bar:
    value = {key: int(row[key] or 0) for key in ("hand_offs", "accepted", "refused", "qualified", "won")}
    parts = (
        ("won", "Won", value["won"]),
        ("sql", "Qualified, not won", max(value["qualified"] - value["won"], 0)),
        ("sal", "Accepted, not qualified", max(value["accepted"] - max(value["qualified"], value["won"]), 0)),
        ("refused", "Refused", value["refused"]),
        ("unknown", "Not answered", max(value["hand_offs"] - value["accepted"] - value["refused"], 0)),
    )
    segments = tuple(Segment(key, text, size, whole(size)) for key, text, size in parts if size)
    return Bar(label, segments, text=whole(value["hand_offs"]))


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Potential revenue",
            "A lead that was handed over twice has it in both hand-offs: it is what was delivered, not what is open.",
        ),
        Definition("Rep and team", "Those that have the lead now."),
    )


ENTRY = CatalogueEntry(
    name="delivered",
    title="Delivered",
    question="What did marketing hand to each rep, how well prepared was it, and what may it bring?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures={
            "developing": developing,
            **behind_each(counted, "hand_offs", "accepted", "refused", "qualified", "won", "overridden"),
        },
        filters=FILTERS,
        kinds=KINDS,
    ),
    position=25,
)
