"""The demo company is true to the rules: what live use would have left behind, and nothing after now."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Max, Q
from django.test import override_settings

from accounts.models import Mail, Notification, Team, User
from accounts.roles import Role
from accounts.working_time import is_working
from dispositions.models import BuyIn, Disposition, Dispute, Forecast
from funnel.ledger import GENESIS, event_hash
from funnel.lifecycle import OPEN_STAGES, SALES_STAGES, Stage
from funnel.limits import ClockRules
from funnel.models import (
    Agreement,
    Assignment,
    Escalation,
    Flag,
    HandOff,
    Lead,
    LeadEvent,
    LeadText,
    StageChange,
    Touch,
)
from funnel.services.verify import first_broken_row
from funnel.sweep import run_sweep
from integrations.services.keys import find_key
from leadflow.demo.delivery import MAILS_LEFT, UNREAD
from leadflow.demo.people import Population
from leadflow.demo.today import worked_before

NOW = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)  # a Tuesday
LEADS = 160


def seed(**options):
    call_command("seed_demo", **({"leads": LEADS, "months": 4, "now": NOW.isoformat(), "verbosity": 0} | options))


def digest():
    rows = Lead.objects.order_by("email").values_list(
        "email", "stage", "amount", "due_at", "ledger_seq", "owner__email"
    )
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def digest_of_another_run(**options):
    with transaction.atomic():
        seed(**options)
        found = digest()
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def runs(django_db_setup, django_db_blocker, tmp_path_factory):
    """Digests of earlier runs, each rolled back; the last run stays for all tests of this module."""
    data_dir = tmp_path_factory.mktemp("data")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=data_dir), transaction.atomic():
        yield {
            "same": digest_of_another_run(seed=1),
            "other": digest_of_another_run(seed=2),
            "this": (seed(seed=1), digest())[1],
            "key": (data_dir / "demo_api_key").read_text().strip(),
        }
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("runs")]


def test_one_rep_of_the_home_team_has_more_leads_than_his_cap_and_the_demos_rep_has_room():
    held = Count("leads", filter=Q(leads__stage__in=SALES_STAGES))
    reps = User.objects.filter(role=Role.REP).annotate(held=held)

    assert all(rep.lead_cap is not None for rep in reps)
    assert [rep.team.name for rep in reps if rep.held > rep.lead_cap] == ["DACH"]
    assert next(rep.lead_cap - rep.held for rep in reps if rep.email.startswith("rep@")) > 20


def team_hours(lead):
    return (lead.owner.team if lead.owner else lead.team).calendar.hours


# --- true to the rules --------------------------------------------------------------------------------------


def test_every_ledger_is_an_unbroken_chain():
    for lead in Lead.objects.prefetch_related("events"):
        previous = GENESIS
        for seq, event in enumerate(lead.events.all(), start=1):
            assert (event.seq, event.hash) == (seq, event_hash(previous, event))
            previous = event.hash
        assert lead.ledger_seq == seq


def test_a_lead_stands_where_its_last_move_took_it():
    for lead in Lead.objects.prefetch_related("stage_changes"):
        moves = list(lead.stage_changes.all())

        assert [move.old for move in moves] == ["", *(move.new for move in moves[:-1])]
        assert (lead.stage, lead.stage_entered_at) == (moves[-1].new, moves[-1].at)


def test_every_move_and_disposition_has_its_event_in_the_ledger():
    events = set(LeadEvent.objects.values_list("lead_id", "seq", "kind"))
    moves = StageChange.objects.exclude(old="").values_list("lead_id", "seq")
    dispositions = Disposition.objects.values_list("lead_id", "seq")

    assert {(lead, seq, "lead.stage_changed") for lead, seq in moves} <= events
    assert {(lead, seq, "lead.dispositioned") for lead, seq in dispositions} <= events


def test_hand_offs_are_numbered_without_gaps():
    for lead in Lead.objects.prefetch_related("hand_offs"):
        assert [hand_off.number for hand_off in lead.hand_offs.all()] == list(range(1, lead.cycle + 1))


def test_a_hand_off_is_open_exactly_while_sales_has_the_lead():
    open_ones = set(HandOff.objects.filter(ended_at=None).values_list("lead_id", flat=True))
    with_sales = Lead.objects.filter(stage__in=["mql", "sal", "sql"], cycle__gt=0)

    assert open_ones == set(with_sales.values_list("id", flat=True))


def test_a_hand_off_is_bound_to_the_version_in_force_when_it_was_opened():
    for hand_off in HandOff.objects.select_related("agreement"):
        assert hand_off.agreement.in_force_from <= hand_off.opened_at
        assert hand_off.opened_at <= (hand_off.agreement.superseded_at or NOW)


def test_exactly_the_open_leads_have_a_deadline():
    waiting = Lead.objects.exclude(due_at=None)

    assert set(waiting) == set(Lead.objects.filter(stage__in=OPEN_STAGES))


def test_the_sweep_finds_nothing_left_to_do():
    assert not run_sweep(now=NOW)
    assert not Lead.objects.to_sweep(NOW).exists()


def test_the_history_is_whole():
    assert first_broken_row() is None


def test_the_sweep_comes_back_for_the_next_step_of_the_ladder_else_for_the_deadline():
    rules = ClockRules()
    climbed = set(Escalation.objects.values_list("hand_off", "clock", "due_at", "owner", "share"))
    open_leads = Lead.objects.filter(stage__in=OPEN_STAGES)
    for lead in open_leads.select_related("hand_off__agreement", "owner__team__calendar", "team__calendar"):
        place = (lead.hand_off_id, lead.due_clock, lead.due_at, lead.owner_id)
        steps = [step.at for step in rules.ladder(lead) if (*place, step.share) not in climbed]
        awaited = min(steps, default=lead.due_at)

        assert lead.sweep_at == (awaited if awaited > NOW else None)


def test_every_step_of_the_ladder_was_climbed_within_a_minute():
    # A lead that went back to the pool has another ladder, which begins anew.
    steps = list(Escalation.objects.filter(owner__isnull=False))

    assert {step.share for step in steps} == {50, 80, 100, 200}
    assert all(timedelta(0) <= step.done_at - step.at <= timedelta(minutes=1) for step in steps)


def test_every_hand_off_was_assigned_by_a_rule_that_says_why():
    assigned = Assignment.objects.filter(hand_off__isnull=False)

    assert set(assigned.values_list("hand_off", flat=True)) == set(HandOff.objects.values_list("pk", flat=True))
    assert not assigned.filter(why="").exists()
    assert {"kept", "territory", "company"} <= set(assigned.values_list("rule", flat=True))


def test_exactly_the_overdue_leads_have_an_open_flag():
    overdue = Lead.objects.filter(due_at__lte=NOW).values_list("id", "due_at")
    flagged = Flag.objects.filter(cleared_at=None).values_list("lead_id", "due_at")

    assert flagged.count() > 0
    assert set(flagged) == set(overdue)


def test_flags_are_raised_within_a_minute_of_the_missed_deadline():
    for flag in Flag.objects.all():
        assert timedelta(0) <= flag.raised_at - flag.due_at <= timedelta(minutes=1)


def test_sales_works_in_its_team_hours():
    said = Disposition.objects.select_related("by__team__calendar")

    assert [one for one in said if not is_working(one.at, one.by.team.calendar.hours)] == []


@pytest.mark.parametrize("model", [LeadEvent, StageChange, Disposition, Touch, LeadText])
def test_nothing_has_happened_after_now(model):
    assert model.objects.aggregate(last=Max("at"))["last"] <= NOW


def test_the_last_touch_of_a_lead_is_the_one_it_remembers():
    for lead in Lead.objects.annotate(latest=Max("touches__at")):
        assert lead.last_touch_at == lead.latest


def test_reps_disposition_leads_of_their_own_team():
    for one in Disposition.objects.select_related("lead__team", "by__team"):
        assert one.by.team == one.lead.team


# --- a company at work --------------------------------------------------------------------------------------


def test_there_are_as_many_leads_as_asked_for_in_every_stage():
    stages = Counter(Lead.objects.values_list("stage", flat=True))

    assert stages.total() == LEADS
    assert set(stages) == set(Stage.values)


def test_two_versions_are_signed_by_both_sides_and_the_next_by_marketing():
    versions = Agreement.objects.order_by("name", "version").annotate(
        sides=Count("signatures", distinct=True), sentences=Count("clauses", distinct=True)
    )

    found = [(one.version, one.state, one.sides, one.sentences) for one in versions if one.team is None]
    assert found == [(1, "superseded", 2, 6), (2, "in_force", 2, 6), (3, "draft", 1, 6)]
    assert [(one.team.name, one.state, one.sides) for one in versions if one.team] == [("Nordics", "in_force", 2)]


def test_most_hand_offs_meet_the_clauses_and_some_were_promoted_in_spite_of_one():
    unmet = [any(one["met"] is False for one in hand_off.clause_results) for hand_off in HandOff.objects.all()]
    overridden = HandOff.objects.exclude(override_reason="")

    assert 0 < overridden.count() == sum(unmet) < 0.2 * len(unmet)


def test_refusals_cite_clauses():
    refusals = Disposition.objects.filter(outcome="refuse")

    assert refusals.exists()
    assert not refusals.filter(failed_clauses=[]).exists()


def test_two_disputes_are_open_and_one_was_settled_each_way():
    disputes = Dispute.objects.annotate(said=Count("votes")).order_by("opened_at")

    assert [(one.state, one.said, one.decide_at <= NOW) for one in disputes] == [
        ("upheld", 2, True),
        ("redefined", 2, True),
        ("open", 2, True),
        ("overruled", 2, False),
        ("open", 0, False),
    ]


def test_the_login_of_marketing_and_that_of_sales_may_sign():
    signers = User.objects.filter(can_sign=True).values_list("email", flat=True)

    assert set(signers) == {"marketing@demo.leadflow.test", "manager@demo.leadflow.test"}


def test_whoever_is_away_gets_no_leads():
    away = User.objects.get(away_from__isnull=False)
    off_duty = User.objects.get(is_on_duty=False)

    assert away.is_away_on(NOW.date())
    assert not away.leads.filter(stage__in=["mql", "sal", "sql"]).exists()
    assert not off_duty.assignments.filter(at__gt=NOW - timedelta(days=10)).exclude(rule="kept").exists()


def test_hardly_a_mail_waits_and_only_the_last_notifications_are_unread():
    unread = (
        Notification.objects.filter(read_at=None).values("user").annotate(n=Count("pk")).values_list("n", flat=True)
    )

    assert Mail.objects.filter(sent_at=None).count() <= MAILS_LEFT
    assert max(unread) <= UNREAD
    assert Notification.objects.filter(user__email="rep@demo.leadflow.test", kind="reminder").exists()
    assert Notification.objects.filter(user__email="manager@demo.leadflow.test", kind="escalation").exists()


def test_three_regions_with_twenty_reps_report_to_one_head_of_sales():
    regions = Team.objects.filter(parent__manager__email="manager@demo.leadflow.test")

    assert {team.name for team in regions if team.manager} == {"DACH", "Nordics", "Iberia"}
    assert User.objects.filter(role="rep", team__in=regions).count() == 20


@pytest.mark.parametrize("mailbox", ["rep", "manager", "marketing", "admin"])
def test_the_logins_open_with_the_printed_password(mailbox):
    user = authenticate(username=f"{mailbox}@demo.leadflow.test", password="leadflow-demo")

    assert user.role == mailbox


def test_the_key_beside_the_database_sees_the_demo_leads(runs):
    key = find_key(runs["key"], at=NOW)

    assert key.source == "demo"
    assert Lead.objects.known_to("demo").count() > LEADS * 0.9


# --- the demo rep's day -------------------------------------------------------------------------------------


def test_the_demo_rep_has_hand_offs_to_accept_from_twenty_minutes_to_late():
    new = Lead.objects.filter(owner__email="rep@demo.leadflow.test", stage="mql", cycle=1).order_by("due_at")
    minutes = [round((lead.due_at - NOW) / timedelta(minutes=1)) for lead in new]

    assert len(minutes) == 6
    assert minutes[0] < 0
    assert minutes[1] in {20, 21}


def test_leads_wait_in_the_pool_of_the_demo_reps_team():
    assert Lead.objects.filter(team__name="DACH", owner=None, stage="mql", due_at__gt=NOW).count() >= 2


def test_the_demo_rep_has_next_steps_due_today():
    his = Lead.objects.filter(owner__email="rep@demo.leadflow.test", next_action_at__date=NOW.date())

    assert Counter(his.values_list("stage", flat=True)) == {"sal": 8, "sql": 4}


def test_three_leads_are_back_with_the_demo_rep():
    back = Lead.objects.filter(owner__email="rep@demo.leadflow.test", stage="mql", cycle__gt=1)

    assert sorted(back.values_list("cycle", flat=True)) == [2, 3, 3]


def test_the_demo_rep_has_been_at_work_today():
    said = Disposition.objects.filter(by__email="rep@demo.leadflow.test", at__date=NOW.date())

    assert {"won", "refuse", "meeting_set", "no_answer"} <= set(said.values_list("outcome", flat=True))


def test_reps_have_said_who_must_agree_and_whether_it_will_close():
    assert set(BuyIn.objects.values_list("stance", flat=True)) == {"agrees", "neutral", "against", "unknown"}
    assert set(BuyIn.objects.values_list("lead__stage", flat=True)) == {"sal", "sql"}
    assert set(Forecast.objects.values_list("occasion", flat=True)) == {1, 2}
    assert {one.disposition.occasion for one in Forecast.objects.all()[:50]} <= {1, 2}
    assert Forecast.objects.filter(chance=None).count() < Forecast.objects.count() / 2


# --- the command --------------------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_company(runs):
    assert runs["same"] == runs["this"]


def test_another_seed_makes_another_company(runs):
    assert runs["other"] != runs["this"]


def test_it_refuses_a_database_that_has_leads():
    with pytest.raises(CommandError, match=r"needs an empty database; this one already has leads\.$"):
        seed()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--leads", "0"], "^--leads takes a whole number from 1 to 10,000,000, not “0”.$"),
        (["--touches", "many"], "^--touches takes a whole number from 1 to 100, not “many”.$"),
        (["--now", "yesterday"], "^--now takes a time such as .*, not “yesterday”.$"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("seed_demo", *arguments)


# --- its parts ----------------------------------------------------------------------------------------------


def test_no_two_people_share_an_address():
    population = Population(seed=3, leads=2000, touches=1)
    addresses = [population.person(number, created_at=NOW).given.email for number in range(2000)]

    assert len(set(addresses)) == 2000


def test_working_time_is_counted_back_over_the_lunch_break():
    lead = Lead.objects.filter(owner__email="rep@demo.leadflow.test").first()
    after_lunch = datetime(2026, 5, 12, 11, 15, tzinfo=UTC)  # 13:15 in Berlin, half an hour into the afternoon

    assert worked_before(after_lunch, 1.0, team_hours(lead)) == datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
