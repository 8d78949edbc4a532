"""Paths: which journeys convert and which leak, how long they take, and what came just before sales accepted."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.conf import settings

from accounts.formats import whole
from accounts.roles import Role
from funnel.models import Channel
from reports.charts import Row as Bar
from reports.charts import Segment, lay_out_bars
from reports.engine import CatalogueEntry
from reports.filters import AGREEMENT, BY_EVENT, FROM, OWNER, SEGMENT, TEAM, TO
from reports.measures.measure import Measure, columns_of, count, days, figures_of, money, number, rate, share
from reports.queries.amounts import Rates
from reports.queries.attribution_parameters import EXCLUDE, OUTRANKED, WINDOW
from reports.queries.paths import Path, PathFacts, path_facts, touches_before_acceptance
from reports.report import Chart, Column, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.selection import Selection

SHOWN = 25
BARS_AT_MOST = 12
PATH = Column(
    "path", "Path", Kind.TEXT, meaning="Channels in the order of their touches; one that follows itself once."
)
UNTOUCHED, OTHERS = "No touch", "All other paths"


def _mean_touches(facts: PathFacts) -> float | None:
    return round(facts.touches / facts.deals, 1) if facts.deals else None


MEASURES: tuple[Measure[PathFacts], ...] = (
    count("deals", "Deals", lambda facts: facts.deals, "Deals that closed: won, lost, no decision or disqualified."),
    count("won", "Won", lambda facts: facts.won, "Those of them that were won."),
    count("lost", "Leaked", lambda facts: facts.lost, "Those that ended otherwise."),
    rate("conversion", "Conversion", lambda facts: share(facts.won, facts.deals), "Won of the deals that closed."),
    money("revenue", "Revenue", lambda facts: Decimal(facts.cents) / 100, "Of those won, where it is known."),
    number("touches", "Touches", _mean_touches, "Mean number of touches up to the close, repetitions counted."),
    days("median_days", "Median to win", lambda facts: facts.days.median, "From the first touch: half took no longer."),
    days("p90_days", "90th percentile", lambda facts: facts.days.p90, "Nine in ten took no longer."),
)


def compute(selection: Selection) -> Contents:
    found = path_facts(selection, Rates())
    names = dict(Channel.objects.values_list("pk", "name"))
    together = _sum(found.values())
    columns = (PATH, *columns_of(MEASURES))
    last = touches_before_acceptance(selection)
    return Contents(
        headline=_headline(together),
        columns=columns,
        rows=_rows(found, names),
        totals=({PATH.key: "Total", **figures_of(MEASURES, together)},) if found else (),
        charts=(_before_acceptance(last, names),) if found and last else (),
        definitions=definitions_of(
            columns,
            Definition(
                "Deals",
                "One for each cycle with a result. By “what happened then” the period is that of the close, and of the "
                "acceptance in the picture.",
            ),
        ),
    )


def _sum(facts: Iterable[PathFacts]) -> PathFacts:
    return sum(facts, start=PathFacts())


def _rows(found: Mapping[Path, PathFacts], names: Mapping[int, str]) -> tuple[Row, ...]:
    """The commonest first; what is left of them in one row."""
    order = sorted(found, key=lambda path: (-found[path].deals, -found[path].won, path))
    rows = [{PATH.key: _name(path, names), **figures_of(MEASURES, found[path])} for path in order[:SHOWN]]
    if others := order[SHOWN:]:
        rows.append({PATH.key: OTHERS, **figures_of(MEASURES, _sum(found[path] for path in others))})
    return tuple(rows)


def _name(path: Path, names: Mapping[int, str]) -> str:
    return " > ".join(names[channel] for channel in path) or UNTOUCHED


def _headline(together: PathFacts) -> tuple[Figure, ...]:
    return (
        Figure("won", "Won", together.won, note=f"of {whole(together.deals)} deals that closed"),
        Figure("revenue", "Revenue", Decimal(together.cents) / 100, Kind.MONEY, settings.REPORTING_CURRENCY),
        Figure("touches", "Touches a deal", _mean_touches(together), Kind.NUMBER, note="up to the close"),
        Figure("median_days", "Days to win", together.days.median, Kind.DAYS, note="median, from the first touch"),
    )


def _before_acceptance(last: Mapping[int | None, int], names: Mapping[int, str]) -> Chart:
    order = sorted(last, key=lambda channel: (-last[channel], names[channel] if channel else ""))
    counted = [(names[channel] if channel else UNTOUCHED, last[channel]) for channel in order]
    if len(counted) > BARS_AT_MOST:
        rest = counted[BARS_AT_MOST:]
        counted = [*counted[:BARS_AT_MOST], (f"{len(rest)} others", sum(times for _, times in rest))]
    bars = tuple(
        Bar(label, (Segment("accepted", "Accepted", times, whole(times)),), text=whole(times))
        for label, times in counted
    )
    return Chart(
        title="The last touch before sales accepted",
        summary=f"{', '.join(f'{label} {whole(times)}' for label, times in counted)}.",
        data=bars,
        drawing=lay_out_bars(bars, ranked=False),
    )


ENTRY = CatalogueEntry(
    name="paths",
    title="Paths",
    question="Which journeys convert and which leak, how long do they take, and which touch comes before acceptance?",
    parameters=(FROM, TO, TEAM, OWNER, SEGMENT, AGREEMENT, BY_EVENT, WINDOW, EXCLUDE, OUTRANKED),
    compute=compute,
    roles=frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN}),
    position=16,
    is_kept=False,
)
