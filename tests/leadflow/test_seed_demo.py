"""The demo company is true to the rules: what live use would have left behind, and nothing after now."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Max
from django.test import override_settings

from accounts.models import Team, User
from accounts.working_time import is_working
from dispositions.models import Disposition
from funnel.ledger import GENESIS, event_hash
from funnel.lifecycle import OPEN_STAGES, Stage
from funnel.models import Agreement, Flag, HandOff, Lead, LeadEvent, LeadText, StageChange, Touch
from funnel.sweep import run_sweep
from integrations.services.keys import find_key
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
    flags = Flag.objects.count()

    run_sweep(now=NOW)

    assert Flag.objects.count() == flags
    assert not Lead.objects.to_sweep(NOW).exists()


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


def test_two_versions_are_signed_by_both_sides_and_one_is_a_draft():
    versions = Agreement.objects.order_by("version").annotate(
        sides=Count("signatures", distinct=True), sentences=Count("clauses", distinct=True)
    )

    assert [(one.version, one.state, one.sides, one.sentences) for one in versions] == [
        (1, "superseded", 2, 6),
        (2, "in_force", 2, 6),
        (3, "draft", 0, 6),
    ]


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


def test_the_demo_rep_has_next_steps_due_today():
    his = Lead.objects.filter(owner__email="rep@demo.leadflow.test", next_action_at__date=NOW.date())

    assert Counter(his.values_list("stage", flat=True)) == {"sal": 8, "sql": 4}


def test_three_leads_are_back_with_the_demo_rep():
    back = Lead.objects.filter(owner__email="rep@demo.leadflow.test", stage="mql", cycle__gt=1)

    assert sorted(back.values_list("cycle", flat=True)) == [2, 3, 3]


def test_the_demo_rep_has_been_at_work_today():
    said = Disposition.objects.filter(by__email="rep@demo.leadflow.test", at__date=NOW.date())

    assert {"won", "refuse", "meeting_set", "no_answer"} <= set(said.values_list("outcome", flat=True))


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
