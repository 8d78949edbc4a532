"""Refusals of leads that met every clause, and what became of the disputes over them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from dispositions.models import Dispute, Verdict
from dispositions.services.disputes import vote
from leadflow.demo.agreements import MAIL, PAIN, SIZE, sign_next_version
from leadflow.demo.story import Story
from leadflow.demo.world import World

WorkedBefore = Callable[[float], datetime]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A refusal `hours_ago` working hours ago, and the votes: how long ago, whether marketing's, for what."""

    hours_ago: float
    rep: int
    reason: str
    clause: int
    evidence: str
    votes: tuple[tuple[float, bool, Verdict], ...] = field(default=())


CASES = (
    Case(
        hours_ago=170,
        rep=2,
        reason="wrong_segment",
        clause=SIZE,
        evidence="The group has that many, this company has six; the warehouse is rented out",
        votes=((160, True, Verdict.UPHELD), (150, False, Verdict.UPHELD)),
    ),
    Case(
        hours_ago=120,
        rep=4,
        reason="no_need",
        clause=PAIN,
        evidence="The problem was guessed from a web form. Nobody there had ever named it",
        votes=((118, False, Verdict.REDEFINED), (110, True, Verdict.REDEFINED)),
    ),
    Case(
        hours_ago=64,
        rep=5,
        reason="no_need",
        clause=PAIN,
        evidence="He says the picking errors are solved since the spring",
        votes=((60, True, Verdict.OVERRULED), (55, False, Verdict.UPHELD)),
    ),
    Case(
        hours_ago=26,
        rep=1,
        reason="bad_data",
        clause=MAIL,
        evidence="My mail came back",
        votes=((20, True, Verdict.OVERRULED), (2, False, Verdict.OVERRULED)),
    ),
    Case(
        hours_ago=9,
        rep=3,
        reason="wrong_segment",
        clause=SIZE,
        evidence="Most of them drive trucks; five people work in the warehouse",
    ),
)


def said_of(case: Case) -> dict[str, Any]:
    """What the rep says when he refuses."""
    return {
        "reason": case.reason,
        "note": f"{case.evidence}.",
        "failed_clauses": (case.clause,),
        "clause_evidence": {case.clause: case.evidence},
    }


def settle(world: World, story_of: dict[Case, Story], ago: WorkedBefore) -> None:
    """Call it once the stories are written: the signers vote on what the database holds."""
    marketer, seller = world.staff.marketers[0], world.staff.head_of_sales
    votes = [
        (ago(hours), story.lead.pk, marketer if is_marketing else seller, verdict)
        for case, story in story_of.items()
        for hours, is_marketing, verdict in case.votes
    ]
    for at, lead_id, by, verdict in sorted(votes, key=lambda one: one[0]):
        _vote(lead_id, by, verdict, at)


def _vote(lead_id: int, by: User, verdict: Verdict, at: datetime) -> None:
    dispute = Dispute.objects.get(hand_off__lead=lead_id)
    vote(dispute_id=dispute.pk, by=by, verdict=verdict, at=at)


def draft_anew(world: World) -> None:
    """What follows from the dispute over the definition: marketing has signed the next version, sales has not."""
    in_force = world.agreement_at(world.now, world.staff.home_team)
    sign_next_version(in_force, world.staff.marketers[0], at=world.now - timedelta(days=2))
