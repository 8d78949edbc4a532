"""The journey of a lead, packed from its touches and stays."""

from collections.abc import Sequence

from funnel.lifecycle import Move, Stage
from funnel.models import Lead
from reports.facts.stays import Stayed
from reports.journeys.packing import Standing, Told, pack_deals, pack_touches
from reports.models import Journey

_RESULTS = {Stage.LOST, Stage.NO_DECISION}


def journey_of(lead: Lead, stays: Sequence[Stayed], touches: Sequence[Told]) -> Journey:
    """`stays` in order, `touches` in the order of (time, id)."""
    standing = Standing(
        created_at=lead.created_at,
        stage=Stage(lead.stage),
        stage_entered_at=lead.stage_entered_at,
        amount=lead.amount if lead.amount is not None or lead.stage == Stage.WON else lead.expected_value,
        # A correction is no new opportunity: the deal is the one from before.
        opportunity_at=next(
            (one.begun.at for one in reversed(stays) if one.stage is Stage.SQL and one.begun.move != Move.CORRECT), None
        ),
        ended_before=[one.begun.at for one in stays[:-1] if one.stage in _RESULTS and one.voided_at is None],
    )
    return Journey(
        lead_id=lead.pk,
        touches=pack_touches(touches),
        deals=pack_deals(standing, [one.at for one in touches]),
        currency=lead.currency,
    )
