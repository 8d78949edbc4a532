"""Persistence: how often sales tries, how many leads it gives up too early, and on which try people are reached."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from accounts.formats import rounded, whole
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import Measure, count, grouped, number, rate, share
from reports.queries.persistence import EffortFacts, counted, effort_facts
from reports.report import Chart, Contents, Definition, Figure, Kind, definitions_of
from reports.rows import (
    BY_AGREEMENT,
    BY_CHANNEL,
    BY_MONTH,
    BY_OWNER,
    BY_TEAM,
    FILTERS,
    Names,
    RowsBy,
    by_value,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

TRIES_DRAWN = 10


def _numbered(what: str) -> Any:
    def names(values: Any) -> Names:
        return {one: (f"{one} {what}{'' if one == 1 else 's'}", str(one)) for one in values if one is not None}

    return names


def _on_try(values: Any) -> Names:
    return {one: (f"Try {one}", str(one)) for one in values if one is not None}


BY_ATTEMPTS = RowsBy(
    *("attempts", "Attempts", "Attempts", F("made"), _numbered("attempt")),
    ordered=True,
    narrow=by_value("made"),
)
BY_REACHED = RowsBy(
    *("reached_on", "Reached on", "Reached on try", F("on_try"), _on_try, "Not reached"),
    ordered=True,
    narrow=by_value("on_try"),
)
BY_CHANNELS = RowsBy(
    *("channels", "Channels tried", "Channels tried", F("channels_tried"), _numbered("channel")),
    ordered=True,
    narrow=by_value("channels_tried"),
)
KINDS = {
    one.name: one
    for one in (BY_ATTEMPTS, BY_REACHED, BY_CHANNELS, BY_OWNER, BY_TEAM, BY_MONTH, BY_CHANNEL, BY_AGREEMENT)
}


def _counted(key: str, label: str, meaning: str) -> Measure[EffortFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


def mean_attempts(facts: EffortFacts) -> float | None:
    return round(facts["attempts_made"] / facts["worked"], 6) if facts["worked"] else None


def abandoned_share(facts: EffortFacts) -> float | None:
    return share(facts["abandoned"], facts["given_up"])


MEASURES: tuple[Measure[EffortFacts], ...] = (
    _counted("worked", "Accepted", "Hand-offs that sales accepted. Imported pasts are left out."),
    number("mean_attempts", "Attempts each", mean_attempts, "Attempts that count, of all of them, on average."),
    _counted("never_tried", "Never tried", "Without a single attempt or conversation."),
    *grouped(
        "Reached",
        _counted("reached", "Reached", "There was a conversation."),
        rate("reach_rate", "Of accepted", lambda facts: share(facts["reached"], facts["worked"]), "Their share."),
    ),
    *grouped(
        "Given up",
        _counted("given_up", "Unreached", "Recycled, disqualified, lost or without a decision, and never spoken to."),
        _counted("abandoned", "Too early", "Of them, before the attempts that the agreement asks for."),
        rate("abandoned_rate", "Share too early", abandoned_share, "Too early, of those given up unreached."),
    ),
    *grouped(
        "Outcome",
        _counted("qualified", "Qualified", "Became SQL."),
        rate(
            "qualification",
            "Of accepted",
            lambda facts: share(facts["qualified"], facts["worked"]),
            "Became SQL, of those accepted.",
        ),
        _counted("won", "Won", "Were won."),
        rate("winning", "Of accepted", lambda facts: share(facts["won"], facts["worked"]), "Won, of those accepted."),
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    facts = effort_facts(selection, kind)
    everything = sum(facts.values(), start=EffortFacts())
    columns, rows = table(kind, facts, MEASURES, largest=None if kind.ordered else lambda one: one["worked"])
    reached = facts if kind is BY_REACHED else effort_facts(selection, BY_REACHED)
    attempts = facts if kind is BY_ATTEMPTS else effort_facts(selection, BY_ATTEMPTS)
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_reached(reached), _outcomes(attempts)) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: EffortFacts) -> tuple[Figure, ...]:
    early = abandoned_share(facts)
    return (
        Figure("worked", "Accepted", facts["worked"]),
        Figure("mean_attempts", "Attempts each", mean_attempts(facts), Kind.NUMBER),
        Figure("reached", "Reached", facts["reached"], note=_part(facts["reached"], facts["worked"], "of accepted")),
        Figure(
            "abandoned",
            "Given up too early",
            facts["abandoned"],
            note=_part(facts["abandoned"], facts["given_up"], "of those given up unreached"),
            state="bad" if early is not None and early > 0.5 else "",
        ),
        Figure("never_tried", "Never tried", facts["never_tried"], state="warn" if facts["never_tried"] else ""),
    )


def _part(part: int, all_of_them: int, of_what: str) -> str:
    found = share(part, all_of_them)
    return "" if found is None else f"{rounded(found * 100, 1)}% {of_what}"


def _reached(facts: Mapping[Any, EffortFacts]) -> Chart:
    """How many were reached on the first try, the second, …; those beyond the tenth together."""
    numbers = sorted(key for key in facts if key is not None)
    bars = [_reached_bar(f"Try {one}", [facts[one]], "won") for one in numbers if one <= TRIES_DRAWN]
    if beyond := [facts[one] for one in numbers if one > TRIES_DRAWN]:
        bars.append(_reached_bar(f"After try {TRIES_DRAWN}", beyond, "won"))
    if None in facts:
        bars.append(_reached_bar("Not reached", [facts[None]], "not_reached"))
    return bar_chart("On which try people were reached", bars)


def _reached_bar(label: str, facts: Sequence[EffortFacts], key: str) -> Bar:
    value = sum(one["worked"] for one in facts)
    return Bar(
        label,
        (Segment(key, "Not reached" if key == "not_reached" else "Reached", value, whole(value)),),
        text=whole(value),
    )


def _outcomes(facts: Mapping[Any, EffortFacts]) -> Chart:
    """Of a hundred hand-offs with so many attempts, how many were won or qualified."""
    bars = [
        _outcome_bar(f"{one} attempt{'' if one == 1 else 's'}", facts[one]) for one in sorted(facts)[: TRIES_DRAWN + 1]
    ]
    return bar_chart("Outcome by attempts, percent", bars, note="Percent of the hand-offs with so many attempts.")


def _outcome_bar(label: str, facts: EffortFacts) -> Bar:
    parts = (
        ("won", "Won", facts["won"]),
        ("sql", "Qualified, not won", max(facts["qualified"] - facts["won"], 0)),
        ("not_reached", "Neither", facts["worked"] - max(facts["qualified"], facts["won"])),
    )
    segments = tuple(
        Segment(key, name, round(found * 100, 1), f"{rounded(found * 100, 0)}%")
        for key, name, value in parts
        if (found := share(value, facts["worked"]))
    )
    return Bar(label, segments, text=whole(facts["worked"]))


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Attempt",
            "A call, voicemail or e-mail that did not reach the person. At most two count per working day. A try is an "
            "attempt or a conversation, counted or not.",
        ),
    )


ENTRY = CatalogueEntry(
    name="persistence",
    title="Persistence",
    question="How often does sales try, how many leads does it give up too early, and on which try are people reached?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures=behind_each(counted, "worked", "never_tried", "reached", "given_up", "abandoned", "qualified", "won"),
        filters=FILTERS,
        kinds=KINDS,
    ),
    group="Sales",
    position=42,
)
