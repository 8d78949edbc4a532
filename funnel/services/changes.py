"""One change of one lead: locked first, collected, written once."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction

from accounts.principals import Kind, Principal
from accounts.working_time import WorkingHours
from funnel import ledger
from funnel.bulk import insert_rows, update_rows, update_where
from funnel.deadlines import Deadline, Waiting, moved_deadline, next_deadline
from funnel.errors import StaleVersion
from funnel.lifecycle import CLOSED_STAGES, SALES_STAGES, Stage
from funnel.limits import ClockRules
from funnel.models import Assignment, Evidence, Flag, HandOff, Lead, LeadEvent, LeadText, StageChange, Touch
from funnel.services.locking import Also, lock_visible, nothing_else
from funnel.services.search_index import SEARCHED, reindex

# The events of somebody's own doing, by which a stale form is explained.
_DOINGS = (
    LeadEvent.Kind.DISPOSITIONED,
    LeadEvent.Kind.STAGE_CHANGED,
    LeadEvent.Kind.ASSIGNED,
    LeadEvent.Kind.EDITED,
    LeadEvent.Kind.CORRECTED,
)


class Unasked(Enum):
    """Instead of what nobody has asked the database for."""

    UNASKED = "unasked"


UNASKED = Unasked.UNASKED


class LeadChange:
    """Collects what changes on a lead; `write` puts it into the database at once.

    Open it inside `transaction.atomic()`: it holds the lead's row lock until the transaction ends. `at` is when the
    thing happened, `recorded_at` when LeadFlow learned of it: the same, but for imported pasts.
    """

    def __init__(
        self,
        lead: Lead,
        *,
        by: Principal,
        at: datetime,
        recorded_at: datetime | None = None,
        rules: ClockRules | None = None,
        open_flag: Flag | Unasked | None = UNASKED,
    ) -> None:
        self.lead, self.by, self.at = lead, by, at
        self.recorded_at = recorded_at or at
        self.rules = rules or ClockRules()
        self.events: list[LeadEvent] = []
        self.stage_changes: list[StageChange] = []
        self.texts: list[LeadText] = []
        self.assignments: list[Assignment] = []
        self.touches: list[Touch] = []
        self.evidence: list[Evidence] = []
        # The lead's open episode, where the caller has asked for those of many; what becomes of it is then in `flags`.
        self.open_flag = open_flag
        self.flags: list[Flag] = []
        self.clause_evidence = ""  # of a hand-off that is opened
        self.values: dict[str, Any] = {}
        # Kept apart from `lead.hand_off`: a move to marketing lets go of the hand-off that it ends.
        self.hand_off: HandOff | None = None
        self.hand_off_fields: set[str] = set()
        self._last_seq = lead.ledger_seq
        # The hash of the event at the end of its ledger, where the lead was read with it; good for this change alone.
        self._end_of_ledger = (lead.ledger_seq, vars(lead).pop("last_hash", None))

    @property
    def last_hash(self) -> str | None:
        """The hash to go on from; none where the ledger has to be asked."""
        seq, last_hash = self._end_of_ledger
        return last_hash if seq == self.lead.ledger_seq else None

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.lead, name, value)
        self.values |= values

    def open_hand_off(self, hand_off: HandOff) -> None:
        self.hand_off = hand_off
        self.set(hand_off=hand_off, cycle=hand_off.number, wake_at=None, woken_at=None, next_action_at=None)

    def set_hand_off(self, **values: Any) -> None:
        """Change the open hand-off. Leads without one (self-sourced) have nothing to change."""
        if self.lead.hand_off is None:
            return
        self.hand_off = self.lead.hand_off
        for name, value in values.items():
            setattr(self.hand_off, name, value)
        self.hand_off_fields |= values.keys()

    def record(self, kind: LeadEvent.Kind, **data: Any) -> int:
        """Add an event to the ledger; answers its seq. `data`: ids and codes, nothing personal."""
        self._last_seq += 1
        self.events.append(
            LeadEvent(
                lead_id=self.lead.pk,
                seq=self._last_seq,
                kind=kind,
                at=self.at,
                recorded_at=self.recorded_at,
                actor_id=self.by.user_id,
                actor_name="" if self.by.kind is Kind.USER else self.by.name[:50],
                data=data,
            )
        )
        return self._last_seq

    def write_text(self, kind: LeadText.Kind, text: str, seq: int) -> None:
        if text:
            self.texts.append(
                LeadText(lead_id=self.lead.pk, seq=seq, kind=kind, text=text, at=self.at, by_id=self.by.user_id)
            )

    def restart_clock(self) -> None:
        """Set the deadline anew from where the lead now stands."""
        deadline = self._next_deadline()
        due_at, clock = (deadline.at, deadline.clock) if deadline else (None, "")
        started_at = self.lead.stage_entered_at if clock in Lead.AGREED_CLOCKS else None
        self.set(due_at=due_at, due_clock=clock, clock_started_at=started_at)
        self.set(sweep_at=self._first_step_at())

    def move_clock(self, *, to_hours: WorkingHours, from_hours: WorkingHours) -> None:
        """Let the running clock go on in a new owner's hours, and his ladder begin; call it once he is set.

        Nothing that was missed is forgiven: a deadline that has passed stays.
        """
        lead = self.lead
        if lead.due_at is None or lead.stage not in SALES_STAGES:
            return
        self.set(due_at=moved_deadline(lead.due_at, self.at, from_hours, to_hours))
        if lead.due_clock in Lead.AGREED_CLOCKS:
            self.set(clock_started_at=self.at)
            self.set(sweep_at=self._first_step_at())
        elif lead.sweep_at is not None:
            self.set(sweep_at=lead.due_at)

    def _first_step_at(self) -> datetime | None:
        steps = self.rules.ladder(self.lead)
        return steps[0].at if steps else self.lead.due_at

    def _next_deadline(self) -> Deadline | None:
        lead = self.lead
        if lead.stage in CLOSED_STAGES:
            return None  # without asking the database for limits and hours
        hours = self.rules.hours(lead.owner, lead.team)
        return next_deadline(Stage(lead.stage), _waiting(lead), self.rules.limits(lead), hours)

    def write(self, *, raises_version: bool = True) -> None:
        """Write all that was collected. Raises StaleVersion where somebody was faster.

        Inbound updates do not raise the version: they must not disturb a rep in mid-call.
        """
        version = self.lead.version
        _prepare([self], raises_version=raises_version)
        if not update_where(self.lead, _fields_of([self]), version=version):
            raise StaleVersion(version, "Somebody else changed this lead at the same moment.")
        _write_words([self])
        _write_history([self])


def write_changes(changes: Sequence[LeadChange], *, raises_version: bool = True) -> None:
    """Write many changes of locked leads, one each, with a few statements in all."""
    if not changes:
        return
    _prepare(changes, raises_version=raises_version)
    update_rows([change.lead for change in changes], _fields_of(changes))
    _write_words(changes)
    _write_history(changes)


def _fields_of(changes: Sequence[LeadChange]) -> list[str]:
    return sorted({name.removesuffix("_id") for change in changes for name in change.values})


def _prepare(changes: Sequence[LeadChange], *, raises_version: bool) -> None:
    known = {change.lead.pk: change.last_hash for change in changes if change.last_hash}
    events = [event for change in changes for event in change.events]
    ledger.chain([change.lead for change in changes], events, known)
    for change in changes:
        lead = change.lead
        change.set(
            ledger_seq=lead.ledger_seq + len(change.events),
            version=lead.version + raises_version,
            updated_at=change.recorded_at,
        )
    _write_hand_offs(changes)


def _write_hand_offs(changes: Sequence[LeadChange]) -> None:
    """New ones first: leads and stage changes point at them."""
    touched = [(change, change.hand_off) for change in changes if change.hand_off]
    insert_rows([hand_off for _, hand_off in touched if hand_off.pk is None])
    for change, hand_off in touched:
        rows: list[Lead | StageChange] = [change.lead, *change.stage_changes]
        for row in rows:
            if row.hand_off is hand_off:
                row.hand_off = hand_off  # it has its key only now
    known = [(change, hand_off) for change, hand_off in touched if change.hand_off_fields]
    if known:
        fields = sorted(set().union(*(change.hand_off_fields for change, _ in known)))
        update_rows([hand_off for _, hand_off in known], fields)


def _write_words(changes: Sequence[LeadChange]) -> None:
    changed = [change.lead for change in changes if change.values.keys() & SEARCHED]
    if changed:
        reindex(changed)


def _write_history(changes: Sequence[LeadChange]) -> None:
    keyed = len(changes) == 1  # of many, nobody asks for the keys
    insert_rows([event for change in changes for event in change.events], keyed=keyed)
    insert_rows([row for change in changes for row in change.stage_changes], keyed=keyed)
    insert_rows([text for change in changes for text in change.texts], keyed=keyed)
    insert_rows([row for change in changes for row in change.evidence], keyed=keyed)
    flags = [flag for change in changes for flag in change.flags]
    insert_rows([flag for flag in flags if flag.pk is None], keyed=keyed)
    update_rows([flag for flag in flags if flag.pk is not None], ["cleared_at"])
    # In the order of keys: other batches may be told the same ones at this moment.
    touches = [row for change in changes for row in change.touches]
    touches.sort(key=lambda row: (row.source, row.external_id or ""))
    insert_rows(touches, ignore_conflicts=True)
    for change in changes:
        for assignment in change.assignments:
            assignment.hand_off = change.hand_off or change.lead.hand_off  # a new one has its key only now
    insert_rows([row for change in changes for row in change.assignments], keyed=keyed)


def open_change(
    lead_id: int, *, by: Principal, at: datetime, version: int | None = None, also: Also = nothing_else
) -> LeadChange:
    """Lock a lead that `by` may see. `version`: the one the person looked at, where there was one.

    `also`: what else is asked of the lead in the same statement.

    Raises Lead.DoesNotExist outside the scope, StaleVersion when the lead has moved on since.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("open_change needs transaction.atomic() around it.")
    lead = lock_visible(lead_id, by, also)
    if version is not None and lead.version != version:
        raise StaleVersion(lead.version, last_change(lead))
    return LeadChange(lead, by=by, at=at)


def last_change(lead: Lead) -> str:
    """Who last did what to the lead, as a sentence."""
    # What a tool sent in (it names its source) did not raise the version: it is not why the form is stale.
    doings = lead.events.filter(kind__in=_DOINGS).exclude(kind=LeadEvent.Kind.EDITED, data__has_key="source")
    event = doings.select_related("actor").order_by("-seq").first()
    if event is None:
        return "This lead was changed in the meantime."
    who = event.actor.name if event.actor else event.actor_name
    return f"{who} changed this lead at {event.recorded_at:%H:%M} UTC; it is now {Stage(lead.stage).label}."


def _waiting(lead: Lead) -> Waiting:
    hand_off = lead.hand_off
    return Waiting(
        stage_entered_at=lead.stage_entered_at,
        handed_off=hand_off is not None,
        first_attempt_at=hand_off.first_attempt_at if hand_off else None,
        last_disposition_at=lead.last_disposition_at,
        last_touch_at=lead.last_touch_at,
        wake_at=lead.wake_at,
    )
