"""The facts of some leads, read from their raw rows in a fixed number of queries."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from django.db.models import Model

from accounts.working_time import WorkingHours, working_time_between
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.knowledge import known_attributes
from funnel.lifecycle import Move, Stage
from funnel.limits import ClockRules
from funnel.models import Evidence, Flag, HandOff, Lead, SourceRuling, StageChange, Touch
from reports.attributes import bits_of
from reports.days import company_day
from reports.facts.cycles import Said, Work, hole_of, work_on
from reports.facts.journeys import journey_of
from reports.facts.stays import Moved, Stayed, stays_of
from reports.journeys.packing import Told
from reports.models import Cycle, Journey, LeadFact, Stay
from reports.traits import kind_of

Rows = dict[int, list[Any]]


@dataclass
class Facts:
    leads: list[LeadFact] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    journeys: list[Journey] = field(default_factory=list)

    def __iter__(self) -> "Iterator[Sequence[Model]]":
        return iter((self.leads, self.stays, self.cycles, self.journeys))


def facts_of(lead_ids: Collection[int], rules: ClockRules) -> Facts:
    """Of each lead that is not merged into another. `rules`: the calendars, kept for many calls."""
    # Many leads share an owner, a team and its calendar, which keeps what it has worked out of working time.
    leads = (
        Lead.objects.filter(pk__in=lead_ids, merged_into=None)
        .select_related("company")
        .prefetch_related("owner__team__calendar", "team__calendar")
    )
    history = _History(lead_ids)
    facts = Facts()
    for lead in leads.order_by("pk"):
        _add(facts, lead, history, rules)
    return facts


class _History:
    """The raw rows of these leads, by lead."""

    def __init__(self, lead_ids: Collection[int]) -> None:
        self.moves = _by_lead(
            StageChange.objects.filter(lead__in=lead_ids).order_by("lead", "seq"),
            *("seq", "move", "old", "new", "at", "hand_off_id", "reason_id", "inferred"),
        )
        self.hand_offs: dict[int, list[HandOff]] = defaultdict(list)
        hand_offs = HandOff.objects.filter(lead__in=lead_ids).prefetch_related("agreement")
        for one in hand_offs.order_by("lead", "number"):
            self.hand_offs[one.lead_id].append(one)
        standing = Disposition.objects.filter(lead__in=lead_ids, corrected_by=None).exclude(outcome=Outcome.UNDO)
        self.said = _by_lead(standing.order_by("lead", "seq"), "hand_off_id", "outcome", "at", "channel", "counted")
        episodes = Flag.objects.filter(lead__in=lead_ids, kind=Flag.Kind.BLACK_HOLE, voided=False)
        self.fell = _by_lead(episodes.order_by("lead", "due_at"), "hand_off_id", "due_at", "cleared_at")
        touches = Touch.objects.filter(lead__in=lead_ids).order_by("lead", "at", "id")
        self.touches = {
            lead_id: [Told(*values) for values in rows]
            for lead_id, rows in _by_lead(touches, "at", "channel_id", "campaign_id").items()
        }
        rulings = SourceRuling.objects.filter(lead__in=lead_ids).order_by("lead", "-seq")
        # Of several the first, which comes last here, tells what was recorded.
        self.recorded_channel = dict(rulings.values_list("lead_id", "old_id"))
        self.learned = _by_lead(
            Evidence.objects.filter(lead__in=lead_ids).order_by("lead", "learned_at"), "learned_at", "attribute"
        )


def _by_lead(rows: Any, *columns: str) -> Rows:
    found: Rows = defaultdict(list)
    for lead_id, *values in rows.values_list("lead_id", *columns).iterator(chunk_size=5_000):
        found[lead_id].append(tuple(values))
    return found


def _add(facts: Facts, lead: Lead, history: _History, rules: ClockRules) -> None:
    stays = stays_of(Moved(*values) for values in history.moves[lead.pk])
    self_sourced = any(stay.begun.move == Move.SELF_SOURCE for stay in stays)
    dimensions: dict[str, Any] = {
        "cohort_day": company_day(lead.created_at),
        "channel_id": lead.channel_id,
        "campaign_id": lead.campaign_id,
        "team_id": lead.team_id,
        "owner_id": lead.owner_id,
    }
    facts.leads.append(
        LeadFact(
            lead_id=lead.pk,
            ledger_seq=lead.ledger_seq,
            created_at=lead.created_at,
            day=dimensions["cohort_day"],
            self_sourced=self_sourced,
            recorded_channel_id=history.recorded_channel.get(lead.pk, lead.channel_id),
            **dimensions,
        )
    )
    facts.stays += [_stay(stay, lead, dimensions, self_sourced=self_sourced) for stay in stays]
    by_hand_off = _said_by_hand_off(history.said[lead.pk])
    for hand_off in history.hand_offs[lead.pk]:
        own = [stay for stay in stays if stay.begun.hand_off_id == hand_off.pk]
        work = _work(hand_off, own, by_hand_off.get(hand_off.pk, []), rules.hours(lead.owner, lead.team))
        facts.cycles.append(_cycle(hand_off, lead, own, work, history, dimensions))
    facts.journeys.append(journey_of(lead, stays, history.touches.get(lead.pk, [])))


def _stay(stay: Stayed, lead: Lead, dimensions: Mapping[str, Any], *, self_sourced: bool) -> Stay:
    return Stay(
        lead_id=lead.pk,
        seq=stay.begun.seq,
        day=company_day(stay.begun.at),
        stage=stay.stage,
        move=stay.begun.move,
        before=stay.begun.old,
        entered_at=stay.begun.at,
        left_at=stay.left.at if stay.left else None,
        left_to=stay.left.new if stay.left else "",
        minutes=stay.minutes,
        voided_at=stay.voided_at,
        first=stay.first,
        hand_off_id=stay.begun.hand_off_id,
        reason_id=stay.begun.reason_id,
        inferred=stay.begun.inferred,
        self_sourced=self_sourced,
        **dimensions,
    )


def _said_by_hand_off(rows: Iterable[Any]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    for hand_off_id, *values in rows:
        if hand_off_id is not None:
            found[hand_off_id].append(Said(*values))
    return found


def _work(hand_off: HandOff, own: Sequence[Stayed], said: Sequence[Said], hours: WorkingHours) -> Work:
    return work_on(
        opened_at=hand_off.opened_at,
        accepted_at=_known_date(own, Stage.SAL) if hand_off.imported else hand_off.accepted_at,
        ended_at=_end_known(own) if hand_off.imported else None,
        said=said,
        worked=partial(working_time_between, hours=hours),
    )


def _known_date(own: Sequence[Stayed], stage: Stage) -> datetime | None:
    return next((one.begun.at for one in own if one.stage is stage and not one.begun.inferred), None)


def _end_known(own: Sequence[Stayed]) -> datetime | None:
    """When an import says that it was refused: it never was accepted."""
    accepted = any(one.stage in {Stage.SAL, Stage.SQL} for one in own)
    ends = [one for one in own if one.begun.old == Stage.MQL and not one.begun.inferred]
    return ends[0].begun.at if ends and not accepted else None


def _cycle(
    hand_off: HandOff,
    lead: Lead,
    own: Sequence[Stayed],
    work: Work,
    history: _History,
    dimensions: Mapping[str, Any],
) -> Cycle:
    agreement, opened_at = hand_off.agreement, hand_off.opened_at
    learned = history.learned[lead.pk]
    told = [attribute for _, attribute in learned[: bisect_right(learned, opened_at, key=lambda one: one[0])]]
    known = known_attributes(lead, told)
    qualified = next((one.begun.at for one in own if one.stage is Stage.SQL and one.voided_at is None), None)
    hole = hole_of([(due, cleared) for of, due, cleared in history.fell[lead.pk] if of == hand_off.pk])
    last = own[-1].begun if own and hand_off.ended_at else None
    return Cycle(
        hand_off_id=hand_off.pk,
        lead_id=lead.pk,
        number=hand_off.number,
        agreement_id=agreement.pk,
        imported=hand_off.imported,
        opened_at=opened_at,
        day=company_day(opened_at),
        accepted_at=hand_off.accepted_at,
        qualified_at=qualified,
        ended_at=hand_off.ended_at,
        outcome=hand_off.outcome,
        reason_id=last.reason_id if last else None,
        answered_at=work.answered_at,
        answer_minutes=work.answer_minutes,
        answer_limit=agreement.accept_within_minutes,
        attempted_at=work.attempted_at,
        attempt_minutes=work.attempt_minutes,
        attempt_limit=agreement.first_attempt_within_minutes,
        attempts=work.attempts,
        attempts_required=agreement.attempts_required,
        attempt_channels=work.channels,
        tries=work.tries,
        conversations=work.conversations,
        reached_at=work.reached_at,
        reached_on=work.reached_on,
        attributes=len(known),
        known=bits_of(known),
        **kind_of(lead),
        touches=bisect_left(history.touches.get(lead.pk, []), opened_at, key=attrgetter("at")),
        fell_at=hole.fell_at,
        recovered_at=hole.recovered_at,
        hole_minutes=hole.minutes,
        **dimensions,
    )
