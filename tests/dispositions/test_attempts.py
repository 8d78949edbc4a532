"""Which attempts count: at most two a day, by the clock of the owner's team."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispositions.attempts import Attempts, count_attempt
from dispositions.desk.agreed import refusals
from dispositions.desk.pursuit import usable_channels
from dispositions.desk.tries import tries_made
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.moves import move_lead
from tests.factories import NOW, CalendarFactory, LeadFactory

AUCKLAND = ZoneInfo("Pacific/Auckland")
DAY = timedelta(days=1)


def count_all(times, zone=UTC, channel="phone"):
    attempts, counted = Attempts(), []
    for at in times:
        attempts, one = count_attempt(attempts, at, channel, zone)
        counted.append(one)
    return attempts, counted


def test_the_third_attempt_of_a_day_does_not_count():
    attempts, counted = count_all([NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2), NOW + DAY])

    assert counted == [True, True, False, True]
    assert (attempts.counted, attempts.last_at, attempts.on_last_day) == (3, NOW + DAY, 1)


def test_a_day_is_a_day_of_the_team():
    morning = datetime(2026, 3, 4, 9, 0, tzinfo=AUCKLAND)  # the evening before in UTC
    times = [morning, morning + timedelta(hours=1), morning + timedelta(hours=5)]

    assert count_all(times, zone=AUCKLAND)[1] == [True, True, False]
    assert count_all(times, zone=UTC)[1] == [True, True, True]


def test_each_channel_is_named_once():
    attempts, _ = count_attempt(Attempts(), NOW, "phone", UTC)
    attempts, _ = count_attempt(attempts, NOW, "email", UTC)
    attempts, _ = count_attempt(attempts, NOW + DAY, "phone", UTC)

    assert attempts.channels == ("phone", "email")


def test_an_attempt_that_does_not_count_brings_no_channel():
    attempts, _ = count_all([NOW, NOW])

    assert count_attempt(attempts, NOW, "social", UTC) == (attempts, False)


# --- on a lead ------------------------------------------------------------------------------------------------


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep)


def attempt(lead, rep, outcome=Outcome.VOICEMAIL, *, at, **fields):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **fields), by=rep.principal, at=at)


def give_up(lead, rep, *, at):
    said = Statement(outcome=Outcome.RECYCLE, reason="unable_to_reach")
    return record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=at)


def test_attempts_are_counted_on_the_hand_off(lead, rep):
    rows = [attempt(lead, rep, at=NOW + timedelta(minutes=minutes)) for minutes in (1, 2, 3)]

    hand_off = Lead.objects.get().hand_off
    assert [row.counted for row in rows] == [True, True, False]
    assert (hand_off.attempts, hand_off.attempt_channels) == (2, ["phone"])
    assert (hand_off.first_attempt_at, hand_off.last_attempt_at) == (rows[0].at, rows[1].at)


def test_the_day_of_an_attempt_is_in_the_zone_of_the_owners_team(lead, rep):
    rep.team.calendar = CalendarFactory(time_zone="Pacific/Auckland")
    rep.team.save()
    midnight = datetime(2026, 3, 5, 0, 0, tzinfo=AUCKLAND)

    rows = [attempt(lead, rep, at=midnight + timedelta(minutes=minutes)) for minutes in (-3, -2, -1, 1)]

    assert [row.counted for row in rows] == [True, True, False, True]


def test_a_contact_ends_the_wait_and_is_no_attempt(lead, rep):
    attempt(lead, rep, Outcome.CONVERSATION, at=NOW)

    hand_off = Lead.objects.get().hand_off
    assert (hand_off.attempts, hand_off.first_attempt_at) == (0, NOW)


@pytest.mark.parametrize(
    ("outcome", "channel"), [(Outcome.NO_ANSWER, "phone"), (Outcome.VOICEMAIL, "phone"), (Outcome.EMAIL_SENT, "email")]
)
def test_an_attempt_has_the_channel_of_its_outcome(lead, rep, outcome, channel):
    assert attempt(lead, rep, outcome, at=NOW).channel == channel


def test_the_rep_may_name_another_channel(lead, rep):
    assert attempt(lead, rep, Outcome.NO_ANSWER, at=NOW, channel="social").channel == "social"


def test_a_channel_that_does_not_exist_is_refused(lead, rep):
    with pytest.raises(MissingNeeds) as refused:
        attempt(lead, rep, at=NOW, channel="pigeon")

    assert refused.value.fields.keys() == {"channel"}


def test_giving_up_too_early_is_refused_with_what_is_missing(lead, rep):
    for days in range(3):
        attempt(lead, rep, at=NOW + days * DAY)

    with pytest.raises(MissingNeeds) as refused:
        give_up(lead, rep, at=NOW + 3 * DAY)

    assert refused.value.fields == {
        "reason": "“Unable to reach” is not open yet: 3 of 7 attempts, on 1 of 2 channels, 8 more working days."
    }


def test_seven_attempts_on_one_channel_are_not_enough(lead, rep):
    for days in range(7):
        attempt(lead, rep, at=NOW + 2 * days * DAY)

    with pytest.raises(MissingNeeds, match="7 of 7 attempts, on 1 of 2 channels"):
        give_up(lead, rep, at=NOW + 15 * DAY)


def test_seven_attempts_in_a_few_days_are_not_enough(lead, rep):
    for days in range(4):
        attempt(lead, rep, at=NOW + days * DAY)
        attempt(lead, rep, Outcome.EMAIL_SENT, at=NOW + days * DAY)

    with pytest.raises(MissingNeeds, match="and one more, now that the 10 working days are over"):
        give_up(lead, rep, at=NOW + 30 * DAY)


def test_the_agreed_attempts_on_the_agreed_channels_over_the_agreed_period_are_enough(lead, rep):
    for days in range(7):
        attempt(lead, rep, Outcome.EMAIL_SENT if days % 2 else Outcome.VOICEMAIL, at=NOW + 3 * days * DAY)

    give_up(lead, rep, at=NOW + 19 * DAY)

    assert Lead.objects.get().stage == "nurture"


def test_another_reason_needs_no_attempts(lead, rep):
    said = Statement(outcome=Outcome.RECYCLE, reason="bad_timing")

    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=NOW)

    assert Lead.objects.get().stage == "nurture"


# --- when to try again ----------------------------------------------------------------------------------------


def test_after_an_attempt_the_cadence_proposes_the_next_step(lead, rep):
    attempt(lead, rep, at=NOW)

    step = Lead.objects.get().next_action_at
    assert step.date() == NOW.date() + DAY
    assert 9 <= step.hour < 17


def test_what_the_rep_agreed_on_is_kept(lead, rep):
    agreed = NOW + timedelta(days=4)

    attempt(lead, rep, at=NOW, next_action_at=agreed)

    assert Lead.objects.get().next_action_at == agreed


def test_after_a_conversation_nothing_is_agreed_unless_somebody_says_so(lead, rep):
    attempt(lead, rep, at=NOW)
    attempt(lead, rep, Outcome.CONVERSATION, at=NOW + DAY)

    assert Lead.objects.get().next_action_at is None


def test_the_proposal_keeps_to_the_hours_of_the_company(rep):
    lead = LeadFactory(accepted=True, owner=rep, company=CompanyInput(name="Kiwi", country="US"))

    attempt(lead, rep, at=NOW)

    local = Lead.objects.get().next_action_at.astimezone(ZoneInfo("America/New_York"))
    assert 9 <= local.hour < 17


def test_the_leads_own_time_zone_wins_over_its_companys(rep):
    lead = LeadFactory(accepted=True, owner=rep, company=CompanyInput(name="Kiwi", country="US"))
    Lead.objects.update(time_zone="Pacific/Auckland")

    attempt(lead, rep, at=NOW)

    assert Lead.objects.get().next_action_at is None  # they sleep while we work


def test_attempts_that_were_taken_back_are_not_tried_times(lead, rep):
    undone = attempt(lead, rep, at=NOW)
    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=NOW + timedelta(minutes=1))
    attempt(lead, rep, at=NOW + timedelta(minutes=2))

    assert [one.at for one in tries_made(Lead.objects.get().hand_off)] == [NOW + timedelta(minutes=2)]


@pytest.mark.parametrize(
    ("consent", "channels"),
    [
        ({}, ["phone", "email", "social"]),
        ({"phone": {"granted": False}}, ["email", "social"]),
        ({"email": {"granted": False}, "phone": {"granted": True}}, ["phone", "social"]),
    ],
)
def test_a_channel_they_refused_is_not_used(lead, consent, channels):
    lead.phone, lead.consent = "+49 30 1234", consent

    assert usable_channels(lead) == channels
    assert len(refusals(lead)) == 3 - len(channels)


# --- in the brief ---------------------------------------------------------------------------------------------


def brief_text(client, lead):
    return " ".join(client.get(f"/queue/?lead={lead.pk}").content.decode().split())


def test_the_brief_counts_the_attempts_and_proposes_the_next(lead, rep, rep_client):
    attempt(lead, rep, at=NOW)

    text = brief_text(rep_client, lead)

    assert "Next is attempt 2 of 7" in text
    assert "Tried: phone. Not yet: e-mail, social network." in text
    assert "by e-mail: not tried that way yet." in text


def test_the_brief_says_what_they_refused(lead, rep_client):
    Lead.objects.update(consent={"email": {"granted": False}})

    assert "They do not want e-mails." in brief_text(rep_client, lead)


def test_after_a_conversation_the_brief_proposes_to_go_on(lead, rep, rep_client):
    attempt(lead, rep, at=NOW)
    attempt(lead, rep, Outcome.CONVERSATION, at=NOW + DAY)

    text = brief_text(rep_client, lead)

    assert "after 1 attempt</span>" in text
    assert "Next is attempt" not in text


def test_a_lead_that_sales_found_itself_has_no_agreed_attempts(rep, rep_client):
    lead = LeadFactory(owner=rep, source="leadflow")
    move_lead(lead_id=lead.pk, to=Stage.SAL, by=rep.principal, at=NOW)
    attempt(lead, rep, at=NOW)

    brief = rep_client.get(f"/queue/?lead={lead.pk}").context["brief"]

    assert brief.cadence is None
    assert Lead.objects.get(pk=lead.pk).next_action_at is None
