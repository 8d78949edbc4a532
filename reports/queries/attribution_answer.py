"""What `manage.py attribute` answers over the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.principals import SYSTEM
from reports.attribution.answer import Answer
from reports.attribution.credit import MARKOV_MODELS
from reports.facts.refresh import catch_up
from reports.journeys.credit import Attribution
from reports.journeys.packing import UNKNOWN
from reports.journeys.selection import names_of
from reports.parameters import parse_parameters
from reports.queries.amounts import Rates
from reports.queries.attribution import journeys_selected, won_within
from reports.queries.attribution_parameters import ASKED_BY_COMMAND
from reports.selection import select
from reports.snapshot import one_view


def answer_over_database(
    given: Mapping[str, str],
    *,
    model: str,
    order: int,
    half_life: float,
    parameters: Mapping[str, Any],
    now: datetime,
) -> Answer:
    """`given`: of ASKED_BY_COMMAND, as texts. All leads count.

    `totals`: won deals, their value, the deals that were not won, and of the won ones what nobody touched and what has
    no known amount. Raises InvalidParameter, NotSolvable.
    """
    selection = select(SYSTEM, parse_parameters(ASKED_BY_COMMAND, given, SYSTEM), now)
    catch_up()
    with one_view():
        deals = journeys_selected(selection, Rates())
        won = won_within(selection, deals)
        chosen = deals.chosen(won)
        by_campaign = selection.parameters["by"] == "campaign"
        attribution = Attribution(everything=deals, by_campaign=by_campaign, order=order, half_life=half_life)
        credited = attribution.crediting(chosen).credit(model)
        names = names_of(attribution.keys)
        effects = attribution.effects.conversions.tolist() if model in MARKOV_MODELS else []
    untouched = chosen.lengths == 0
    return Answer(
        model=model,
        parameters=parameters,
        totals={
            "conversions": int(won.sum()),
            "value": int(chosen.known_cents.sum()) / 100,
            "nulls": int((~won).sum()),
            "unattributed_conversions": int(untouched.sum()),
            "unattributed_value": int(chosen.known_cents[untouched].sum()) / 100,
            "unknown_values": int((chosen.cents == UNKNOWN).sum()),
        },
        credit_conversions={name: float(credited.deals.get(key, 0)) for key, name in names.items()},
        credit_value={name: credited.cents.get(key, 0) / 100 for key, name in names.items()},
        removal_effect=dict(zip(names.values(), effects, strict=False)),
    )
