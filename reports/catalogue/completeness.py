"""Completeness: how much was known at the hand-off and what that changes; and which kinds of leads win."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import NullIf

from accounts.formats import rounded, whole
from funnel.attributes import Attribute
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment, Whisker, lay_out_intervals
from reports.charts.legend import LegendEntry
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.interval import LEAST, Interval, telling
from reports.measures.measure import Measure, count, grouped, number, rate, share, text
from reports.parameters import Option, choice
from reports.queries.completeness import (
    OutcomeFacts,
    by_attribute,
    code_of,
    counted,
    outcome_facts,
    with_attribute,
)
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import BY_CHANNEL, FILTERS, RowsBy, by_value, fixed_names, rows_by, table, total_row
from reports.segments import SECTORS, SIZES
from reports.selection import Selection
from reports.titles import Function, Seniority

ROWS_DRAWN = 14
BANDS = {0: "0–3 known", 1: "4–7 known", 2: "8–10 known"}
WELL_PREPARED = 2

_BAND = Case(When(attributes__lte=3, then=Value(0)), When(attributes__lte=7, then=Value(1)), default=Value(2))


def _in_band(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
    return facts.annotate(band=_BAND).filter(band=code) if code in {str(one) for one in BANDS} else facts.none()


BY_BAND = RowsBy(
    *("band", "Attributes known", "Attributes known", _BAND, fixed_names(BANDS)),
    ordered=True,
    narrow=_in_band,
)
BY_COUNT = RowsBy(
    *("known", "Attributes known", "Exact number", F("attributes")),
    names=fixed_names({one: f"{one} of 10" for one in range(len(Attribute) + 1)}),
    ordered=True,
    narrow=by_value("attributes"),
)
BY_ATTRIBUTE = RowsBy(
    *("attribute", "Attribute", "Each attribute", F("known")),
    names=fixed_names(
        {
            code_of(one, is_known=is_known): f"{one.label}: {'known' if is_known else 'not known'}"
            for one in Attribute
            for is_known in (True, False)
        }
    ),
    narrow=with_attribute,
)


def _by_trait(name: str, label: str, plural: str, names: Mapping[str, str]) -> RowsBy:
    return RowsBy(
        name,
        label,
        plural,
        NullIf(F(name), Value("")),
        fixed_names(names),
        "Not known",
        narrow=by_value(name),
    )


BY_INDUSTRY = _by_trait("industry", "Industry", "Industries", {one: one for one in SECTORS.values()})
BY_SIZE = _by_trait("size", "Size", "Sizes", {one: f"{one} employees" for one, *_ in SIZES})
BY_COUNTRY = _by_trait("country", "Country", "Countries", {})
BY_SENIORITY = _by_trait("seniority", "Rank", "Ranks", dict(Seniority.choices))
BY_FUNCTION = _by_trait("function", "Function", "Functions", dict(Function.choices))
SEGMENTS = (BY_INDUSTRY, BY_SIZE, BY_COUNTRY, BY_SENIORITY, BY_FUNCTION, BY_CHANNEL)
KINDS = {one.name: one for one in (BY_BAND, BY_COUNT, BY_ATTRIBUTE, *SEGMENTS)}


@dataclass(frozen=True)
class Aim:
    """What segments are compared by: `part` of `whole`, by the names of the counts."""

    label: str
    part: str
    whole: str
    of_what: str
    more_is_better: bool

    def together(self, everything: OutcomeFacts) -> float:
        return share(everything[self.part], everything[self.whole]) or 0.0

    def rank(self, facts: OutcomeFacts, *, worst_first: bool) -> float:
        """The largest stands first: by the end of the interval that speaks against it. Too few are after all others."""
        seen = self.seen(facts)
        if seen is None:
            return -2 - 1 / (1 + facts[self.whole])
        return seen.low if self.more_is_better is not worst_first else -seen.high

    def seen(self, facts: OutcomeFacts) -> Interval | None:
        """None where it is of too few to say."""
        return telling(facts[self.part], facts[self.whole])

    def standing(self, one: Interval | None, together: float) -> str:
        if one is None:
            return TOO_FEW
        if one.is_above(together):
            return BETTER if self.more_is_better else WORSE
        if one.is_below(together):
            return WORSE if self.more_is_better else BETTER
        return NO_DIFFERENCE


TOO_FEW, BETTER, WORSE, NO_DIFFERENCE = "Too few to say", "Better", "Worse", "No difference shown"
STANDINGS = (LegendEntry("better", BETTER), LegendEntry("unknown", NO_DIFFERENCE), LegendEntry("worse", WORSE))
AIMS = {
    "won": Aim("Won", "won", "over", "of those that are over", more_is_better=True),
    "refused": Aim("Refused", "refused", "answered", "of those accepted or refused", more_is_better=False),
    "fell": Aim("Black Hole", "fell", "hand_offs", "of those handed over", more_is_better=False),
}
BY_AIM = choice(
    "about",
    "Compared by",
    [Option(name, one.label) for name, one in AIMS.items()],
    text="What the rows are compared by: won, refused or fell (into the Black Hole).",
)
ORDER = choice(
    "order",
    "First",
    [Option("best", "The best"), Option("worst", "The worst")],
    text="Which segments stand first: best or worst.",
)


def _counted(key: str, label: str, meaning: str) -> Measure[OutcomeFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


def mean_known(facts: OutcomeFacts) -> float | None:
    return round(facts["attributes_known"] / facts["hand_offs"], 6) if facts["hand_offs"] else None


def measures_for(aim: Aim, everything: OutcomeFacts) -> tuple[Measure[OutcomeFacts], ...]:
    together = aim.together(everything)

    def end(name: str) -> Callable[[OutcomeFacts], float | None]:
        return lambda facts: getattr(aim.seen(facts), name, None)

    def standing(facts: OutcomeFacts) -> str:
        return "" if facts is everything else aim.standing(aim.seen(facts), together)

    return (
        _counted("hand_offs", "Handed over", "Hand-offs."),
        number("mean_known", "Known", mean_known, "Of the ten attributes, on average, at the hand-off."),
        *grouped(
            f"{aim.label}, {aim.of_what}",
            rate("share", "Share", end("share"), f"{aim.label}, {aim.of_what}."),
            rate("low", "From", end("low"), "The lower end of the interval in which the true share lies."),
            rate("high", "To", end("high"), "The upper end of that interval."),
            text(
                "standing",
                "Against all",
                standing,
                "Better or worse where the whole interval lies on one side of the share of all of them together.",
            ),
        ),
        *grouped(
            "What became of them",
            _counted("answered", "Answered", "Accepted or refused."),
            _counted("accepted", "Accepted", "By sales."),
            _counted("refused", "Refused", "By sales."),
            _counted("qualified", "Qualified", "Became SQL."),
            _counted("fell", "Black Hole", "Fell into the Black Hole, recovered or not."),
            _counted("over", "Over", "Ended: refused, withdrawn, recycled, disqualified, lost, no decision or won."),
            _counted("won", "Won", "Were won."),
        ),
    )


def compute(selection: Selection) -> Contents:
    kind, aim = KINDS[selection.parameters["by"]], AIMS[selection.parameters["about"]]
    found = outcome_facts(selection, kind)
    everything = sum(found.values(), start=OutcomeFacts())
    facts = by_attribute(found) if kind is BY_ATTRIBUTE else found
    measures = measures_for(aim, everything)
    worst_first = selection.parameters["order"] == "worst"
    columns, rows = table(kind, facts, measures, largest=lambda one: aim.rank(one, worst_first=worst_first))
    bands = found if kind is BY_BAND else outcome_facts(selection, BY_BAND)
    return Contents(
        headline=_headline(everything, bands),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, measures),) if rows else (),
        charts=(_comparison(kind, aim, rows, aim.together(everything)), _outcomes(bands)) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
        remarks=_remarks(kind, rows),
    )


def _headline(facts: OutcomeFacts, bands: Mapping[Any, OutcomeFacts]) -> tuple[Figure, ...]:
    won = AIMS["won"].seen(facts)
    prepared = bands.get(WELL_PREPARED, OutcomeFacts())["hand_offs"]
    return (
        Figure("hand_offs", "Handed over", facts["hand_offs"]),
        Figure("mean_known", "Attributes known", mean_known(facts), Kind.NUMBER, note="of ten, at the hand-off"),
        Figure("prepared", "With 8 or more", share(prepared, facts["hand_offs"]), Kind.SHARE, note="of hand-offs"),
        Figure(
            "won_share",
            "Won",
            won.share if won else None,
            Kind.SHARE,
            note=f"{_between(won)} of {whole(won.count)} over" if won else f"fewer than {LEAST} are over",
        ),
        Figure("refused_share", "Refused", share(facts["refused"], facts["answered"]), Kind.SHARE, note="of answered"),
    )


def _comparison(kind: RowsBy, aim: Aim, rows: Sequence[Row], together: float) -> Chart:
    name, _ = kind.columns
    drawn = [row for row in rows if row["share"] is not None][:ROWS_DRAWN]
    whiskers = tuple(_whisker(str(row[name.key]), row, aim) for row in drawn)
    told = " ".join(f"{one.label}: {one.text}." for one in whiskers)
    return Chart(
        title=f"{aim.label}, {aim.of_what}, by {kind.label.lower()}",
        summary=f"Of all together {_percent(together)}. {told}",
        data=whiskers,
        drawing=lay_out_intervals(
            whiskers, together=together, legend=[one for one in STANDINGS if one.key in {w.key for w in whiskers}]
        ),
        note=(
            "The dot is what was seen, the line where the true share lies with 95 % confidence; dashed: all together."
            if whiskers
            else f"No row has {LEAST} cases yet: too few to say."
        ),
    )


def _whisker(label: str, row: Row, aim: Aim) -> Whisker:
    low, seen, high = (float(row[key] or 0) for key in ("low", "share", "high"))
    cases = whole(int(row[aim.whole] or 0))
    key = next(one.key for one in STANDINGS if one.label == row["standing"])
    return Whisker(key, label, low, seen, high, f"{_percent(seen)}, {_range(low, high)}, n = {cases}")


def _outcomes(bands: Mapping[Any, OutcomeFacts]) -> Chart:
    """Of a hundred hand-offs with so many attributes known, what became of how many."""
    bars = tuple(_bar(BANDS[band], bands[band]) for band in BANDS if band in bands)
    return bar_chart(
        "Outcome by attributes known, percent",
        bars,
        note="Percent of the hand-offs with so many attributes known; on the right, how many there are.",
    )


def _bar(label: str, facts: OutcomeFacts) -> Bar:
    qualified = max(facts["qualified"] - facts["won"], 0)
    parts = (
        ("won", "Won", facts["won"]),
        ("sql", "Qualified, not won", qualified),
        ("refused", "Refused", facts["refused"]),
        ("unknown", "Other", max(facts["hand_offs"] - facts["won"] - qualified - facts["refused"], 0)),
    )
    segments = tuple(
        Segment(key, name, round(found * 100, 1), f"{rounded(found * 100, 0)}%")
        for key, name, value in parts
        if (found := share(value, facts["hand_offs"]))
    )
    return Bar(label, segments, text=whole(facts["hand_offs"]))


def _remarks(kind: RowsBy, rows: Sequence[Row]) -> tuple[str, ...]:
    few = sum(row["standing"] == TOO_FEW for row in rows)
    remarks = []
    if few:
        one = few == 1
        remarks.append(
            f"{whole(few)} row{' has' if one else 's have'} fewer than {LEAST} cases: too few to say. "
            f"{'It stands' if one else 'They stand'} without a share{'' if kind.ordered else ', at the end'}."
        )
    if kind is BY_ATTRIBUTE:
        remarks.append("Each hand-off is in one row of every pair: known, or not known. A pair adds up to the total.")
    return tuple(remarks)


def _percent(part: float) -> str:
    return f"{rounded(part * 100, 1)}%"


def _range(low: float, high: float) -> str:
    return f"{rounded(low * 100, 0)}–{rounded(high * 100, 0)}%"


def _between(one: Interval) -> str:
    return _range(one.low, one.high)


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Known at the hand-off",
            "An attribute of which there was evidence when the lead was handed over; the industry code and the "
            "firmographics also where the company has them. What was learned later does not count.",
        ),
        Definition(
            "Interval",
            "Wilson’s, with 95 % confidence: where the true share lies, if such leads go on as they did. Segments are "
            "ranked by the end of it that speaks against their place: for the best that which they surely reach, for "
            f"the worst that which they surely do not pass. What has fewer than {LEAST} cases is not ranked.",
        ),
        Definition(
            "Segment",
            "Industry, size, country, title and channel are those of the lead and its company as known now. Rank and "
            "function are read off the words of the title.",
        ),
    )


ENTRY = CatalogueEntry(
    name="completeness",
    title="Completeness",
    question="How much was known of leads at the hand-off, does it change what becomes of them, and which kinds win?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, BY_AIM, ORDER, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures=behind_each(
            counted, "hand_offs", "answered", "accepted", "refused", "qualified", "fell", "over", "won"
        ),
        filters=FILTERS,
        kinds=KINDS,
    ),
    position=27,
)
