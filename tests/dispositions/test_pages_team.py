"""/team/ as its manager sees it: what is counted, what it leads to, and whose it never shows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, WorkingCalendar
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.sweep import run_sweep
from tests.conftest import signed_in
from tests.factories import LeadFactory, TeamFactory, UserFactory


@pytest.fixture
def at():
    return timezone.now()


@pytest.fixture(autouse=True)
def round_the_clock(db):
    """The hour at which the tests run must not decide what is due in two working hours."""
    WorkingCalendar.objects.update_or_create(
        is_default=True, defaults={"name": "Always", "opening_hours": "Mon-Sun 00:00-24:00"}
    )


@pytest.fixture
def head_client(head_of_sales):
    return signed_in(head_of_sales)


def page_of(client, query=""):
    response = client.get(f"/team/{query}")
    assert response.status_code == 200
    return response.context["page"]


def figures(line):
    return {figure.label: figure.stock.count for figure in line.figures if figure.stock.count}


def tile(page, label):
    return next(one for one in page.tiles if one.label == label)


def say(lead, rep, outcome, at, **said):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **said), by=rep.principal, at=at)


def won(rep, at, **given):
    """Closed at `at`; the rest of its life lies before."""
    lead = LeadFactory(qualified=True, owner=rep, at=at - timedelta(hours=1), **given)
    say(lead, rep, Outcome.WON, at, closed_on=at.date())
    return lead


# --- the pipeline ---------------------------------------------------------------------------------------------


def test_a_managers_pipeline_is_by_rep_and_adds_up(rep, manager_client, west, at):
    colleague = UserFactory(name="Carl Colleague", team=west)
    LeadFactory(handed_off=True, owner=rep, at=at)
    LeadFactory(qualified=True, owner=rep, at=at)
    LeadFactory(accepted=True, owner=colleague, at=at)
    LeadFactory(stage=Stage.MQL, team=west, at=at)

    page = page_of(manager_client)

    assert {line.label: figures(line) for line in page.lines} == {
        "Carl Colleague": {"SAL": 1},
        "Rita Rep": {"MQL": 1, "SQL": 1},
        "Nobody yet": {"MQL": 1},
    }
    assert figures(page.total) == {"MQL": 2, "SAL": 1, "SQL": 1}


def test_from_above_it_is_by_team_and_each_team_opens_its_reps(rep, eastern_rep, head_client, west, at):
    LeadFactory(handed_off=True, owner=rep, at=at)
    LeadFactory(accepted=True, owner=eastern_rep, at=at)

    above = page_of(head_client)
    below = page_of(head_client, f"?team={west.pk}")

    assert {line.label: figures(line) for line in above.lines} == {"East": {"SAL": 1}, "West": {"MQL": 1}}
    assert next(line.url for line in above.lines if line.label == "West") == f"/team/?team={west.pk}"
    assert {line.label: figures(line) for line in below.lines} == {"Rita Rep": {"MQL": 1}}
    assert figures(below.total) == {"MQL": 1}


def test_a_team_counts_in_every_team_above_it(west, head_client, at):
    deep = UserFactory(team=TeamFactory(name="South-West", parent=west))
    LeadFactory(handed_off=True, owner=deep, at=at)

    assert {line.label: figures(line) for line in page_of(head_client).lines if figures(line)} == {"West": {"MQL": 1}}


def test_each_figure_leads_to_its_leads(rep, manager_client, west, at):
    LeadFactory(handed_off=True, owner=rep, at=at)

    figure = page_of(manager_client).lines[0].figures[0]

    assert figure.url == f"/leads/?stage=mql&owner={rep.pk}&team={west.pk}"


def test_behind_each_figure_are_just_the_leads_it_counts(rep, eastern_rep, head_client, west, at):
    for owner in (rep, eastern_rep):
        LeadFactory(handed_off=True, owner=owner, at=at - timedelta(days=20))
        LeadFactory(accepted=True, owner=owner, at=at - timedelta(days=4))
        won(owner, at)
        won(owner, at - timedelta(days=40))
    LeadFactory(stage=Stage.MQL, team=west, at=at)
    run_sweep(now=at)

    for query in ("", f"?team={west.pk}"):
        page = page_of(head_client, query)
        shown = [page.total, *page.lines, *page.ages]
        counted = {one.url: one.stock.count for line in shown for one in line.figures if one.url}
        assert {url: head_client.get(url).context["listing"].count for url in counted} == counted


def test_money_of_two_currencies_is_never_added(rep, manager_client, at):
    for currency in ("EUR", "EUR", "SEK"):
        lead = LeadFactory(qualified=True, owner=rep, at=at)
        Lead.objects.filter(pk=lead.pk).update(amount=Decimal(1500), currency=currency)
    LeadFactory(handed_off=True, owner=rep, at=at)

    page = page_of(manager_client)

    assert str(page.total.figures[2].stock.money) == "3,000 EUR + 1,500 SEK"
    assert tile(page, "Open with sales").note == "3,000 EUR + 1,500 SEK; 1 without an amount"


def test_won_counts_from_the_first_of_the_month_and_not_when_taken_back(rep, manager_client, at):
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    won(rep, first)
    won(rep, first - timedelta(minutes=1))
    lead = LeadFactory(qualified=True, owner=rep, at=at - timedelta(minutes=2))
    said = say(lead, rep, Outcome.WON, at, closed_on=at.date())
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=at + timedelta(minutes=1))

    assert figures(page_of(manager_client).total) == {"SQL": 1, "Won": 1}


def test_the_accepted_share_is_of_what_was_answered_this_month(rep, manager_client, at):
    LeadFactory.create_batch(3, accepted=True, owner=rep, at=at)
    refused = LeadFactory(handed_off=True, owner=rep, at=at)
    say(refused, rep, Outcome.REFUSE, at, reason="no_budget")

    accepted = tile(page_of(manager_client), "Accepted")

    assert (accepted.value, accepted.note) == ("75 %", "3 of 4 answered this month")


def test_ages_are_working_days_in_the_stage(rep, manager_client, at):
    for days in (0, 1, 4, 30):
        LeadFactory(accepted=True, owner=rep, at=at - timedelta(days=days))

    (line,) = page_of(manager_client).ages

    assert line.stage == Stage.SAL
    assert [(figure.label, figure.stock.count) for figure in line.figures] == [
        ("Today", 1),
        ("1–2 days", 1),
        ("3–5 days", 1),
        ("6–10 days", 0),
        ("Over 10 days", 1),
    ]


def test_the_black_hole_is_counted_with_its_value(rep, manager_client, at):
    inside = LeadFactory(handed_off=True, owner=rep, at=at - timedelta(days=9))
    Lead.objects.filter(pk=inside.pk).update(expected_value=Decimal(900), currency="EUR")
    LeadFactory(handed_off=True, owner=rep, at=at - timedelta(days=9))
    run_sweep(now=at)

    hole = tile(page_of(manager_client), "In the Black Hole")

    assert Flag.objects.filter(kind="black_hole").count() == 2
    assert (hole.value, hole.note) == ("2", "900 EUR; 1 without an amount")
    assert hole.url == "/leads/?flag=black_hole"


# --- at risk, and what was done -------------------------------------------------------------------------------


def test_at_risk_is_what_is_due_in_two_working_hours_and_unanswered(rep, manager_client, at):
    soon = LeadFactory(handed_off=True, owner=rep, at=at - timedelta(hours=7))
    pooled = LeadFactory(stage=Stage.MQL, team=rep.team, at=at - timedelta(hours=6, minutes=30))
    LeadFactory(handed_off=True, owner=rep, at=at - timedelta(hours=5))
    LeadFactory(handed_off=True, owner=rep, at=at - timedelta(hours=9))

    page = page_of(manager_client)

    assert [risk.lead for risk in page.risks] == [soon, pooled]
    assert page.risks[0].countdown.state == "soon"
    assert tile(page, "At risk").value == "2"


def test_at_risk_follows_the_hours_of_each_team(rep, eastern_rep, head_client, east, at):
    closed_today = [day for day in range(7) if day not in {(at + timedelta(days=n)).weekday() for n in (-1, 0, 1)}]
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    hours = "\n".join(f"{names[day]} 09:00-17:00" for day in closed_today)
    east.calendar = WorkingCalendar.objects.create(name="Elsewhere", opening_hours=hours)
    east.save()
    leads = [LeadFactory(handed_off=True, owner=owner, at=at) for owner in (rep, eastern_rep)]
    Lead.objects.update(due_at=at + timedelta(days=1))

    assert [risk.lead for risk in page_of(head_client).risks] == leads[1:]


def test_the_oldest_unanswered_is_named(rep, manager_client, at):
    LeadFactory(handed_off=True, owner=rep, at=at - timedelta(days=3))
    old = LeadFactory(handed_off=True, owner=rep, last_name="Older", at=at - timedelta(days=12))

    oldest = tile(page_of(manager_client), "Oldest unanswered")

    assert (oldest.value, oldest.note, oldest.url) == ("12 d", "Bea Older, Rita Rep", f"/leads/{old.pk}/")


def test_attempts_and_conversations_are_counted_and_what_was_taken_back_is_not(rep, manager_client, at):
    lead = LeadFactory(handed_off=True, owner=rep, at=at)
    say(lead, rep, Outcome.VOICEMAIL, at)
    say(lead, rep, Outcome.CONVERSATION, at)
    undone = say(lead, rep, Outcome.NO_ANSWER, at)
    undo_disposition(disposition_id=undone.pk, by=rep.principal, at=at)

    page = page_of(manager_client)

    (load,) = page.loads
    assert (load.activity.attempts_today, load.activity.conversations) == (1, 1)
    assert load.last_at == at
    assert tile(page, "Attempts today").value == "1"


# --- the workload ---------------------------------------------------------------------------------------------


def test_a_reps_load_stands_against_his_cap(rep, manager_client, at):
    User.objects.filter(pk=rep.pk).update(lead_cap=2)
    LeadFactory(handed_off=True, owner=rep, at=at)
    LeadFactory(accepted=True, owner=rep, at=at - timedelta(days=30))

    page = manager_client.get("/team/")

    (load,) = page.context["page"].loads
    assert (load.open, load.answer_now, load.standing.overdue, load.is_full) == (2, 1, 1, True)
    assert "2 of 2 · full" in page.text


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["Zoe", "Ann"]),
        ("name", ["Ann", "Zoe"]),
        ("-name", ["Zoe", "Ann"]),
        ("open", ["Ann", "Zoe"]),
        ("party", ["Zoe", "Ann"]),
    ],
)
def test_the_workload_sorts_as_asked_and_by_what_is_overdue(manager_client, west, at, sort, names):
    UserFactory(name="Ann", team=west)
    LeadFactory(handed_off=True, owner=UserFactory(name="Zoe", team=west), at=at - timedelta(days=20))

    assert [load.user.name for load in page_of(manager_client, f"?sort={sort}").loads] == names


def test_who_is_on_leave_or_off_duty_is_told(manager_client, west, at):
    today = at.date()
    UserFactory(name="Ann", team=west, away_from=today, away_until=today + timedelta(days=3))
    UserFactory(name="Bob", team=west, is_on_duty=False)
    UserFactory(name="Cid", team=west, away_from=today + timedelta(days=9))

    found = {load.user.name: load.presence for load in page_of(manager_client, "?sort=name").loads}

    assert {name: one.state for name, one in found.items()} == {"Ann": "on leave", "Bob": "off duty", "Cid": "here"}
    assert found["Cid"].leaves_on == today + timedelta(days=9)


def test_leads_of_somebody_who_left_still_count(rep, manager_client, at):
    LeadFactory(handed_off=True, owner=rep, at=at)
    User.objects.filter(pk=rep.pk).update(is_active=False)

    page = page_of(manager_client)

    assert figures(page.total) == {"MQL": 1}
    assert [load.presence.state for load in page.loads] == ["left"]


# --- whose it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?sort=-open", "?team=", "?team=abc", "?team=" + "9" * 40])
def test_a_manager_of_west_sees_nothing_of_east(manager_client, eastern_rep, at, query):
    lead = LeadFactory(handed_off=True, owner=eastern_rep, at=at - timedelta(hours=7))
    won(eastern_rep, at)

    response = manager_client.get(f"/team/{query}")

    assert figures(response.context["page"].total) == {}
    assert [word for word in (lead.last_name, eastern_rep.name, "East") if word in response.text] == []


def test_no_address_leads_a_manager_of_west_to_east(manager_client, eastern_rep, east, sales):
    about_him = [reverse(f"team-{name}", args=[eastern_rep.pk]) for name in ("rep", "hand-over", "availability")]
    addresses = [*about_him, *(f"/team/?team={one.pk}" for one in (east, sales))]

    assert {manager_client.get(address).status_code for address in addresses} == {404}


def test_the_admin_sees_all_and_what_has_no_team(admin_client, rep, eastern_rep, at):
    LeadFactory(handed_off=True, owner=rep, at=at)
    LeadFactory(handed_off=True, owner=eastern_rep, at=at)
    LeadFactory(stage=Stage.MQL, at=at)

    lines = page_of(admin_client).lines

    assert {line.label: figures(line) for line in lines if figures(line)} == {
        "Sales": {"MQL": 2},
        "No team": {"MQL": 1},
    }


def test_the_team_page_is_for_managers(rep_client, marketing_client):
    assert rep_client.get("/team/").status_code == 403
    assert marketing_client.get("/team/calendar/").status_code == 403


# --- empty, and large -----------------------------------------------------------------------------------------


def test_empty_states_say_what_is_missing(db, sales):
    nobody = UserFactory(role="manager", team=None)
    alone = UserFactory(role="manager", team=TeamFactory())

    assert "No team yet" in signed_in(nobody).get("/team/").text
    page = signed_in(alone).get("/team/").text
    assert "No lead with sales yet" in page
    assert "No reps in this team" in page


def test_the_page_costs_no_more_for_20_reps_than_for_1(rep, manager_client, west, at, queries_for):
    LeadFactory(handed_off=True, owner=rep, at=at - timedelta(hours=7))
    one = queries_for(lambda: manager_client.get("/team/"))
    for _ in range(19):
        LeadFactory(handed_off=True, owner=UserFactory(team=west), at=at - timedelta(hours=7))

    assert queries_for(lambda: manager_client.get("/team/")) == one
    assert one <= 14
