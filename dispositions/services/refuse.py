"""A refusal and the agreement: the clauses it cites, what shows that they fail, and the dispute where none did."""

from typing import TYPE_CHECKING

from dispositions.models import Disposition
from dispositions.outcomes import Outcome, Rule
from dispositions.refusal import cited_clauses, contradicts_the_record, unmet
from dispositions.services.disputes import open_dispute
from funnel.clauses import numbered_lines, read_numbered_lines
from funnel.errors import MissingNeeds
from funnel.lifecycle import Stage
from funnel.limits import ClockRules
from funnel.models import HandOff, Lead, LeadText, Reason

if TYPE_CHECKING:
    from dispositions.services.record import Statement  # which imports this module

REFUSING = frozenset({Outcome.REFUSE, Outcome.DISQUALIFY})


def refuses(rule: Rule, lead: Lead) -> bool:
    """Whether this outcome refuses the hand-off."""
    return rule.outcome in REFUSING and lead.stage == Stage.MQL and lead.hand_off is not None


def cite_clauses(rule: Rule, statement: "Statement", lead: Lead, reason: Reason | None) -> list[int]:
    """The clauses that this refusal of an MQL cites. Raises MissingNeeds where another outcome names any."""
    hand_off = lead.hand_off
    if hand_off is None or not refuses(rule, lead):
        if statement.failed_clauses:
            raise MissingNeeds({"failed_clauses": "Only the refusal of a hand-off cites clauses."})
        return []
    clauses = hand_off.agreement.clauses.all()
    return list(cited_clauses(statement.failed_clauses, hand_off, clauses, reason))


def evidence_of(disposition: Disposition, statement: "Statement") -> str:
    """For each clause cited: what the rep said of it, else what was found at the hand-off, else the reason."""
    hand_off, cited = disposition.hand_off, disposition.failed_clauses
    if hand_off is None or not cited:
        return ""
    found = found_at(hand_off) if set(cited) & set(unmet(hand_off)) - statement.clause_evidence.keys() else {}
    failing = {number: found.get(number, "") for number in unmet(hand_off)}
    reason = disposition.reason.label if disposition.reason else ""
    said = statement.clause_evidence
    return numbered_lines({number: said.get(number) or failing.get(number) or reason for number in cited})


def found_at(hand_off: HandOff) -> dict[int, str]:
    """What was found of each clause when it was handed over, in words; nothing where they were erased."""
    text = LeadText.objects.filter(lead=hand_off.lead_id, kind=LeadText.Kind.CLAUSES, at=hand_off.opened_at).first()
    return read_numbered_lines(text.text) if text else {}


def dispute_refusal(disposition: Disposition, rules: ClockRules) -> None:
    """Open a dispute where the refusal contradicts what was found at the hand-off."""
    hand_off = disposition.hand_off
    is_refusal = hand_off is not None and hand_off.outcome == HandOff.Outcome.REFUSED
    if hand_off and is_refusal and contradicts_the_record(hand_off, disposition.failed_clauses):
        open_dispute(disposition, hand_off, rules=rules)
