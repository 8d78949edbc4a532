"""Refusals: for which clause, for which reason, under which agreement; and who was right where it was disputed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from accounts.formats import rounded, whole
from dispositions.models import Dispute
from funnel.models import Clause
from reports import rows as months
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.days import company_zone
from reports.engine import Behind, CatalogueEntry, Drilling
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import Measure, count, rate, share
from reports.queries import cycles
from reports.queries.refusals import (
    ClauseKey,
    RefusalFacts,
    citing,
    clause_facts,
    disputed,
    refusal_facts,
    refusals,
)
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import (
    BY_AGREEMENT,
    BY_CHANNEL,
    BY_OWNER,
    BY_REASON,
    FILTERS,
    Names,
    RowsBy,
    month_of,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

BARS_AT_MOST = 12


def _clause_names(keys: Iterable[ClauseKey | None]) -> Names:
    known = {(one.agreement_id, one.number): one for one in Clause.objects.select_related("agreement")}
    return {
        key: (f"{known[key].sentence} ({known[key].agreement}, {key[1]})", f"{key[0]}.{key[1]}")
        for key in keys
        if key in known
    }


def _said_in(facts: "QuerySet[Any]", row: str) -> "QuerySet[Any]":
    month = month_of(row)
    return facts.filter(month.holds("at", company_zone())) if month else facts.none()


BY_CLAUSE = RowsBy("clause", "Clause", "Clauses", None, _clause_names, "No clause cited", narrow=citing)
BY_MONTH = replace(months.BY_MONTH, narrow=_said_in)
KINDS = {one.name: one for one in (BY_CLAUSE, BY_REASON, BY_AGREEMENT, BY_OWNER, BY_CHANNEL, BY_MONTH)}
# Of these the hand-offs beside the refusals are known: whose they are, or under what.
WITH_HAND_OFFS = (BY_AGREEMENT, BY_OWNER, BY_CHANNEL, BY_MONTH)


def _counted(key: str, label: str, meaning: str) -> Measure[RefusalFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


REFUSALS = _counted("refusals", "Refused", "Hand-offs that sales refused; of them some were disputed.")
DISPUTES = (
    _counted("disputed", "Disputed", "Refusals of leads of which the record said that they met every clause."),
    _counted("upheld", "Sales was right", "Disputes in which the signers upheld the refusal."),
    _counted("overruled", "Marketing was right", "Disputes in which they overruled it: the lead went back to sales."),
    _counted("redefined", "Definition changed", "Disputes that they settled by changing the agreement."),
    _counted("open", "Not settled", "Disputes that the signers have not settled yet."),
)
HAND_OFFS: tuple[Measure[RefusalFacts], ...] = (
    _counted("hand_offs", "Hand-offs", "Passages to sales."),
    _counted("accepted", "Accepted", "Of them accepted."),
    rate(
        "acceptance",
        "Acceptance",
        lambda facts: share(facts["accepted"], facts["accepted"] + facts["refusals"]),
        "Accepted, of accepted + refused.",
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    facts = _facts(selection, kind)
    everything = RefusalFacts(Counter(_total(selection)))
    measures = _measures(kind, everything)
    columns, rows = table(kind, facts, measures, largest=lambda one: one["refusals"])
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, measures),) if rows else (),
        charts=(_chart(kind, rows),) if everything["refusals"] else (),
        definitions=definitions_of(columns, *_general_definitions(kind)),
    )


def _facts(selection: Selection, kind: RowsBy) -> Mapping[Any, RefusalFacts]:
    if kind is BY_CLAUSE:
        return clause_facts(selection)
    found = refusal_facts(selection, kind.name)
    if kind not in WITH_HAND_OFFS:
        return found
    if kind is BY_MONTH:
        found = {at.date() if hasattr(at, "date") else at: one for at, one in found.items()}
    handed = cycles.cycle_facts(selection, kind, ("hand_offs", "accepted"))
    return {
        key: found.get(key, RefusalFacts()) + RefusalFacts(handed[key].counts if key in handed else Counter())
        for key in {**handed, **found}
    }


def _total(selection: Selection) -> dict[str, int]:
    together = sum(refusal_facts(selection, "agreement").values(), RefusalFacts())
    handed = cycles.together(cycles.cycle_facts(selection, BY_AGREEMENT, ("hand_offs", "accepted")))
    return {**together.counts, **handed.counts}


def _measures(kind: RowsBy, everything: RefusalFacts) -> Sequence[Measure[RefusalFacts]]:
    part: Callable[[RefusalFacts], float | None] = lambda facts: share(facts["refusals"], everything["refusals"])  # noqa: E731
    of_all = rate("share", "Of all refused", part, "The row's share of all refusals.")
    if kind in WITH_HAND_OFFS:
        return (*HAND_OFFS, REFUSALS, *DISPUTES)
    return (REFUSALS, of_all, *DISPUTES)


def _headline(facts: RefusalFacts) -> tuple[Figure, ...]:
    acceptance = share(facts["accepted"], facts["accepted"] + facts["refusals"])
    settled = facts["upheld"] + facts["overruled"] + facts["redefined"]
    right = share(facts["overruled"], settled)
    return (
        Figure("refusals", "Refused", facts["refusals"], note=f"of {whole(facts['hand_offs'])} hand-offs"),
        Figure("acceptance", "Acceptance", acceptance, Kind.SHARE, note="of those answered with yes or no"),
        Figure("disputed", "Disputed", facts["disputed"], note=f"{whole(facts['open'])} not settled"),
        Figure(
            "overruled",
            "Marketing was right",
            facts["overruled"],
            note="" if right is None else f"{rounded(right * 100, 0)}% of those settled",
        ),
        Figure("upheld", "Sales was right", facts["upheld"]),
    )


def _chart(kind: RowsBy, rows: Sequence[Row]) -> Chart:
    name, _ = kind.columns
    bars = tuple(_bar(str(row[name.key]), row) for row in rows[:BARS_AT_MOST] if row["refusals"])
    return bar_chart(f"Refused hand-offs by {kind.label.lower()}", bars, ranked=kind is not BY_MONTH)


def _bar(label: str, row: Row) -> Bar:
    number = {key: int(row[key] or 0) for key in ("refusals", "disputed", "upheld", "overruled")}
    parts = (
        ("refused", "Not disputed", number["refusals"] - number["disputed"]),
        ("sales", "Sales was right", number["upheld"]),
        ("marketing", "Marketing was right", number["overruled"]),
        ("unknown", "Not settled, or definition changed", number["disputed"] - number["upheld"] - number["overruled"]),
    )
    segments = tuple(Segment(key, name, value, whole(value)) for key, name, value in parts if value)
    return Bar(label, segments, text=whole(number["refusals"]))


def _general_definitions(kind: RowsBy) -> tuple[Definition, ...]:
    if kind is not BY_CLAUSE:
        return ()
    return (Definition("Clauses", "A refusal that cites two clauses stands in both rows; the total has it once."),)


def _disputed(state: Dispute.State) -> Behind:
    return lambda selection: disputed(selection, state)


ENTRY = CatalogueEntry(
    name="refusals",
    title="Refusals",
    question="What does sales refuse, for which clause and reason, and who was right where it was disputed?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures={
            "refusals": refusals,
            "disputed": disputed,
            **{
                state.value: (lambda selection, state=state: disputed(selection, state))  # type: ignore[misc]
                for state in (
                    Dispute.State.OPEN,
                    Dispute.State.UPHELD,
                    Dispute.State.OVERRULED,
                    Dispute.State.REDEFINED,
                )
            },
        },
        filters=FILTERS,
        kinds=KINDS,
    ),
    group="The loop",
    position=30,
)
