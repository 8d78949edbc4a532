"""Attribution: who earned what, under every model side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, When

from accounts.formats import rounded, whole
from accounts.roles import Role
from funnel.lifecycle import Stage
from funnel.models import Campaign, Channel, Touch
from reports.attribution.agreement import greatest_difference, pairs
from reports.attribution.credit import MODELS
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.engine import CatalogueEntry, Drilling
from reports.filters import AGREEMENT, BY_EVENT, FROM, OWNER, SEGMENT, TEAM, TO
from reports.journeys.selection import Key
from reports.measures.measure import return_on, share
from reports.presentation import text_of
from reports.queries.amounts import Rates
from reports.queries.attribution import AttributionFacts, attribution_facts
from reports.queries.attribution_parameters import BY, EXCLUDE, HALF_LIFE, MEASURE, ORDER, OUTRANKED, WINDOW
from reports.queries.closed_loop import spend_so_far
from reports.queries.grouping import BY_CAMPAIGN, BY_CHANNEL
from reports.report import Chart, Column, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import BY_CAMPAIGN as BY_CAMPAIGN_ROWS
from reports.rows import BY_CHANNEL as BY_CHANNEL_ROWS
from reports.selection import Selection

NAME = Column("channel_name", "Channel", Kind.TEXT)
SLUG = Column("channel", "Channel, slug", Kind.CODE)
CAMPAIGN_NAME = Column("campaign_name", "Campaign", Kind.TEXT)
CAMPAIGN_SLUG = Column("campaign", "Campaign, slug", Kind.CODE)
UNATTRIBUTED = "unattributed"
# The picture shows one model; the table has them all.
DRAWN = "linear"
BARS_AT_MOST = 14

# Label and rule of each model.
MODEL_TEXTS: Mapping[str, tuple[str, str]] = {
    "first_touch": ("First touch", "All to the first touch."),
    "last_touch": ("Last touch", "All to the last touch before the close."),
    "lead_creation": ("Lead creation", "All to the touch that made the lead: the last one until it was created."),
    "linear": ("Linear", "The same to every touch."),
    "u_shaped": ("U-shaped", "40% first touch, 40% lead creation, 20% the others."),
    "u_50_50": ("U 50/50", "Half first touch, half lead creation."),
    "position_40_40_20": ("Position", "40% first touch, 40% last touch, 20% the others."),
    "w_shaped": ("W-shaped", "30% each for first touch, lead creation and opportunity (SQL), 10% the others."),
    "full_path": ("Full path", "22.5% each for first touch, lead creation, opportunity and close, 10% the others."),
    "time_decay": ("Time decay", "A touch counts half as much for each half-life before the close."),
    "j_shaped": ("J-shaped", "20% first touch, 60% last touch, 20% the others."),
    "markov": (
        "Markov",
        "By what would be lost without the channel, in the chain of all journeys, the lost ones too.",
    ),
    "markov_by_deal": ("Markov by deal", "The same effects, shared out over each deal's own touches."),
    "shapley": ("Shapley", "Each deal equally to the distinct channels that touched it."),
}


def compute(selection: Selection) -> Contents:
    rates = Rates()
    facts = attribution_facts(selection, rates)
    columns = _columns(selection)
    rows = _rows(facts, selection, rates)
    return Contents(
        headline=_headline(facts),
        columns=columns,
        rows=rows,
        totals=_totals(facts, rows, columns, selection) if rows else (),
        charts=(_chart(rows, columns),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
        remarks=tuple(_remarks(facts, rows)),
    )


# --- rows -----------------------------------------------------------------------------------------------------


def _columns(selection: Selection) -> tuple[Column, ...]:
    by_campaign = selection.parameters["by"] == "campaign"
    names = (CAMPAIGN_NAME, CAMPAIGN_SLUG, NAME, SLUG) if by_campaign else (NAME, SLUG)
    in_wins = selection.parameters["measure"] == "wins"
    kind, currency = (Kind.NUMBER, "") if in_wins else (Kind.MONEY, settings.REPORTING_CURRENCY)
    by_model = (Column(model, *_labelled(model, kind), currency=currency) for model in MODELS)
    return (
        *names,
        *by_model,
        Column("spend", "Spend", Kind.MONEY, "Return", "Recorded for the period.", settings.REPORTING_CURRENCY),
        Column("roi_least", "ROI, least", Kind.SHARE, "Return", "Under the model that credits least."),
        Column("roi_most", "ROI, most", Kind.SHARE, "Return", "Under the model that credits most."),
    )


def _labelled(model: str, kind: Kind) -> tuple[str, Kind, str, str]:
    label, rule = MODEL_TEXTS[model]
    return label, kind, "Credit by model", rule


def _rows(facts: AttributionFacts, selection: Selection, rates: Rates) -> tuple[Row, ...]:
    """The most credited by the linear model first; what nobody touched last."""
    if not facts.wins and not facts.pipeline and not facts.total:
        return ()
    by_campaign = selection.parameters["by"] == "campaign"
    spent = spend_so_far(selection, BY_CAMPAIGN if by_campaign else BY_CHANNEL, rates)
    keys = [key for key in facts.keys if any(credit.get(key) for credit in facts.credits.values())]
    keys += [key for key in _keys(spent, by_campaign=by_campaign) if key not in keys]
    names = _names(keys)
    in_money = selection.parameters["measure"] == "revenue"
    rows: list[Row] = []
    for key in sorted(keys, key=lambda key: (-facts.credits["linear"].get(key, 0), *names[key].values())):
        credited = {model: _credit(facts, model, key) for model in MODELS}
        amounts = spent.get(key if by_campaign and key[1] else (key[0], None) if by_campaign else key[:1])
        spend = amounts.value if amounts else None
        known = [credit for credit in credited.values() if credit is not None]
        rows.append(
            {
                **_named(names[key], by_campaign=by_campaign),
                **credited,
                "spend": spend,
                "roi_least": return_on(spend, min(known)) if in_money else None,
                "roi_most": return_on(spend, max(known)) if in_money else None,
            }
        )
    if facts.unattributed:
        rows.append(_unattributed(facts, by_campaign=by_campaign))
    return tuple(rows)


def _credit(facts: AttributionFacts, model: str, key: Key) -> Decimal | None:
    return None if model in facts.unsolved else facts.credits[model].get(key, Decimal("0.00"))


def _keys(spent: Mapping[Any, Any], *, by_campaign: bool) -> list[Key]:
    return [(key[0], (key[1] or 0) if by_campaign else None) for key in spent]


def _names(keys: Sequence[Key]) -> dict[Key, dict[str, str]]:
    channels = Channel.objects.in_bulk([channel for channel, _ in keys])
    campaigns = Campaign.objects.in_bulk([campaign for _, campaign in keys if campaign])
    return {
        (channel, campaign): {
            NAME.key: channels[channel].name,
            SLUG.key: channels[channel].slug,
            CAMPAIGN_NAME.key: campaigns[campaign].name if campaign else "No campaign",
            CAMPAIGN_SLUG.key: campaigns[campaign].slug if campaign else "",
        }
        for channel, campaign in keys
    }


def _named(names: Mapping[str, str], *, by_campaign: bool) -> dict[str, str]:
    return dict(names) if by_campaign else {key: names[key] for key in (NAME.key, SLUG.key)}


def _unattributed(facts: AttributionFacts, *, by_campaign: bool) -> Row:
    names = {NAME.key: "Unattributed", SLUG.key: UNATTRIBUTED, CAMPAIGN_NAME.key: "Unattributed", CAMPAIGN_SLUG.key: ""}
    credited = {model: None if model in facts.unsolved else facts.unattributed for model in MODELS}
    return {
        **_named(names, by_campaign=by_campaign),
        **credited,
        **dict.fromkeys(("spend", "roi_least", "roi_most"), None),
    }


def _totals(
    facts: AttributionFacts, rows: Sequence[Row], columns: Sequence[Column], selection: Selection
) -> tuple[Row, ...]:
    """The sum of the rows; of the pipeline, what the Black Hole holds as a line of its own."""
    spends = [row["spend"] for row in rows if isinstance(row["spend"], Decimal)]
    spend = sum(spends, Decimal(0)) if spends else None
    in_money = selection.parameters["measure"] == "revenue"
    roi = return_on(spend, facts.total) if in_money else None
    blank: dict[str, Any] = {column.key: "" if column.kind in {Kind.TEXT, Kind.CODE} else None for column in columns}
    name, code = columns[0].key, columns[1].key
    credited = {model: None if model in facts.unsolved else facts.total for model in MODELS}
    together = blank | credited | {name: "Total", code: "total", "spend": spend, "roi_least": roi, "roi_most": roi}
    if selection.parameters["measure"] != "pipeline":
        return (together,)
    held = {model: facts.in_black_hole for model in MODELS if model not in facts.unsolved}
    return together, blank | held | {name: "In the Black Hole", code: "black_hole"}


# --- the picture ----------------------------------------------------------------------------------------------


def _chart(rows: Sequence[Row], columns: Sequence[Column]) -> Chart:
    """Each row's credit by the linear model, and below it what was spent, on one scale."""
    linear = next(column for column in columns if column.key == DRAWN)
    drawn = [row for row in rows if row[DRAWN] or row["spend"]][:BARS_AT_MOST]
    in_money = linear.kind is Kind.MONEY
    title = f"Credit by the linear model{', and spend below it' if in_money else ''}"
    return bar_chart(title, [_bar(row, linear, with_spend=in_money) for row in drawn])


def _bar(row: Row, linear: Column, *, with_spend: bool) -> Bar:
    credit, spend = Decimal(row[DRAWN] or 0), row["spend"]
    text = text_of(credit, linear.kind, linear.currency, cents=False)
    against = None
    if with_spend and isinstance(spend, Decimal):
        against = Segment("spend", "Spend", spend, text_of(spend, Kind.MONEY, linear.currency, cents=False))
    label = str(row[NAME.key])
    if CAMPAIGN_NAME.key in row and row[CAMPAIGN_NAME.key] != row[NAME.key]:
        label = f"{label}, {row[CAMPAIGN_NAME.key]}"
    return Bar(label, (Segment("revenue", "Credit", credit, text),), text, against=against)


# --- what stands above and below ------------------------------------------------------------------------------


def _headline(facts: AttributionFacts) -> tuple[Figure, ...]:
    currency = settings.REPORTING_CURRENCY
    held = share_of(facts.in_black_hole, facts.pipeline)
    return (
        Figure("revenue", "Revenue", facts.revenue, Kind.MONEY, currency, f"{whole(facts.wins)} won"),
        Figure("pipeline", "Pipeline", facts.pipeline, Kind.MONEY, currency, "with sales now"),
        Figure(
            "black_hole_share",
            "Pipeline in the Black Hole",
            held,
            Kind.SHARE,
            note="of what was handed to sales and is open",
            state="bad" if held else "",
        ),
        Figure(
            "unattributed",
            "Unattributed",
            share_of(facts.unattributed, facts.total),
            Kind.SHARE,
            note="of it nobody of marketing touched",
        ),
        Figure(
            "agreement", "Models agree", _agreement(facts), Kind.NUMBER, note="mean rank correlation, 1 is all alike"
        ),
    )


def share_of(part: Decimal, whole_of_it: Decimal) -> float | None:
    return share(int(part * 100), int(whole_of_it * 100))


def _table(facts: AttributionFacts) -> dict[str, list[float]]:
    return {model: [float(own.get(key, 0)) for key in facts.keys] for model, own in facts.credits.items()}


def _agreement(facts: AttributionFacts) -> float | None:
    found = pairs(_table(facts))
    return round(sum(pair.correlation for pair in found) / len(found), 2) if found else None


def _remarks(facts: AttributionFacts, rows: Sequence[Row]) -> list[str]:
    remarks = [f"{MODEL_TEXTS[model][0]}: {sentence}" for model, sentence in facts.unsolved.items()]
    if facts.unknown:
        remarks.append(f"{whole(facts.unknown)} deals have no amount, or no rate for its currency: they add no money.")
    table = _table(facts)
    least = next(iter(pairs(table)), None)
    if least and least.correlation < 1:
        one, other = MODEL_TEXTS[least.one][0], MODEL_TEXTS[least.other][0]
        remarks.append(f"{one} and {other} agree least: rank correlation {rounded(least.correlation, 2)}.")
    differs = greatest_difference(table)
    if differs and rows:
        names = _names([facts.keys[differs.place]])[facts.keys[differs.place]]
        about = names[CAMPAIGN_NAME.key] if facts.keys[differs.place][1] else names[NAME.key]
        least_by, most_by = MODEL_TEXTS[differs.least_by][0], MODEL_TEXTS[differs.most_by][0]
        remarks.append(
            f"They differ most about {about}: {rounded(differs.least * 100, 1)}% by {least_by}, "
            f"{rounded(differs.most * 100, 1)}% by {most_by}."
        )
    return remarks


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Touches",
            "Those up to the close count, in the order of time. A milestone's touch is the last one until then, else "
            "the first; milestones on one touch add up; a class without a touch is shared by the rest in proportion.",
        ),
        Definition(
            "Credit",
            "Each deal is shared out to the cent, by largest remainder, and each model's column sums to the total. A "
            "deal that nobody touched is unattributed. Markov and Shapley share out the total.",
        ),
        Definition(
            "Deals",
            "One for each cycle with a result. By “what happened then” the period is that of the close. Pipeline is "
            "what is with sales now, at its amount, else its expected value.",
        ),
    )


# --- what stands behind a figure ------------------------------------------------------------------------------


def _won(selection: Selection) -> "QuerySet[Any]":
    return selection.stays().filter(stage=Stage.WON, voided_at=None, left_at=None)


def _touched_by(**touch: Any) -> Exists:
    """Of won stays: a touch like this came before the close."""
    return Exists(Touch.objects.filter(lead=OuterRef("lead"), at__lte=OuterRef("entered_at"), **touch))


def _of_channel(rows: "QuerySet[Any]", row: str) -> "QuerySet[Any]":
    return rows.exclude(_touched_by()) if row == UNATTRIBUTED else rows.filter(_touched_by(channel__slug=row))


def _of_campaign(rows: "QuerySet[Any]", row: str) -> "QuerySet[Any]":
    return rows.filter(_touched_by(campaign__slug=row))


# None where a touch belongs to no campaign: the row “no campaign” opens these.
_WITHOUT_CAMPAIGN = Case(When(_touched_by(campaign=None), then=None), default=1, output_field=IntegerField())

ENTRY = CatalogueEntry(
    name="attribution",
    title="Attribution",
    question="Which marketing earned the revenue, the wins and the pipeline, under every model side by side?",
    parameters=(
        FROM,
        TO,
        TEAM,
        OWNER,
        SEGMENT,
        AGREEMENT,
        BY_EVENT,
        BY,
        MEASURE,
        WINDOW,
        EXCLUDE,
        OUTRANKED,
        ORDER,
        HALF_LIFE,
    ),
    compute=compute,
    roles=frozenset({Role.MANAGER, Role.MARKETING, Role.ADMIN}),
    drilling=Drilling(
        figures=dict.fromkeys(MODELS, _won) | {"revenue": _won},
        kinds={
            "channel": replace(BY_CHANNEL_ROWS, narrow=_of_channel),
            "campaign": replace(BY_CAMPAIGN_ROWS, group=_WITHOUT_CAMPAIGN, narrow=_of_campaign),
        },
    ),
    position=15,
    is_kept=False,
)
