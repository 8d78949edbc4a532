"""What a move needs before it is made. Each check answers the fields that are missing, each with its sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from funnel.attributes import BANT
from funnel.errors import MissingNeeds
from funnel.knowledge import known_attributes
from funnel.lifecycle import Need, Transition
from funnel.limits import ClockRules
from funnel.models import Agreement, Evidence, HandOff, Lead, Reason
from funnel.persistence import progress_of


@dataclass(frozen=True, kw_only=True)
class MoveDetails:
    """What the person gave with a move. Money is in `currency`; dates are the company's.

    `assigned`: team and owner are decided already, as in an imported past. `learned`: told to marketing.
    `override_reason`: why it is promoted though clauses fail. `failed_clauses`: those a refusal cites, by number.
    `overruled`: the refused hand-off that goes on, given only by the service that counts the signers' votes.
    """

    reason: Reason | None = None
    wake_at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    expected_close_on: date | None = None
    closed_on: date | None = None
    competitor: str = ""
    agreement: Agreement | None = None
    assigned: bool = False
    learned: str = ""
    override_reason: str = ""
    failed_clauses: Sequence[int] = ()
    overruled: HandOff | None = None


def check_needs(transition: Transition, lead: Lead, details: MoveDetails, at: datetime) -> None:
    """Raises MissingNeeds that names every field at once, so that nobody is asked twice."""
    missing: dict[str, str] = {}
    for need in transition.needs:
        if need in _CHECKS:
            missing |= _CHECKS[need](lead, details, at)
    if missing:
        raise MissingNeeds(missing)


Missing = dict[str, str]


def _reason(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    return {} if details.reason else {"reason": "Say why: choose a reason."}


def _wake_at(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    if details.wake_at is None:
        return {"wake_at": "Give the date on which marketing shall wake it up."}
    return {} if details.wake_at > at else {"wake_at": "The wake-up date must lie in the future."}


def _failed_clauses(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    """Asked for once the reason is known: one that disqualifies, or that its note explains, needs no clause."""
    reason = details.reason
    if lead.hand_off is None or reason is None:
        return {}
    numbers = set(lead.hand_off.agreement.clauses.values_list("number", flat=True))
    if unknown := sorted(set(details.failed_clauses) - numbers):
        return {"failed_clauses": f"The agreement has no clause {', '.join(map(str, unknown))}."}
    if details.failed_clauses or not numbers or reason.disqualifies or reason.note_required:
        return {}
    return {
        "failed_clauses": f"No clause of the agreement is about “{reason.label}”: mark the clause that fails. "
        "Where all are met, accept it and say what became of it then."
    }


def _dispute(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    return {} if details.overruled else {"dispute": "Only a dispute that its signers have settled overrules a refusal."}


def _amount(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    missing = {}
    if details.amount is None and lead.amount is None:
        missing["amount"] = "Give the amount."
    if details.amount is not None and details.amount <= 0:
        missing["amount"] = "The amount must be more than zero."
    if not (details.currency or lead.currency):
        missing["currency"] = "Give the currency of the amount, for example EUR."
    return missing


def _expected_close(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    known = details.expected_close_on or lead.expected_close_on
    return {} if known else {"expected_close_on": "Give the date on which it is expected to close."}


def _close_date(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    return {} if details.closed_on else {"closed_on": "Give the date on which it closed."}


def _bant(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    known = known_attributes(lead, Evidence.objects.filter(lead=lead).values_list("attribute", flat=True))
    return {
        attribute.value: f"{name} is not known yet: {attribute.label.lower()}."
        for name, attribute in BANT.items()
        if attribute not in known
    }


def _attempts(lead: Lead, details: MoveDetails, at: datetime) -> Missing:
    if not details.reason or details.reason.slug != "unable_to_reach" or lead.hand_off is None:
        return {}
    progress = progress_of(lead.hand_off, ClockRules().hours(lead.owner, lead.team), at)
    return {} if progress.is_enough else {"reason": progress.shut}


_CHECKS: dict[Need, Callable[[Lead, MoveDetails, datetime], Missing]] = {
    Need.REASON: _reason,
    Need.BLOCKER: _reason,
    Need.WAKE_AT: _wake_at,
    Need.AMOUNT: _amount,
    Need.EXPECTED_CLOSE: _expected_close,
    Need.CLOSE_DATE: _close_date,
    Need.BANT: _bant,
    Need.ATTEMPTS: _attempts,
    Need.FAILED_CLAUSES: _failed_clauses,
    Need.DISPUTE: _dispute,
}
