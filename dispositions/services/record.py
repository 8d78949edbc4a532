"""Recording a disposition: the only thing that stops a hand-off's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.principals import Principal
from accounts.working_time import WorkingHours
from dispositions.attempts import Attempts, count_attempt
from dispositions.desk.cadence import Try, next_slot
from dispositions.desk.pursuit import pursuit_of
from dispositions.desk.tries import tries_with, with_tries
from dispositions.models import Disposition
from dispositions.outcomes import Channel, Outcome, Rule, check_possible
from dispositions.services.forecasts import check_belief, check_occasion, keep_forecast
from dispositions.services.refuse import cite_clauses, dispute_refusal, evidence_of
from dispositions.services.snapshot import snapshot
from funnel.attributes import Attribute
from funnel.bulk import insert_rows
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import Move, Party, Stage
from funnel.models import Evidence, HandOff, LeadEvent, LeadText, Reason
from funnel.services.changes import LeadChange, open_change
from funnel.services.episodes import end_episode
from funnel.services.moves import move_within, parties, take_from_pool
from funnel.services.needs import MoveDetails


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What the rep said. `note` stays private to sales, `learned` and `evidence` go to marketing.

    `failed_clauses`: the numbers that a refusal cites; where there are none, the record or the reason may say.
    `clause_evidence`: what shows that a clause fails, by its number; for marketing.
    `forecast`: at the first and second conversation, whether it will close, in percent; or `forecast_because`, why he
    cannot say.
    """

    outcome: Outcome
    reason: str = ""
    channel: str = ""
    note: str = ""
    learned: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    next_action_at: datetime | None = None
    wake_at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    expected_close_on: date | None = None
    closed_on: date | None = None
    competitor: str = ""
    failed_clauses: Sequence[int] = ()
    clause_evidence: Mapping[int, str] = field(default_factory=dict)
    forecast: int | None = None
    forecast_because: str = ""

    @property
    def says_forecast(self) -> bool:
        return self.forecast is not None or bool(self.forecast_because)


@transaction.atomic
def record_disposition(
    *, lead_id: int, statement: Statement, by: Principal, at: datetime, version: int | None = None
) -> Disposition:
    """Write what sales says happened, with the move, the attempt and the new deadline that follow from it.

    `version`: the one the rep looked at. Raises Lead.DoesNotExist outside his scope, StaleVersion when somebody was
    faster, OutcomeNotPossible, NotAllowed, MissingNeeds (field -> sentence); nothing is written then.
    """
    change = open_change(lead_id, by=by, at=at, version=version, also=with_tries)
    return disposition_within(change, statement)


def disposition_within(change: LeadChange, statement: Statement) -> Disposition:
    """Record a disposition on a lead that is locked already, and write it."""
    lead, by, at = change.lead, change.by, change.at
    rule = check_possible(statement.outcome, Stage(lead.stage))
    if Party.SALES not in parties(by) or by.user_id is None:
        raise NotAllowed("Only sales dispositions a lead that was handed to it.")
    _check_words(statement)
    reason = find_reason(rule, statement)
    if statement.says_forecast:
        check_belief(statement.forecast, statement.forecast_because)
        check_occasion(rule, lead, lead.hand_off)
    disposition = Disposition(
        lead=lead, outcome=rule.outcome, by_id=by.user_id, at=at, reason=reason, before=snapshot(lead)
    )
    disposition.hand_off = lead.hand_off
    disposition.failed_clauses = cite_clauses(rule, statement, lead, reason)
    _learn(change, statement)
    if lead.stage != Stage.MQL:
        take_from_pool(change)
    elif rule.works_the_lead:
        move_within(change, to=Stage.SAL, details=MoveDetails(reason=reason), move=Move.ACCEPT)
    disposition.seq = change.record(
        LeadEvent.Kind.DISPOSITIONED,
        outcome=rule.outcome,
        reason=reason.slug if reason else None,
        hand_off=lead.hand_off.number if lead.hand_off else None,
        **({"failed_clauses": disposition.failed_clauses} if disposition.failed_clauses else {}),
        **({"channel": statement.channel} if statement.channel else {}),
    )
    change.write_text(LeadText.Kind.NOTE, statement.note, disposition.seq)
    change.write_text(LeadText.Kind.LEARNED, statement.learned, disposition.seq)
    change.write_text(LeadText.Kind.EVIDENCE, evidence_of(disposition, statement), disposition.seq)
    change.set(last_disposition_at=at, next_action_at=statement.next_action_at)
    if rule.works_the_lead:
        _work(change, rule, statement, disposition)
    _follow(change, rule, statement, disposition)
    change.write()
    disposition.last_seq = lead.ledger_seq
    insert_rows([disposition])
    if statement.says_forecast:
        keep_forecast(disposition, statement.forecast, statement.forecast_because, at=at)
    dispute_refusal(disposition, change.rules)
    return disposition


def _check_words(statement: Statement) -> None:
    """Raises MissingNeeds where the statement names a channel or an attribute that does not exist."""
    unknown = {slug: f"“{slug}” is not an attribute of a lead." for slug in statement.evidence if slug not in Attribute}
    if statement.channel and statement.channel not in Channel:
        unknown["channel"] = f"“{statement.channel}” is not a channel. Use {', '.join(Channel.values)}."
    if unknown:
        raise MissingNeeds(unknown)


def find_reason(rule: Rule, statement: Statement) -> Reason | None:
    """The reason given, if it fits the outcome. Raises MissingNeeds."""
    if not statement.reason:
        return None
    reason = Reason.objects.filter(slug=statement.reason, is_active=True).first()
    if reason is None or ("reason" in rule.asks and rule.outcome not in reason.outcomes):
        raise MissingNeeds({"reason": f"“{statement.reason}” is not a reason for “{rule.outcome.label}”."})
    if reason.note_required and not statement.note.strip():
        raise MissingNeeds({"note": f"“{reason.label}” needs a note that says what happened."})
    return reason


def _learn(change: LeadChange, statement: Statement) -> None:
    Evidence.objects.bulk_create(
        [
            Evidence(lead=change.lead, attribute=slug, text=text, learned_at=change.at, learned_by_id=change.by.user_id)
            for slug, text in statement.evidence.items()
            if text
        ]
    )


def _work(change: LeadChange, rule: Rule, statement: Statement, disposition: Disposition) -> None:
    """Note the attempt or the contact on the hand-off. Either ends the wait for the first attempt."""
    disposition.channel = statement.channel or rule.channel or ""
    hand_off = change.lead.hand_off
    if hand_off is None:
        return
    if hand_off.first_attempt_at is None:
        change.set_hand_off(first_attempt_at=change.at)
    if rule.is_attempt:
        so_far = Attempts(
            hand_off.attempts, tuple(hand_off.attempt_channels), hand_off.last_attempt_at, hand_off.attempts_on_last_day
        )
        hours = change.rules.hours(change.lead.owner, change.lead.team)
        attempts, disposition.counted = count_attempt(so_far, change.at, disposition.channel, hours.time_zone)
        change.set_hand_off(
            attempts=attempts.counted,
            attempt_channels=list(attempts.channels),
            last_attempt_at=attempts.last_at,
            attempts_on_last_day=attempts.on_last_day,
        )
        if statement.next_action_at is None:
            _propose_next(change, hand_off, Try(change.at, disposition.channel), hours)


def _propose_next(change: LeadChange, hand_off: HandOff, attempt: Try, hours: WorkingHours) -> None:
    """One key stays one key: the cadence says when to try again."""
    tries = [*tries_with(change.lead, hand_off), attempt]
    slot = next_slot(pursuit_of(change.lead, hand_off, tries, hours, change.at), change.at)
    change.set(next_action_at=slot.at if slot else None)


def _follow(change: LeadChange, rule: Rule, statement: Statement, disposition: Disposition) -> None:
    """Make the move the outcome leads to; without one the clock starts anew."""
    reason = disposition.reason
    target = rule.leads_to.get(Stage(change.lead.stage))
    if target is None:
        end_episode(change)
        change.restart_clock()
        return
    if rule.outcome is Outcome.REFUSE and reason and reason.disqualifies:
        target = Stage.DISQUALIFIED
    if target is not Stage.SAL and change.lead.hand_off and change.lead.hand_off.first_attempt_at is None:
        _end_wait(change, rule)
    move_within(change, to=target, details=_details(statement, disposition, change.at, target))


def _end_wait(change: LeadChange, rule: Rule) -> None:
    """Qualified, recycled or lost at once: sales did reach the lead, though it never said how."""
    if rule.outcome not in {Outcome.REFUSE, Outcome.DISQUALIFY}:
        change.set_hand_off(first_attempt_at=change.at)


def _details(statement: Statement, disposition: Disposition, at: datetime, target: Stage) -> MoveDetails:
    reason = disposition.reason
    wake_at = statement.wake_at
    if wake_at is None and target is Stage.NURTURE and reason and reason.wake_after_days:
        wake_at = at + timedelta(days=reason.wake_after_days)
    return MoveDetails(
        reason=reason,
        wake_at=wake_at,
        amount=statement.amount,
        currency=statement.currency,
        expected_close_on=statement.expected_close_on,
        closed_on=statement.closed_on,
        competitor=statement.competitor,
        failed_clauses=disposition.failed_clauses,
    )
