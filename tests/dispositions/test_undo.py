"""Taking a disposition back: everything stands as it stood, and the history tells of both."""

from datetime import timedelta

import pytest

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import NotAllowed
from funnel.inputs import LeadInput, Past, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Agreement, Flag, HandOff, Lead, LeadEvent, Reason, StageChange
from funnel.services.flags import raise_flags
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.past import record_history
from funnel.services.receive import receive_leads
from tests.dispositions.test_record import NEEDED, POSSIBLE, TRAITS, say
from tests.factories import NOW, AgreementFactory, LeadFactory, UserFactory

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Microseconds as a real clock has them: nothing may be rounded on the way back.
START = NOW.replace(microsecond=123457)
SAID_AT = START + timedelta(hours=1, microseconds=77)
# What a correction must raise, not restore.
CONTINUES = ("version", "ledger_seq", "updated_at")


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep, at=START)


def state(lead):
    rows = Lead.objects.filter(pk=lead.pk).values().get()
    rest = {name: value for name, value in rows.items() if name not in CONTINUES}
    return rest, list(HandOff.objects.filter(lead=lead).values()), list(Flag.objects.filter(lead=lead).values())


def undo(disposition, by, *, after=5 * MINUTE):
    return undo_disposition(disposition_id=disposition.pk, by=by.principal, at=disposition.at + after)


@pytest.mark.parametrize(("stage", "outcome"), POSSIBLE)
def test_everything_stands_again_as_it_stood(rep, stage, outcome):
    lead = LeadFactory(owner=rep, at=START, **{TRAITS[stage]: True})
    before = state(lead)
    row = say(lead, rep, outcome, at=SAID_AT, **NEEDED.get(outcome, {}))

    undo(row, rep)

    assert state(lead) == before


@pytest.mark.parametrize(("stage", "outcome"), POSSIBLE)
def test_the_episode_that_it_ended_goes_on(rep, stage, outcome):
    lead = LeadFactory(owner=rep, at=START, **{TRAITS[stage]: True})
    raise_flags(now=START + 20 * DAY)
    before = state(lead)
    row = say(lead, rep, outcome, at=START + 21 * DAY, **NEEDED.get(outcome, {}))

    undo(row, rep)

    assert state(lead) == before
    assert Flag.objects.filter(lead=lead, cleared_at=None).count() == 1


def test_an_episode_that_no_sweep_had_seen_goes_on_too(lead, rep):
    row = say(lead, rep, "voicemail", at=lead.due_at + MINUTE)

    undo(row, rep)

    assert Flag.objects.values_list("due_at", "cleared_at").get() == (lead.due_at, None)
    assert Lead.objects.values_list("due_at", "sweep_at").get() == (lead.due_at, lead.sweep_at)
    assert raise_flags(now=row.at + 6 * MINUTE)["black_hole"] == 0
    assert lead.events.filter(kind=LeadEvent.Kind.BLACK_HOLE).count() == 1


def test_the_attempt_counts_no_more(rep):
    lead = LeadFactory(accepted=True, owner=rep)
    say(lead, rep, "voicemail", at=NOW + MINUTE)
    row = say(lead, rep, "email_sent", at=NOW + 2 * MINUTE)

    undo(row, rep)

    hand_off = HandOff.objects.get()
    assert (hand_off.attempts, hand_off.attempt_channels, hand_off.attempts_on_last_day) == (1, ["phone"], 1)


def test_a_lead_taken_from_the_pool_is_back_in_it(rep, west):
    lead = LeadFactory(handed_off=True, owner=None, team=west)
    row = say(lead, rep, "voicemail")

    undo(row, rep)

    assert Lead.objects.values_list("owner", "team", "stage").get() == (None, west.pk, "mql")


def test_a_correction_is_a_row_and_not_a_deletion(lead, rep):
    row = say(lead, rep, "refuse", reason="no_budget")

    correction = undo(row, rep)

    assert Disposition.objects.get(pk=row.pk).outcome == Outcome.REFUSE
    assert (correction.outcome, correction.corrects, correction.by) == (Outcome.UNDO, row, rep)
    assert list(StageChange.objects.values_list("move", "old", "new").order_by("seq"))[-2:] == [
        ("refuse", "mql", "nurture"),
        ("undo", "nurture", "mql"),
    ]
    corrected, moved = lead.events.order_by("seq").filter(seq__gte=correction.seq)
    assert (corrected.kind, corrected.data) == ("lead.corrected", {"undoes": row.seq})
    assert (moved.kind, moved.data["move"]) == ("lead.stage_changed", "undo")


def test_a_correction_raises_version_and_ledger(lead, rep):
    row = say(lead, rep, "voicemail")
    said = Lead.objects.get()

    undo(row, rep)

    corrected = Lead.objects.get()
    assert corrected.version == said.version + 1
    assert corrected.ledger_seq == LeadEvent.objects.filter(lead=lead).count() == LeadEvent.objects.last().seq


def test_the_seqs_of_dispositions_are_those_of_their_events(lead, rep):
    rows = [say(lead, rep, "voicemail"), undo(Disposition.objects.get(), rep)]
    rows.append(say(lead, rep, "accept", at=NOW + 2 * DAY))

    for row in rows:
        assert LeadEvent.objects.get(lead=lead, seq=row.seq).kind in {"lead.dispositioned", "lead.corrected"}
    assert len({row.seq for row in rows}) == 3


def test_the_outcome_can_be_said_anew(lead, rep):
    undo(say(lead, rep, "refuse", reason="no_budget"), rep)

    say(lead, rep, "accept", at=NOW + DAY / 2)

    assert Lead.objects.get().stage == Stage.SAL


def test_an_outcome_said_anew_ends_the_same_missed_deadline(lead, rep):
    """Late, and no sweep has told of it: each time it is said, one and the same episode ends."""
    late = START + 2 * DAY
    first = say(lead, rep, "accept", at=late)
    undo_disposition(disposition_id=first.pk, by=rep.principal, at=late + MINUTE)

    say(lead, rep, "accept", at=late + 2 * MINUTE)

    flag = Flag.objects.get()
    assert (flag.cleared_at, flag.voided) == (late + 2 * MINUTE, False)


# --- refused --------------------------------------------------------------------------------------------------


def refused(disposition, by, sentence, **when):
    before = state(disposition.lead)
    with pytest.raises(NotAllowed, match=f"^{sentence}"):
        undo(disposition, by, **when)
    assert state(disposition.lead) == before


def test_only_its_author_takes_it_back(lead, rep, manager):
    refused(say(lead, rep, "accept"), manager, "Only its author may take a disposition back.")


def test_it_can_be_taken_back_for_fifteen_minutes(lead, rep):
    row = say(lead, rep, "accept")

    refused(row, rep, "A disposition can be taken back for 15 minutes.", after=15 * MINUTE + timedelta(microseconds=1))
    undo(row, rep, after=15 * MINUTE)


def test_it_is_taken_back_once(lead, rep):
    row = say(lead, rep, "accept")
    undo(row, rep)

    refused(row, rep, "This lead has moved on since")


def test_a_correction_is_not_taken_back(lead, rep):
    refused(undo(say(lead, rep, "accept"), rep), rep, "An undo cannot be undone.")


def test_an_older_one_is_not_taken_back_from_under_a_newer_one(lead, rep):
    older = say(lead, rep, "accept")
    say(lead, rep, "voicemail", at=NOW + timedelta(hours=1, minutes=2))

    refused(older, rep, "This lead has moved on since")


def test_a_lead_that_marketing_moved_since_is_not_put_back(lead, rep, marketing):
    row = say(lead, rep, "refuse", reason="no_budget")
    details = MoveDetails(reason=Reason.objects.get(slug="student"))
    at = row.at + MINUTE
    move_lead(lead_id=lead.pk, to=Stage.DISQUALIFIED, by=marketing.principal, at=at, details=details)

    refused(row, rep, "This lead has moved on since")


def test_a_lead_that_was_given_to_somebody_else_since_is_not_put_back(west, manager, marketing):
    lead = LeadFactory(handed_off=True, owner=None, team=west)
    row = say(lead, manager, "refuse", reason="no_budget")
    past = Past(lead=lead, outcome=Stage.NURTURE, owner=UserFactory(team=west))
    record_history([past], by=marketing.principal, recorded_at=row.at + MINUTE)

    refused(row, manager, "This lead has moved on since")


def test_an_unknown_disposition_does_not_exist(rep):
    with pytest.raises(Disposition.DoesNotExist):
        undo_disposition(disposition_id=4711, by=rep.principal, at=NOW)


# --- what happened in between ---------------------------------------------------------------------------------


def test_a_touch_that_came_in_between_is_kept(lead, rep):
    row = say(lead, rep, "refuse", reason="no_authority")
    touch = TouchInput(at=row.at + MINUTE, channel="webinar", external_id="t-1")
    given = LeadInput(source="website", email=lead.email, title="Head", touches=(touch,))
    receive_leads([given], by=UserFactory(role="marketing").principal, at=row.at + MINUTE)

    undo(row, rep)

    assert Lead.objects.values_list("stage", "title", "last_touch_at").get() == ("mql", "Head", row.at + MINUTE)


def test_an_episode_begun_in_between_is_over(rep):
    """The new deadline was missed within the minutes of grace."""
    Agreement.objects.all().delete()
    AgreementFactory(first_attempt_within_minutes=5)
    lead = LeadFactory(handed_off=True, owner=rep, at=START)
    raise_flags(now=lead.due_at)
    row = record_disposition(
        lead_id=lead.pk, statement=Statement(outcome=Outcome.ACCEPT), by=rep.principal, at=lead.due_at + MINUTE
    )
    raise_flags(now=row.at + 6 * MINUTE)

    undo(row, rep, after=7 * MINUTE)

    assert list(Flag.objects.filter(cleared_at=None).values_list("clock", "due_at")) == [("accept", lead.due_at)]
    assert raise_flags(now=row.at + DAY)["black_hole"] == 0


def test_a_lead_woken_in_between_is_not_stale_in_sales(rep):
    lead = LeadFactory(accepted=True, owner=rep, at=START)
    row = say(lead, rep, "recycle", at=SAID_AT, reason="bad_timing", wake_at=SAID_AT + MINUTE)
    raise_flags(now=SAID_AT + 2 * MINUTE)

    undo(row, rep)

    assert not Flag.objects.filter(cleared_at=None).exists()
    assert raise_flags(now=lead.due_at).total() == 1
