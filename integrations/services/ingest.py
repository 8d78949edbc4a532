"""A lead told by another system: saved, made known to that system, and handed to sales where it asks for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.principals import Principal
from funnel.authority import Ignored
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.identity import OWN_NAME_PREFIX, InvalidEmail, email_key
from funnel.inputs import LeadInput, Received, Status
from funnel.lifecycle import MARKETING_STAGES, Move, Stage
from funnel.models import Lead, LeadIdentity
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.receive import in_few_tries, received


class InputRejected(Exception):
    """The lead was not taken, and nothing was written. `field` names what is wrong with it, `code` what kind it is."""

    def __init__(self, received: Received) -> None:
        self.field, self.code = received.field, received.code
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
    status: Status
    promotion: Promotion | None
    ignored: Sequence[Ignored] = ()

    @property
    def created(self) -> bool:
        return self.status is Status.CREATED


def ingest_lead(given: LeadInput, *, promote: bool, by: Principal, at: datetime, override_reason: str = "") -> Ingested:
    """Create or update the lead, all or nothing; a refused promotion leaves it saved. Told again, nothing changes.

    `override_reason`: why it shall be promoted though clauses fail. Raises InputRejected.
    """

    def ingest() -> Ingested:
        answer = received([given], by=by, at=at)[0]
        if answer.lead is None:
            raise InputRejected(answer)
        if not given.external_id:
            make_known([answer.lead], source=given.source)
        promotion = promote_lead(answer.lead, override_reason, by=by, at=at) if promote else None
        return Ingested(answer.lead, answer.status, promotion, answer.ignored)

    return in_few_tries(ingest)


def is_known(given: LeadInput) -> bool:
    """Whether there is a lead of this e-mail address, or of this id in its source."""
    try:
        key = email_key(given.email) if given.email else None
    except InvalidEmail:
        return False
    if key and Lead.objects.filter(email_key=key).exists():
        return True
    ids = LeadIdentity.objects.filter(source=given.source, external_id=given.external_id)
    return bool(given.external_id) and ids.exists()


def make_known(leads: Sequence[Lead], *, source: str) -> None:
    """A system that told a lead by e-mail alone may ask for it again: it then knows it by LeadFlow's own id."""
    known = set(LeadIdentity.objects.filter(source=source, lead__in=leads).values_list("lead", flat=True))
    unknown = {lead.pk: lead for lead in leads if lead.pk not in known}
    rows = [
        LeadIdentity(lead=lead, source=source, external_id=f"{OWN_NAME_PREFIX}{pk}") for pk, lead in unknown.items()
    ]
    if rows:
        LeadIdentity.objects.bulk_create(rows, ignore_conflicts=True)  # a twin request may have written them


def promote_lead(lead: Lead, override_reason: str, *, by: Principal, at: datetime) -> Promotion:
    """Hand it to sales where that is possible; else the answer says why not."""
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
