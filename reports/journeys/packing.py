"""A lead's touches and deals as a few bytes each, which numpy reads by the million. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

import numpy as np

from funnel.lifecycle import CLOSED_STAGES, SALES_STAGES, Stage
from reports.attribution.journeys import NOT_REACHED, milestone_place

# In the order of (time, id). `second`: whole seconds since the first touch. `campaign` 0 is none.
TOUCH = np.dtype([("channel", "<i4"), ("campaign", "<i4"), ("second", "<i8")])

# `closed_at`: seconds since 1970, UTC; 0 while open. `lasted`: seconds from the lead's first touch to the close, while
# open to its last touch. `cents`: of the amount, UNKNOWN where there is none. `touches`: how many of the lead's touches
# count, those up to the close. `creation`, `opportunity`: places of their touches.
DEAL = np.dtype(
    [
        ("kind", "<i4"),
        ("touches", "<i4"),
        ("creation", "<i4"),
        ("opportunity", "<i4"),
        ("closed_at", "<i8"),
        ("lasted", "<i8"),
        ("cents", "<i8"),
    ]
)
UNKNOWN = -1


class Kind(IntEnum):
    """What became of a deal: won; ended otherwise; with sales; still with marketing. All but won are nulls."""

    WON = 1
    ENDED = 2
    PIPELINE = 3
    MARKETING = 4


@dataclass(frozen=True)
class Told:
    """One touch. `campaign` is None where it belongs to none."""

    at: datetime
    channel: int
    campaign: int | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a lead besides its touches. Times are aware.

    `amount`: what it was won for, else what it is expected to bring. `opportunity_at`: when it became an SQL.
    `ended_before`: when earlier cycles were lost or ended without a decision.
    """

    created_at: datetime
    stage: Stage
    stage_entered_at: datetime
    amount: Decimal | None
    opportunity_at: datetime | None
    ended_before: Sequence[datetime] = ()


def pack_touches(touches: Sequence[Told]) -> bytes:
    """`touches` in the order of (time, id)."""
    if not touches:
        return b""
    first = touches[0].at
    rows = [(one.channel, one.campaign or 0, int((one.at - first).total_seconds())) for one in touches]
    return np.array(rows, dtype=TOUCH).tobytes()


def pack_deals(standing: Standing, times: Sequence[datetime]) -> bytes:
    """One deal for each cycle with a result, and one for how the lead stands. `times`: of its touches, in order."""
    deals = [_deal(Kind.ENDED, standing, times, closed_at=at) for at in standing.ended_before]
    closed_at = standing.stage_entered_at if standing.stage in CLOSED_STAGES else None
    deals.append(_deal(_kind(standing.stage), standing, times, closed_at=closed_at))
    return np.array(deals, dtype=DEAL).tobytes()


def _kind(stage: Stage) -> Kind:
    if stage in SALES_STAGES:
        return Kind.PIPELINE
    if stage in CLOSED_STAGES:
        return Kind.WON if stage is Stage.WON else Kind.ENDED
    return Kind.MARKETING


def _deal(kind: Kind, standing: Standing, times: Sequence[datetime], *, closed_at: datetime | None) -> tuple[int, ...]:
    counted = [at for at in times if at <= closed_at] if closed_at else times
    was_opportunity = standing.opportunity_at is not None and standing.stage in {Stage.SQL, Stage.WON}
    has_amount = kind in {Kind.WON, Kind.PIPELINE} and standing.amount is not None
    return (
        kind,
        len(counted),
        milestone_place(counted, standing.created_at) if counted else NOT_REACHED,
        milestone_place(counted, standing.opportunity_at) if counted and was_opportunity else NOT_REACHED,
        int(closed_at.timestamp()) if closed_at else 0,
        int(((closed_at or times[-1]) - times[0]).total_seconds()) if counted else 0,
        int(standing.amount * 100) if has_amount and standing.amount is not None else UNKNOWN,
    )
