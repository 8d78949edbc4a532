"""A lead changes hands: the clock runs on in other hours, the ladder begins again, and nothing missed is forgiven."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.models import Notification
from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.errors import NotAllowed, StaleVersion
from funnel.models import Assignment, Escalation, Flag, Lead, LeadEvent
from funnel.services.flags import raise_flags
from funnel.services.reassign import hand_over_late_leads, reassign_lead
from tests.factories import NOW, AgreementFactory, CalendarFactory, LeadFactory, UserFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEADLINE, TWICE = NOW + DAY, NOW + 2 * DAY


@pytest.fixture
def lead(rep, manager):
    return LeadFactory(handed_off=True, owner=rep, first_name="Bea", last_name="Buyer")


@pytest.fixture
def colleague(west):
    return UserFactory(name="Cora Colleague", team=west)


def give(lead, to, by, *, at=NOW + HOUR, **fields):
    return reassign_lead(lead_id=lead.pk, to=to, by=by.principal, at=at, **fields)


def told(user):
    return list(user.notifications.order_by("id").values_list("kind", "text"))


# --- by a manager ---------------------------------------------------------------------------------------------


def test_a_manager_gives_a_lead_to_another_rep(lead, manager, colleague):
    given = give(lead, colleague, manager)

    assert (given.owner, given.team, given.version) == (colleague, colleague.team, lead.version + 1)
    event = lead.events.last()
    assert (event.kind, event.actor) == (LeadEvent.Kind.ASSIGNED, manager)
    assert (event.data["owner"], event.data["rule"]) == (colleague.pk, "reassigned")
    assert Assignment.objects.last().why == "Mia Manager gave it to Cora Colleague."


def test_both_reps_are_told(lead, rep, manager, colleague):
    give(lead, colleague, manager)

    assert told(colleague) == [("assigned", "Bea Buyer is yours now. Deadline: Thu 5 Mar, 10:00.")]
    assert told(rep) == [("reassigned", "Bea Buyer is with Cora Colleague now.")]


def test_given_to_whom_it_belongs_nothing_changes(lead, rep, manager):
    give(lead, rep, manager)

    assert Lead.objects.values_list("version", "ledger_seq").get() == (lead.version, lead.ledger_seq)
    assert not Notification.objects.exists()


def test_a_manager_gives_nothing_to_other_teams(lead, manager, eastern_rep):
    with pytest.raises(NotAllowed, match="Emil East is in none of your teams"):
        give(lead, eastern_rep, manager)


def test_a_manager_gives_nothing_of_other_teams(eastern_rep, manager, rep):
    lead = LeadFactory(handed_off=True, owner=eastern_rep)

    with pytest.raises(Lead.DoesNotExist):
        give(lead, rep, manager)


def test_an_admin_gives_a_lead_to_any_team(lead, admin, eastern_rep):
    assert give(lead, eastern_rep, admin).team == eastern_rep.team


@pytest.mark.parametrize("who", ["rep", "marketing"])
def test_reps_and_marketing_give_nothing(request, lead, who, colleague):
    with pytest.raises(NotAllowed, match="Only a manager"):
        give(lead, colleague, request.getfixturevalue(who))


@pytest.mark.parametrize("fields", [{"role": "marketing"}, {"is_active": False}])
def test_only_who_works_in_sales_gets_leads(lead, admin, fields):
    with pytest.raises(NotAllowed, match="does not work in sales"):
        give(lead, UserFactory(**fields), admin)


@pytest.mark.parametrize("trait", ["won", None])
def test_only_a_lead_that_is_with_sales_is_given(rep, admin, colleague, trait):
    lead = LeadFactory(owner=rep, **({trait: True} if trait else {}))

    with pytest.raises(NotAllowed, match="with sales"):
        give(lead, colleague, admin)


def test_of_a_lead_that_moved_on_the_manager_is_told(lead, rep, manager, colleague):
    said = Statement(outcome=Outcome.ACCEPT)
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=NOW + HOUR)

    with pytest.raises(StaleVersion, match="Rita Rep"):
        give(lead, colleague, manager, version=lead.version)


# --- its clock ------------------------------------------------------------------------------------------------


def test_within_the_same_hours_the_deadline_stays(lead, manager, colleague):
    given = give(lead, colleague, manager)

    assert (given.due_at, given.due_clock, given.clock_started_at) == (DEADLINE, "accept", NOW + HOUR)
    assert given.sweep_at == NOW + 4 * HOUR


def test_what_is_left_passes_in_the_hours_of_the_new_owner(lead, admin, eastern_rep):
    """Three of eight hours are used. New York opens at 14:00 UTC."""
    eastern_rep.team.calendar = CalendarFactory(time_zone="America/New_York", opening_hours="Mon-Fri 09:00-17:00")
    eastern_rep.team.save()

    given = give(lead, eastern_rep, admin, at=NOW + 3 * HOUR)

    assert given.due_at == NOW.replace(hour=19)
    assert given.sweep_at == NOW.replace(hour=15)


def test_the_silence_of_an_opportunity_goes_on_in_the_new_owners_hours(rep, admin, eastern_rep):
    """Due in ten working days of eight hours; two hours a day make forty of them."""
    eastern_rep.team.calendar = CalendarFactory(time_zone="UTC", opening_hours="Mon-Fri 10:00-12:00")
    eastern_rep.team.save()
    lead = LeadFactory(qualified=True, owner=rep)

    given = give(lead, eastern_rep, admin, at=NOW)

    assert (given.due_clock, given.due_at) == ("disposition", NOW.replace(month=4, day=28, hour=12))
    assert given.sweep_at == given.due_at


def test_the_ladder_begins_again_for_the_new_owner(lead, rep, manager, colleague):
    raise_flags(now=NOW + 4 * HOUR)
    give(lead, colleague, manager, at=NOW + 5 * HOUR)

    raise_flags(now=NOW + 5 * HOUR)
    raise_flags(now=DEADLINE)

    assert [kind for kind, _ in told(colleague)] == ["assigned", "reminder"]
    assert [kind for kind, _ in told(rep)] == ["reminder", "reassigned"]
    assert [text for _, text in told(manager)] == [
        "Bea Buyer is in the Black Hole: by Thu 5 Mar, 10:00 Cora Colleague has not accepted or refused it."
    ]


def test_no_flag_is_cleared_and_no_deadline_forgiven(lead, manager, colleague):
    raise_flags(now=DEADLINE)

    given = give(lead, colleague, manager, at=DEADLINE + HOUR)

    assert Flag.objects.values_list("due_at", "cleared_at").get() == (DEADLINE, None)
    assert given.due_at == DEADLINE


def test_who_gets_a_lead_from_the_black_hole_has_the_whole_time_before_it_is_told_again(lead, manager, colleague):
    raise_flags(now=DEADLINE)
    give(lead, colleague, manager, at=DEADLINE)

    assert raise_flags(now=DEADLINE + DAY) == Counter()
    assert Flag.objects.count() == 1
    assert [text for _, text in told(manager)][1:] == [
        "Bea Buyer is in the Black Hole: by Fri 6 Mar, 10:00 Cora Colleague has not accepted or refused it."
    ]


def test_a_deadline_missed_before_the_change_is_flagged_for_whom_it_was_missed_by(lead, rep, manager, colleague):
    give(lead, colleague, manager, at=DEADLINE + HOUR)

    flag = Flag.objects.get()
    assert (flag.owner, flag.due_at) == (rep, DEADLINE)
    kinds = list(lead.events.order_by("seq").values_list("kind", flat=True))
    assert kinds[-2:] == ["lead.black_hole", "lead.assigned"]


# --- by the ladder --------------------------------------------------------------------------------------------


@pytest.fixture
def late(rep, manager):
    """Twice the time has passed, under an agreement that reassigns."""
    AgreementFactory(reassigns=True)
    lead = LeadFactory(handed_off=True, owner=rep)
    raise_flags(now=TWICE)
    return lead


def test_at_twice_the_time_the_next_rep_gets_it(late, colleague):
    assert hand_over_late_leads(now=TWICE) == Counter({"handed over": 1})

    handed = Lead.objects.get()
    assert (handed.owner, handed.clock_started_at, handed.due_at) == (colleague, TWICE, DEADLINE)
    event = late.events.last()
    assert (event.data["owner"], event.actor_name) == (colleague.pk, SYSTEM.name)
    assert Assignment.objects.last().why.startswith("Not answered in time.")


def test_it_is_handed_over_once(late, colleague):
    hand_over_late_leads(now=TWICE)

    assert hand_over_late_leads(now=TWICE + HOUR) == Counter()
    assert Lead.objects.get().owner == colleague


def test_it_goes_on_to_a_third_when_the_second_does_not_answer_either(late, rep, colleague, west):
    third = UserFactory(name="Theo Third", team=west)
    hand_over_late_leads(now=TWICE)
    second = Lead.objects.get().owner

    raise_flags(now=TWICE + 3 * DAY)  # from Friday 10:00 to Monday
    assert hand_over_late_leads(now=TWICE + 3 * DAY) == Counter()
    raise_flags(now=TWICE + 4 * DAY)
    hand_over_late_leads(now=TWICE + 4 * DAY)

    assert {second, Lead.objects.get().owner} <= {rep, colleague, third}
    assert Lead.objects.get().owner != second


def test_where_nobody_is_available_it_stays_and_the_manager_is_told(late, rep, manager):
    assert hand_over_late_leads(now=TWICE) == Counter({"not handed over": 1})

    assert Lead.objects.get().owner == rep
    assert told(manager)[-1][0] == "nobody_takes"
    assert hand_over_late_leads(now=TWICE + HOUR) == Counter()


def test_an_answer_in_between_keeps_it_with_its_owner(late, rep, colleague):
    said = Statement(outcome=Outcome.VOICEMAIL)
    record_disposition(lead_id=late.pk, statement=said, by=rep.principal, at=TWICE)

    assert hand_over_late_leads(now=TWICE) == Counter()
    assert Lead.objects.get().owner == rep
    assert not Escalation.objects.filter(hands_over=True, handed_over_at=None).exists()


def test_an_agreement_that_does_not_reassign_leaves_it_where_it_is(lead, rep, colleague):
    raise_flags(now=TWICE)

    assert hand_over_late_leads(now=TWICE) == Counter()
    assert Lead.objects.get().owner == rep
