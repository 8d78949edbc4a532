"""A lead told by another system: saved, made known to that system, and handed to sales where it asks for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.inputs import LeadInput, Received, Status
from funnel.lifecycle import MARKETING_STAGES, Move, Stage
from funnel.models import Lead, LeadIdentity
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.receive import receive_leads

OWN_NAME_PREFIX = "leadflow:"


class InputRejected(Exception):
    """The lead was not taken, and nothing was written. `field` names what is wrong with it."""

    def __init__(self, received: Received) -> None:
        self.field = received.field
        super().__init__(received.problem)


@dataclass(frozen=True)
class Promotion:
    """What became of the wish for `mql`. `reason`: why it was not granted, in a sentence."""

    promoted: bool
    reason: str = ""
    failed_clauses: Sequence[int] = ()


@dataclass(frozen=True)
class Ingested:
    lead: Lead
    created: bool
    promotion: Promotion | None


@transaction.atomic
def ingest_lead(given: LeadInput, *, promote: bool, by: Principal, at: datetime, override_reason: str = "") -> Ingested:
    """Create or update the lead, all or nothing; a refused promotion leaves it saved. Told again, nothing changes.

    `override_reason`: why it shall be promoted though clauses fail. Raises InputRejected.
    """
    received = receive_leads([given], by=by, at=at)[0]
    if received.lead is None:
        raise InputRejected(received)
    _make_known(received.lead, given)
    promotion = _promote(received.lead, override_reason, by=by, at=at) if promote else None
    return Ingested(received.lead, received.status is Status.CREATED, promotion)


def _make_known(lead: Lead, given: LeadInput) -> None:
    """A system that told a lead by e-mail alone may ask for it again: it then knows it by LeadFlow's own id."""
    if given.external_id or lead.identities.filter(source=given.source).exists():
        return
    own_name = LeadIdentity(lead=lead, source=given.source, external_id=f"{OWN_NAME_PREFIX}{lead.pk}")
    LeadIdentity.objects.bulk_create([own_name], ignore_conflicts=True)  # a twin request may have written it


def _promote(lead: Lead, override_reason: str, *, by: Principal, at: datetime) -> Promotion:
    stage = Stage(lead.stage)
    if stage not in MARKETING_STAGES:
        return Promotion(promoted=False, reason=f"The lead is {stage.label} already; its stage was left alone.")
    try:
        details = MoveDetails(override_reason=override_reason)
        move_lead(lead_id=lead.pk, to=Stage.MQL, move=Move.PROMOTE, by=by, at=at, details=details)
    except MissingNeeds as missing:
        return Promotion(promoted=False, reason=str(missing), failed_clauses=missing.failed_clauses)
    except (InvalidTransition, NotAllowed) as refusal:
        return Promotion(promoted=False, reason=str(refusal))
    return Promotion(promoted=True)
