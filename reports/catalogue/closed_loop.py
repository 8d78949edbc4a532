"""The closed loop: every outcome flows back to the marketing that earned it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from accounts.formats import rounded, whole
from funnel.models import Campaign, Channel
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.engine import Behind, CatalogueEntry, Drilling, behind_each
from reports.filters import COMMON_PARAMETERS, sees_whole_company
from reports.measures.closed_loop import MEASURES
from reports.measures.measure import columns_of, figures_of, return_on, share
from reports.parameters import Option, choice
from reports.queries.amounts import Amounts
from reports.queries.black_hole import leads_inside
from reports.queries.closed_loop import Facts, closed_loop_facts, total
from reports.queries.cycles import counted
from reports.queries.grouping import BY_CAMPAIGN, BY_CHANNEL, Grouping, Key, ids_at
from reports.queries.stages import CYCLES, EVER, NOW
from reports.report import Chart, Column, Contents, Definition, Drill, Figure, Kind, Row, definitions_of
from reports.selection import Selection

BARS_AT_MOST = 12
GROUPINGS = {"channel": BY_CHANNEL, "campaign": BY_CAMPAIGN}
BY = choice(
    "by",
    "Rows",
    [Option("channel", "Channels"), Option("campaign", "Campaigns")],
    text="What a row stands for: channel or campaign.",
)
CHANNEL = Column("channel_name", "Channel", Kind.TEXT)
CHANNEL_SLUG = Column("channel", "Channel, slug", Kind.CODE)
CAMPAIGN = Column("campaign_name", "Campaign", Kind.TEXT)
CAMPAIGN_SLUG = Column("campaign", "Campaign, slug", Kind.CODE)
OPENS_CAMPAIGNS = Drill(fixed={"by": "campaign"}, from_row={"channel": "channel"}, where="leads")
# By where they are now; together they are all the leads of a row.
SEGMENTS = (
    ("won", "Won"),
    ("open", "Open"),
    ("black_hole", "In the Black Hole"),
    ("lost", "Lost"),
    ("no_decision", "No decision"),
    ("disqualified", "Disqualified"),
)


def compute(selection: Selection) -> Contents:
    by = GROUPINGS[selection.parameters["by"]]
    facts = closed_loop_facts(selection, by)
    together = total(facts.values())
    rows = _rows(facts, by)
    columns = (*_name_columns(by), *columns_of(MEASURES))
    return Contents(
        headline=_headline(together, _about_spend(together, selection)),
        columns=columns,
        rows=rows,
        totals=_totals(together, by) if rows else (),
        charts=(_chart(rows, by),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _now(name: str) -> Behind:
    return lambda selection: selection.stays_now().filter(NOW[name])


def _ever(name: str) -> Behind:
    return lambda selection: selection.stays().filter(EVER[name])


ENTRY = CatalogueEntry(
    name="closed-loop",
    title="Closed loop",
    question="What became of every lead that marketing brought in, what did it earn, and what did it cost?",
    parameters=(*COMMON_PARAMETERS, BY),
    compute=compute,
    drilling=Drilling(
        figures={
            **{name: _now(name) for name in NOW},
            **{name: _ever(name) for name in EVER},
            **behind_each(counted, *CYCLES),
            "revenue": _now("won"),
            "black_hole": leads_inside,
            "black_hole_value": leads_inside,
        },
        filters={"channel": "channel", "campaign": "campaign"},
    ),
    position=10,
)


def _name_columns(by: Grouping) -> tuple[Column, ...]:
    if by is BY_CHANNEL:
        return replace(CHANNEL, drill=OPENS_CAMPAIGNS), CHANNEL_SLUG
    return CAMPAIGN, CAMPAIGN_SLUG, CHANNEL, CHANNEL_SLUG


def _rows(facts: Mapping[Key, Facts], by: Grouping) -> tuple[Row, ...]:
    """The largest cohort first; what no touch is credited with last."""
    channels = Channel.objects.in_bulk(ids_at(facts, 0))
    campaigns = Campaign.objects.in_bulk(ids_at(facts, 1)) if by is BY_CAMPAIGN else {}
    names = {key: _names(key, channels, campaigns) for key in facts}
    order = sorted(facts, key=lambda key: (key == by.nothing, -facts[key].counts["leads"], *names[key].values()))
    return tuple({**names[key], **figures_of(MEASURES, facts[key])} for key in order)


def _names(key: Key, channels: Mapping[int, Channel], campaigns: Mapping[int, Campaign]) -> dict[str, str]:
    channel_id, *campaign_ids = key
    channel = channels[channel_id] if channel_id else None
    names = {CHANNEL.key: channel.name if channel else "Unattributed"}
    names[CHANNEL_SLUG.key] = channel.slug if channel else "unattributed"
    for campaign_id in campaign_ids:
        campaign = campaigns[campaign_id] if campaign_id else None
        names[CAMPAIGN.key] = campaign.name if campaign else "No campaign" if channel else "Unattributed"
        names[CAMPAIGN_SLUG.key] = campaign.slug if campaign else ""
    return names


def _totals(together: Facts, by: Grouping) -> tuple[Row, ...]:
    """The sum of the rows, and the Black Hole in a line of its own."""
    name, code, *others = [column.key for column in _name_columns(by)]
    blank: Row = dict.fromkeys(others, "")
    everything = {name: "Total", code: "total", **blank, **figures_of(MEASURES, together)}
    inside: Row = {
        **dict.fromkeys(everything, None),
        name: "In the Black Hole",
        code: "black_hole",
        **blank,
        **dict.fromkeys(("leads", "mqls", "open"), together.hole.leads),
        **{key: value for key, value in everything.items() if key.startswith("black_hole")},
    }
    return everything, inside


def _headline(together: Facts, about_spend: str) -> tuple[Figure, ...]:
    counts, hole, revenue, spend = together.counts, together.hole, together.revenue, together.spend
    currency = settings.REPORTING_CURRENCY
    worth = _unsure(("estimated", hole.estimated), ("of unknown value", hole.worth.left_out))
    bad = "bad" if hole.leads else ""
    return (
        Figure("leads", "Leads", counts["leads"], note=f"{whole(counts['mqls'])} handed to sales"),
        Figure("black_hole", "In the Black Hole", hole.leads, note=_of(hole.leads, counts["mqls"], "MQLs"), state=bad),
        Figure("black_hole_value", "Black Hole value", hole.worth.value, Kind.MONEY, currency, worth, bad),
        Figure("won", "Won", counts["won"], note=_of(counts["won"], counts["mqls"], "MQLs")),
        Figure(
            "revenue",
            "Revenue",
            revenue.value,
            Kind.MONEY,
            currency,
            _unsure(("of unknown amount", revenue.unknown)),
        ),
        Figure("spend", "Spend", spend, Kind.MONEY, currency, about_spend),
        *_apart("black_hole_value", "Black Hole value", hole.worth),
        *_apart("revenue", "Revenue", revenue),
        *_apart("spend", "Spend", together.recorded_spend),
    )


def _about_spend(together: Facts, selection: Selection) -> str:
    if not sees_whole_company(selection.principal, selection.parameters):
        return "only known for the whole company"
    if together.recorded_spend is None:
        return "none recorded for the period"
    roi = return_on(together.spend, together.revenue.value)
    return "" if roi is None else f"ROI {rounded(roi * 100, 0)}%"


def _of(part: int, all_of_them: int, name: str) -> str:
    rate = share(part, all_of_them)
    return "" if rate is None else f"{rounded(rate * 100, 1)}% of {name}"


def _unsure(*parts: tuple[str, int]) -> str:
    return ", ".join(f"{whole(count)} {what}" for what, count in parts if count)


def _apart(key: str, label: str, amounts: Amounts | None) -> list[Figure]:
    """Sums in other currencies: nothing says yet what they are worth in ours."""
    return [
        Figure(f"{key}_{one.lower()}", f"{label} in {one}", amount, Kind.MONEY, one, "not in the sums", apart=True)
        for one, amount in (amounts.other.items() if amounts else ())
    ]


def _chart(rows: Sequence[Row], by: Grouping) -> Chart:
    with_leads = [row for row in rows if row["leads"]]
    shown, others = with_leads[:BARS_AT_MOST], with_leads[BARS_AT_MOST:]
    bars = [_bar(_bar_label(row), [row]) for row in shown]
    if others:
        bars.append(_bar(f"{len(others)} others", others))
    return bar_chart(f"Where the leads are now, by {by.fields[-1]}", bars)


def _bar_label(row: Row) -> str:
    """By campaign, each channel has a row of leads without one."""
    if row.get(CAMPAIGN_SLUG.key) == "":
        return f"{row[CHANNEL.key]}, no campaign"
    return str(row.get(CAMPAIGN.key, row[CHANNEL.key]))


def _bar(label: str, rows: Sequence[Row]) -> Bar:
    """Only the segments it has, so that the legend explains no colour that is not there."""
    counts = Counter({key: sum(int(row[key] or 0) for row in rows) for key, _ in SEGMENTS})
    counts["open"] -= counts["black_hole"]
    segments = tuple(Segment(key, name, counts[key], whole(counts[key])) for key, name in SEGMENTS if counts[key])
    return Bar(label, segments, text=whole(counts.total()))


def _general_definitions() -> tuple[Definition, ...]:
    currency = settings.REPORTING_CURRENCY
    return (
        Definition(
            "Cohort",
            "The leads created in the period that you may see. Days are the company's: all see the same figures.",
        ),
        Definition(
            "Currency",
            f"Other currencies are converted to {currency} at the rate of the month in which they closed. Those "
            "without a stored rate are counted, and their sums shown apart.",
        ),
    )
