"""The ladder as the sweep climbs it: who is told what, once, and that nothing is said too late."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.models import Mail, Notification
from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.inputs import Past
from funnel.lifecycle import Stage
from funnel.models import Escalation, Flag, Lead
from funnel.services import ladder
from funnel.services.flags import raise_flags
from funnel.services.past import record_history
from tests.factories import NOW, AgreementFactory, LeadFactory, TeamFactory, UserFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)
# Handed over on Wednesday at 10; eight hours a day from 9 to 17.
HALF, MOST = NOW + 4 * HOUR, NOW + 6 * HOUR + timedelta(minutes=24)
DEADLINE, TWICE = NOW + DAY, NOW + 2 * DAY


@pytest.fixture
def lead(rep, manager, head_of_sales):
    return LeadFactory(handed_off=True, owner=rep, first_name="Bea", last_name="Buyer")


def told():
    """Who was told, in the order of the telling."""
    return list(Notification.objects.order_by("id").values_list("user__name", "kind"))


def climbed():
    return list(Escalation.objects.order_by("at", "id").values_list("share", "skipped"))


# --- step by step ---------------------------------------------------------------------------------------------


def test_each_step_tells_the_right_person_at_its_instant(lead):
    for at in (HALF - TICK, HALF, MOST, DEADLINE, TWICE - TICK, TWICE, TWICE + 30 * DAY):
        raise_flags(now=at)

    assert told() == [
        ("Rita Rep", "reminder"),
        ("Rita Rep", "reminder"),
        ("Mia Manager", "black_hole"),
        ("Hans Head", "escalation"),
    ]
    rows = list(Escalation.objects.order_by("at").values_list("share", "at", "done_at", "skipped"))
    assert rows == [
        (50, HALF, HALF, False),
        (80, MOST, MOST, False),
        (100, DEADLINE, DEADLINE, False),
        (200, TWICE, TWICE, False),
    ]


def test_the_sweep_says_how_many_it_told(lead):
    assert raise_flags(now=HALF) == Counter(reminded=1)
    assert raise_flags(now=DEADLINE) == Counter(black_hole=1)
    assert raise_flags(now=TWICE) == Counter(escalated=1)


def test_each_telling_is_a_mail_too(lead, rep):
    raise_flags(now=HALF)

    mail = Mail.objects.get()
    assert (mail.to, mail.created_at, mail.next_attempt_at, mail.sent_at) == (rep.email, HALF, HALF, None)
    assert mail.subject == ("Bea Buyer: 50 % of the agreed time has passed. Accept or refuse it by Thu 5 Mar, 10:00.")
    assert f"/leads/{lead.pk}/" in mail.text


def test_the_deadline_is_told_in_the_readers_time_zone(lead, manager):
    manager.time_zone = "Asia/Tokyo"
    manager.save()

    raise_flags(now=DEADLINE)

    assert manager.notifications.get().text == (
        "Bea Buyer is in the Black Hole: by Thu 5 Mar, 19:00 Rita Rep has not accepted or refused it."
    )


def test_the_first_attempt_has_a_ladder_of_its_own(rep, manager):
    LeadFactory(accepted=True, owner=rep)

    raise_flags(now=HALF)
    raise_flags(now=DEADLINE)

    assert list(Escalation.objects.values_list("clock", "share")) == [
        ("first_attempt", 50),
        ("first_attempt", 80),
        ("first_attempt", 100),
    ]
    assert told() == [("Rita Rep", "reminder"), ("Mia Manager", "black_hole")]


def test_the_steps_are_those_of_the_agreement_of_the_hand_off(rep, manager, head_of_sales):
    AgreementFactory(escalation_shares=[25, 150])
    LeadFactory(handed_off=True, owner=rep)

    raise_flags(now=NOW + 2 * HOUR)
    raise_flags(now=TWICE)

    assert climbed() == [(25, False), (100, False), (150, False)]
    assert Lead.objects.values_list("sweep_at", flat=True).get() is None


# --- who ------------------------------------------------------------------------------------------------------


def test_of_a_lead_in_the_pool_the_manager_of_its_team_is_reminded(west, manager, head_of_sales):
    LeadFactory(stage=Stage.MQL, team=west)

    for at in (HALF, DEADLINE, TWICE):
        raise_flags(now=at)

    assert told() == [("Mia Manager", "reminder"), ("Mia Manager", "black_hole"), ("Hans Head", "escalation")]


def test_of_a_lead_without_a_team_the_admins_are_told(admin):
    LeadFactory(stage=Stage.MQL)

    for at in (HALF, DEADLINE, TWICE):
        raise_flags(now=at)

    assert told() == [("Ada Admin", "reminder"), ("Ada Admin", "black_hole"), ("Ada Admin", "escalation")]


def test_the_team_of_the_owner_counts_and_not_the_one_the_lead_came_from(eastern_rep, west, east, manager):
    easterner = UserFactory(name="Eva East", role="manager", team=east)
    east.manager = easterner
    east.save()
    LeadFactory(handed_off=True, owner=eastern_rep, team=west)

    raise_flags(now=DEADLINE)

    assert told() == [("Eva East", "black_hole")]


def test_a_managers_own_lead_is_told_to_the_one_above(manager, head_of_sales):
    LeadFactory(handed_off=True, owner=manager)

    raise_flags(now=DEADLINE)

    assert told() == [("Hans Head", "black_hole")]


def test_where_nobody_is_above_the_manager_he_hears_of_twice_the_time_himself(rep, manager):
    LeadFactory(handed_off=True, owner=rep)

    raise_flags(now=TWICE)

    assert told() == [("Mia Manager", "black_hole"), ("Mia Manager", "escalation")]


def test_a_manager_who_left_is_passed_over(lead, manager):
    manager.is_active = False
    manager.save()

    raise_flags(now=DEADLINE)

    assert told() == [("Hans Head", "black_hole")]


def test_teams_in_a_ring_do_not_hang_the_sweep(admin):
    one = TeamFactory()
    two = TeamFactory(parent=one)
    one.parent = two
    one.save()
    LeadFactory(stage=Stage.MQL, team=one)

    assert raise_flags(now=DEADLINE) == Counter(black_hole=1)


def test_who_has_no_address_is_told_on_the_page_alone(lead, rep):
    rep.email = None
    rep.save()

    raise_flags(now=HALF)

    assert (told(), Mail.objects.count()) == ([("Rita Rep", "reminder")], 0)


# --- late, twice, answered ------------------------------------------------------------------------------------


def test_a_late_sweep_climbs_every_step_once_and_sends_no_reminder_after_the_deadline(lead):
    raise_flags(now=TWICE + 9 * DAY)

    assert climbed() == [(50, True), (80, True), (100, False), (200, False)]
    assert told() == [("Mia Manager", "black_hole"), ("Hans Head", "escalation")]
    assert Flag.objects.values_list("due_at", "raised_at").get() == (DEADLINE, TWICE + 9 * DAY)


def test_of_two_missed_reminders_the_later_is_sent(lead):
    raise_flags(now=MOST + HOUR)

    assert climbed() == [(50, True), (80, False)]
    assert told() == [("Rita Rep", "reminder")]


def test_swept_twice_nothing_is_said_twice(lead):
    for _ in range(2):
        raise_flags(now=TWICE)

    assert (Escalation.objects.count(), Notification.objects.count(), Mail.objects.count()) == (4, 2, 2)


def test_an_answer_ends_the_ladder(lead, rep):
    raise_flags(now=DEADLINE)
    said = Statement(outcome=Outcome.VOICEMAIL)
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=DEADLINE + HOUR)

    raise_flags(now=TWICE)

    assert told() == [("Mia Manager", "black_hole")]


def test_after_an_undo_the_ladder_goes_on_where_it_was(lead, rep):
    raise_flags(now=HALF)
    said = Statement(outcome=Outcome.VOICEMAIL)
    row = record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=HALF + HOUR)
    undo_disposition(disposition_id=row.pk, by=rep.principal, at=HALF + HOUR)

    raise_flags(now=MOST)

    assert climbed() == [(50, False), (80, False)]


def test_an_imported_hand_off_is_flagged_from_its_true_deadline_and_nobody_is_told(rep, manager, admin):
    lead = LeadFactory(owner=rep, at=NOW - 90 * DAY)
    past = Past(lead=lead, outcome=Stage.MQL, mql_at=NOW - 80 * DAY)
    record_history([past], by=SYSTEM, recorded_at=NOW)

    raised = raise_flags(now=NOW + HOUR)

    assert raised == Counter(black_hole=1)
    assert Flag.objects.get().due_at < NOW - 78 * DAY
    assert (told(), Mail.objects.count(), Escalation.objects.count()) == ([], 0, 0)


def test_stale_leads_have_no_ladder(rep, manager):
    LeadFactory(qualified=True, owner=rep)

    raise_flags(now=NOW + 30 * DAY)

    assert told() == []


# --- all or nothing, and many ---------------------------------------------------------------------------------


class PowerCut(Exception):
    pass


def test_flag_step_notification_and_mail_are_written_together_or_not_at_all(lead, monkeypatch):
    def cut(*args):
        raise PowerCut

    monkeypatch.setattr(ladder, "update_rows", cut)
    with pytest.raises(PowerCut):
        raise_flags(now=DEADLINE)

    rows = [model.objects.count() for model in (Flag, Escalation, Notification, Mail)]
    assert rows == [0, 0, 0, 0]


def test_a_batch_costs_no_more_for_many_leads_owners_and_steps_than_for_one(lead, west, queries_for):
    one = queries_for(lambda: raise_flags(now=TWICE))
    for _ in range(5):
        LeadFactory.create_batch(4, handed_off=True, owner=UserFactory(team=west))

    assert queries_for(lambda: raise_flags(now=TWICE)) == one
