"""The sweep raises the flag of every missed deadline once: at it, not before, and however often it runs."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel import sweep
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead, LeadEvent
from funnel.services import flags
from funnel.services.flags import raise_flags
from tests.factories import NOW, CalendarFactory, LeadFactory

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
ACCEPT_BY = NOW + DAY  # eight working hours
TWICE_THE_TIME = ACCEPT_BY + DAY


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep)


def dispose(lead, rep, outcome, *, at, **fields):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **fields), by=rep.principal, at=at)


# --- raised ---------------------------------------------------------------------------------------------------


def test_a_lead_that_nobody_accepted_in_time_falls_into_the_black_hole(lead, rep):
    raised = raise_flags(now=ACCEPT_BY)

    flag = Flag.objects.get()
    assert raised == Counter(black_hole=1)
    assert (flag.lead, flag.hand_off, flag.cycle) == (lead, lead.hand_off, 1)
    assert (flag.kind, flag.clock, flag.due_at, flag.raised_at) == ("black_hole", "accept", ACCEPT_BY, ACCEPT_BY)
    assert (flag.owner, flag.team, flag.cleared_at) == (rep, rep.team, None)


def test_nothing_is_raised_before_the_deadline(lead):
    assert raise_flags(now=ACCEPT_BY - TICK)["black_hole"] == 0
    assert not Flag.objects.exists()


def test_a_second_run_raises_nothing(lead):
    raise_flags(now=ACCEPT_BY)
    rows = list(Flag.objects.values())

    assert raise_flags(now=ACCEPT_BY + DAY)["black_hole"] == 0
    assert list(Flag.objects.values()) == rows


def test_a_late_run_tells_the_true_deadline(lead):
    raise_flags(now=ACCEPT_BY + 9 * DAY)

    event = lead.events.last()
    assert (event.kind, event.at, event.recorded_at) == ("lead.black_hole", ACCEPT_BY, ACCEPT_BY + 9 * DAY)
    assert (event.actor, event.actor_name) == (None, SYSTEM.name)
    assert event.data == {"clock": "accept", "due_at": ACCEPT_BY.isoformat(), "hand_off": 1}


def test_a_flag_raises_the_ledger_and_not_the_version(lead):
    raise_flags(now=ACCEPT_BY)

    flagged = Lead.objects.get()
    assert (flagged.ledger_seq, flagged.version) == (lead.ledger_seq + 1, lead.version)
    assert (flagged.sweep_at, flagged.due_at) == (TWICE_THE_TIME, ACCEPT_BY)


def test_an_accepted_lead_that_nobody_tried_to_reach_falls_into_the_black_hole(rep):
    LeadFactory(accepted=True, owner=rep)

    assert raise_flags(now=NOW + DAY) == Counter(black_hole=1)
    assert Flag.objects.get().clock == "first_attempt"


@pytest.mark.parametrize(("trait", "days", "clock"), [("qualified", 14, "disposition"), (None, 30, "touch")])
def test_silence_beyond_the_stage_is_stale_and_no_black_hole(rep, trait, days, clock):
    lead = LeadFactory(owner=rep, **({trait: True} if trait else {}))

    assert raise_flags(now=NOW + days * DAY) == Counter(stale=1)
    assert (Flag.objects.get().clock, lead.events.last().kind) == (clock, "lead.stale")


@pytest.mark.parametrize("trait", ["won"])
def test_a_closed_lead_is_never_flagged(rep, trait):
    LeadFactory(owner=rep, **{trait: True})

    assert raise_flags(now=NOW + 4000 * DAY) == Counter()


def test_no_age_hides_a_lead(rep):
    lead = LeadFactory(handed_off=True, owner=rep, at=NOW - 3000 * DAY)

    raise_flags(now=NOW)

    assert Lead.objects.in_black_hole().get() == lead


def test_a_deadline_is_in_the_hours_of_the_owners_team(rep):
    rep.team.calendar = CalendarFactory(time_zone="America/New_York", opening_hours="Mon-Fri 09:00-11:00")
    rep.team.save()
    lead = LeadFactory(handed_off=True, owner=rep)  # 5 in the morning there; two hours a day: four days

    assert raise_flags(now=NOW.replace(day=9, hour=15) - TICK)["black_hole"] == 0
    assert raise_flags(now=NOW.replace(day=9, hour=15)) == Counter(black_hole=1)
    assert lead.due_at == NOW.replace(day=9, hour=15)


def test_more_leads_than_a_batch_are_all_flagged_in_one_run(rep, monkeypatch):
    monkeypatch.setattr(flags, "BATCH", 2)
    LeadFactory.create_batch(5, handed_off=True, owner=rep)

    assert raise_flags(now=ACCEPT_BY) == Counter(black_hole=5)


def test_the_sweep_costs_no_more_for_twenty_leads_than_for_one(rep, queries_for):
    LeadFactory(handed_off=True, owner=rep)
    one = queries_for(lambda: raise_flags(now=ACCEPT_BY))
    LeadFactory.create_batch(20, handed_off=True, owner=rep)

    assert queries_for(lambda: raise_flags(now=ACCEPT_BY)) == one


# --- ended ----------------------------------------------------------------------------------------------------


def test_a_disposition_ends_the_episode_and_says_recovered(lead, rep):
    raise_flags(now=ACCEPT_BY)

    dispose(lead, rep, Outcome.ACCEPT, at=ACCEPT_BY + DAY)

    assert Flag.objects.get().cleared_at == ACCEPT_BY + DAY
    recovered = lead.events.get(kind=LeadEvent.Kind.RECOVERED)
    assert recovered.data == {"clock": "accept", "due_at": ACCEPT_BY.isoformat()}


def test_a_late_answer_before_the_sweep_leaves_an_episode_all_the_same(lead, rep):
    dispose(lead, rep, Outcome.ACCEPT, at=ACCEPT_BY + TICK)

    flag = Flag.objects.get()
    assert (flag.due_at, flag.raised_at, flag.cleared_at) == (ACCEPT_BY, ACCEPT_BY + TICK, ACCEPT_BY + TICK)
    kinds = list(lead.events.values_list("kind", flat=True))
    assert kinds[2:4] == ["lead.stage_changed", "lead.black_hole"] or kinds.count("lead.black_hole") == 1


def test_an_answer_in_time_leaves_no_episode(lead, rep):
    dispose(lead, rep, Outcome.ACCEPT, at=ACCEPT_BY - TICK)
    raise_flags(now=ACCEPT_BY)

    assert not Flag.objects.exists()


def test_the_next_clock_is_missed_for_itself(lead, rep):
    raise_flags(now=ACCEPT_BY)
    dispose(lead, rep, Outcome.ACCEPT, at=ACCEPT_BY + DAY)

    raise_flags(now=ACCEPT_BY + 9 * DAY)

    assert list(Flag.objects.order_by("due_at").values_list("clock", flat=True)) == ["accept", "first_attempt"]


def test_an_episode_reopened_by_undo_goes_on(lead, rep):
    raise_flags(now=ACCEPT_BY)
    disposition = dispose(lead, rep, Outcome.ACCEPT, at=ACCEPT_BY + DAY)

    undo_disposition(disposition_id=disposition.pk, by=rep.principal, at=ACCEPT_BY + DAY + timedelta(minutes=5))
    raise_flags(now=ACCEPT_BY + 9 * DAY)

    assert Flag.objects.values_list("due_at", "cleared_at").get() == (ACCEPT_BY, None)


# --- woken ----------------------------------------------------------------------------------------------------


def test_a_recycled_lead_wakes_up_on_its_date(rep):
    lead = LeadFactory(accepted=True, owner=rep)
    wake_at = NOW + 90 * DAY
    dispose(lead, rep, Outcome.RECYCLE, at=NOW, reason="bad_timing", wake_at=wake_at)

    assert raise_flags(now=wake_at - TICK) == Counter()
    assert raise_flags(now=wake_at) == Counter(woken=1)

    woken = Lead.objects.get(pk=lead.pk)
    assert (woken.stage, woken.woken_at, woken.events.last().kind) == (Stage.NURTURE, wake_at, "lead.woken")


# --- the steps of a sweep -------------------------------------------------------------------------------------


def test_every_step_runs_once_a_sweep_and_their_counts_add_up(monkeypatch):
    monkeypatch.setattr(sweep, "_steps", [])

    def step(*, now):
        return Counter(mails=2)

    def other(*, now):
        return Counter(mails=1, flags=1)

    for one in (step, other, step):
        sweep.register(one)

    assert sweep.run_sweep(now=NOW) == Counter(mails=3, flags=1)


def test_raising_flags_is_a_step_of_the_sweep(lead):
    assert sweep.run_sweep(now=ACCEPT_BY)["black_hole"] == 1


def test_a_step_that_fails_does_not_keep_the_others_from_their_work(lead, monkeypatch):
    def broken(*, now):
        raise ZeroDivisionError

    monkeypatch.setattr(sweep, "_steps", [broken, raise_flags])

    with pytest.raises(sweep.SweepFailed, match="broken"):
        sweep.run_sweep(now=ACCEPT_BY)

    assert Flag.objects.get().lead == lead
