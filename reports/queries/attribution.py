"""What each model credits to channels or campaigns for the deals of a selection."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from funnel.models import Lead
from reports.attribution.apportion import share_out
from reports.attribution.credit import MODELS
from reports.attribution.markov import NotSolvable
from reports.days import company_zone
from reports.journeys.credit import Attribution
from reports.journeys.packing import UNKNOWN, Kind
from reports.journeys.selection import Deals, Key, Options, closed_within, load, paid_channels
from reports.models import Journey
from reports.parameters import Parameters
from reports.period import Period
from reports.queries.amounts import Rates
from reports.queries.black_hole import leads_inside
from reports.selection import Selection

Amount = Decimal
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class AttributionFacts:
    """`credits`: by model, by key, of the measure; a model that could not be solved is in `unsolved` with the reason.

    Amounts are in the reporting currency, wins in hundredths; each model's credits and `unattributed` sum to `total`.
    `unknown`: deals in question whose amount is not known. `pipeline`, `in_black_hole`: what is with sales now.
    """

    keys: tuple[Key, ...]
    credits: Mapping[str, Mapping[Key, Amount]]
    unsolved: Mapping[str, str]
    total: Amount
    unattributed: Amount
    wins: int
    revenue: Amount
    unknown: int
    pipeline: Amount
    in_black_hole: Amount


def attribution_facts(selection: Selection, rates: Rates) -> AttributionFacts:
    parameters = selection.parameters
    deals = journeys_selected(selection, rates)
    won, pipeline = won_within(selection, deals), deals.is_kind(Kind.PIPELINE)
    measure = parameters["measure"]
    chosen = deals.chosen(pipeline if measure == "pipeline" else won)
    attribution = Attribution(
        everything=deals,
        by_campaign=parameters["by"] == "campaign",
        order=int(parameters["order"]),
        half_life=float(parameters["half_life"]),
    )
    by_model, unsolved = _credits(attribution, chosen, in_deals=measure == "wins")
    has_touches = chosen.lengths > 0
    inside = np.isin(deals.leads, list(_in_black_hole(selection))) & pipeline
    return AttributionFacts(
        keys=attribution.keys,
        credits=by_model,
        unsolved=unsolved,
        total=_sum(chosen, np.ones_like(has_touches), in_deals=measure == "wins"),
        unattributed=_sum(chosen, ~has_touches, in_deals=measure == "wins"),
        wins=int(won.sum()),
        revenue=_sum(deals, won),
        unknown=int((chosen.cents == UNKNOWN).sum()),
        pipeline=_sum(deals, pipeline),
        in_black_hole=_sum(deals, inside),
    )


def journeys_selected(selection: Selection, rates: Rates) -> Deals:
    """All deals of the leads that the filters leave, whenever they closed."""
    leads = (selection if selection.by_cohort else replace(selection, period=Period())).leads()
    rows = Journey.objects.all()
    if not selection.principal.sees_everything or _filters(selection.parameters) or selection.by_cohort:
        rows = rows.filter(lead__in=leads.values("lead"))
    return load(rows, options_of(selection.parameters), rates)


def _filters(parameters: Parameters) -> bool:
    return any(parameters.get(name) for name in ("team", "owner", "segment", "agreement"))


def options_of(parameters: Parameters) -> Options:
    outranked, excluded = parameters.get("outranked"), parameters.get("exclude")
    return Options(
        window_days=float(parameters["window"]) if parameters["window"] != "all" else None,
        excluded=frozenset({excluded.pk}) if excluded else frozenset(),
        outranked=frozenset({outranked.pk}) if outranked else frozenset(),
        paid=paid_channels() if outranked else frozenset(),
    )


def won_within(selection: Selection, deals: Deals) -> NDArray[np.bool_]:
    """Those won; by event, those won within the period."""
    return deals.is_kind(Kind.WON) & closed_in_period(selection, deals)


def closed_in_period(selection: Selection, deals: Deals) -> NDArray[np.bool_]:
    """Those closed, whatever the outcome; by event, those closed within the period."""
    first, last, zone = selection.period.first, selection.period.last, company_zone()
    if selection.by_cohort:
        first = last = None  # the period has chosen the leads
    begin = datetime.combine(first, time(), zone) if first else None
    end = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return closed_within(deals, begin, end)


def _credits(
    attribution: Attribution, chosen: Deals, *, in_deals: bool
) -> tuple[dict[str, dict[Key, Amount]], dict[str, str]]:
    by_model: dict[str, dict[Key, Amount]] = {}
    unsolved: dict[str, str] = {}
    crediting = attribution.crediting(chosen)
    for model in MODELS:
        try:
            credited = crediting.credit(model)
        except NotSolvable as error:
            unsolved[model] = str(error)
            continue
        cents = credited.cents
        if in_deals:
            whole = 100 * int((chosen.lengths > 0).sum())
            cents = dict(zip(credited.deals, share_out(whole, list(credited.deals.values())), strict=True))
        by_model[model] = {key: amount * CENT for key, amount in cents.items()}
    return by_model, unsolved


def _sum(deals: Deals, which: NDArray[np.bool_], *, in_deals: bool = False) -> Amount:
    return Decimal(int(which.sum())) if in_deals else int(deals.known_cents[which].sum()) * CENT


def _in_black_hole(selection: Selection) -> set[int]:
    everyone = leads_inside(replace(selection, period=Period()))
    return set(everyone.filter(lead__in=Lead.objects.visible_to(selection.principal)).values_list("lead", flat=True))
