"""Collects the changes of many stories and writes them together: a few statements for some hundred leads.

`LeadChange.write` asks the database before each write whether somebody was faster; the demo company has it to itself.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from accounts.notifications import Message, tell
from funnel import ledger
from funnel.bulk import insert_rows, update_rows
from funnel.models import Assignment, Escalation, HandOff, Lead, LeadEvent, LeadText, StageChange, Touch
from funnel.services.changes import LeadChange
from funnel.services.search_index import SEARCHED, reindex


class Journal:
    """The rows of the stories told since the last `write`. Knows the last hash of each of their ledgers."""

    def __init__(self) -> None:
        self._heads: dict[int, str] = {}
        self._leads: dict[int, Lead] = {}
        self._lead_fields: set[str] = set()
        self._hand_offs: dict[int, HandOff] = {}
        self._hand_off_fields: set[str] = set()
        self._events: list[LeadEvent] = []
        self._stage_changes: list[StageChange] = []
        self._texts: list[LeadText] = []
        self._assignments: list[Assignment] = []
        self._touches: list[Touch] = []
        self._escalations: list[Escalation] = []
        self._messages: list[tuple[datetime, Message]] = []

    def open(self, leads: Iterable[Lead]) -> None:
        self._heads |= ledger.heads([lead.pk for lead in leads])

    def keep(self, change: LeadChange, *, raises_version: bool) -> None:
        lead = change.lead
        self._keep_hand_off(change)
        for event in change.events:
            event.hash = self._heads[lead.pk] = ledger.event_hash(self._heads[lead.pk], event)
        change.set(
            ledger_seq=lead.ledger_seq + len(change.events),
            version=lead.version + raises_version,
            updated_at=change.recorded_at,
        )
        for assignment in change.assignments:
            assignment.hand_off = change.hand_off or lead.hand_off  # a new one has its key only now
        self.keep_lead(lead, change.values)
        self._events += change.events
        self._stage_changes += change.stage_changes
        self._texts += change.texts
        self._assignments += change.assignments

    def keep_lead(self, lead: Lead, fields: Iterable[str]) -> None:
        self._leads[lead.pk] = lead
        self._lead_fields |= {name.removesuffix("_id") for name in fields}

    def keep_touch(self, touch: Touch) -> None:
        self._touches.append(touch)

    def keep_steps(self, rows: Iterable[Escalation]) -> None:
        self._escalations += rows

    def keep_messages(self, messages: Iterable[Message], *, at: datetime) -> None:
        self._messages += [(at, message) for message in messages]

    def _keep_hand_off(self, change: LeadChange) -> None:
        hand_off = change.hand_off
        if hand_off is None:
            return
        if not hand_off.pk:
            insert_rows([hand_off])
            rows: list[Lead | StageChange] = [change.lead, *change.stage_changes]
            for row in rows:
                if row.hand_off is hand_off:
                    row.hand_off = hand_off  # it has its key only now
        self._hand_off_fields |= change.hand_off_fields
        self._hand_offs[hand_off.pk] = hand_off
        if hand_off.ended_at:  # written at once: the lead's next hand-off may only be opened after it
            update_rows([self._hand_offs.pop(hand_off.pk)], sorted(self._hand_off_fields))

    def write(self) -> None:
        update_rows(list(self._hand_offs.values()), sorted(self._hand_off_fields))
        update_rows(list(self._leads.values()), sorted(self._lead_fields))
        if self._lead_fields & SEARCHED:
            reindex(self._leads.values())
        for rows in (
            *(self._events, self._stage_changes, self._texts),
            *(self._assignments, self._touches, self._escalations),
        ):
            insert_rows(rows)
        for at, messages in groupby(sorted(self._messages, key=itemgetter(0)), key=itemgetter(0)):
            tell((message for _, message in messages), at=at)


class JournalChange(LeadChange):
    """A change that is written with its journal. Its lead is nobody else's until then."""

    def __init__(self, lead: Lead, *, journal: Journal, **given: Any) -> None:
        super().__init__(lead, **given)
        self._journal = journal

    def write(self, *, raises_version: bool = True) -> None:
        self._journal.keep(self, raises_version=raises_version)
