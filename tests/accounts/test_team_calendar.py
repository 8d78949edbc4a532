"""/team/calendar/: leave, duty and caps of a manager's people, and the hours of their teams."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, User
from accounts.presence import Presence, State, presence
from accounts.team_tree import TeamTree
from tests.conftest import signed_in
from tests.factories import CalendarFactory, TeamFactory, UserFactory

TODAY = date(2026, 3, 4)
AS_BEFORE = {"away_from": "", "away_until": "", "is_on_duty": "on", "lead_cap": ""}


@pytest.fixture
def today():
    return timezone.localdate()


def rows_of(client):
    return {row.user.name: row for row in client.get("/team/calendar/").context["rows"]}


def set_for(client, user, **given):
    return client.post(reverse("team-availability", args=[user.pk]), AS_BEFORE | given)


# --- who is there ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, Presence(State.HERE)),
        ({"is_on_duty": False}, Presence(State.OFF_DUTY)),
        ({"is_active": False, "away_from": TODAY}, Presence(State.GONE)),
        ({"away_from": TODAY}, Presence(State.ON_LEAVE)),
        ({"away_until": TODAY, "is_on_duty": False}, Presence(State.ON_LEAVE, until=TODAY)),
        ({"away_until": TODAY - timedelta(days=1)}, Presence(State.HERE)),
        ({"away_from": date(2026, 4, 15)}, Presence(State.HERE, leaves_on=date(2026, 4, 15))),
        ({"away_from": date(2026, 4, 16)}, Presence(State.HERE)),
    ],
)
def test_somebody_is_there_or_not(given, found):
    person = {"is_active": True, "is_on_duty": True, "away_from": None, "away_until": None} | given

    assert presence(TODAY, **person) == found


# --- the tree of a manager ------------------------------------------------------------------------------------


def test_a_manager_looks_into_his_subtree_and_not_above(west, manager, sales, east):
    south = TeamFactory(name="South-West", parent=west)

    tree = TeamTree.of(manager.principal)

    assert list(tree.teams.values()) == [south, west]
    assert (tree.roots, tree.path(south), tree.below(west)) == ([west], [west, south], {west.pk, south.pk})


def test_an_admins_tree_is_whole_and_a_reps_empty(admin, rep, sales, west, east):
    assert set(TeamTree.of(admin.principal).teams) == {sales.pk, west.pk, east.pk}
    assert TeamTree.of(rep.principal).teams == {}


def test_a_ring_of_teams_hangs_no_page(admin, sales, west):
    sales.parent = west
    sales.save()
    tree = TeamTree.of(admin.principal)

    assert tree.below(west) == {west.pk, sales.pk}
    assert set(tree.path(west)) == {west, sales}


# --- the weeks ahead ------------------------------------------------------------------------------------------


def test_leave_is_shown_week_by_week(west, manager_client, today):
    monday = today - timedelta(days=today.weekday())
    UserFactory(name="Ann", team=west, away_from=monday + timedelta(days=8), away_until=monday + timedelta(days=20))

    weeks = rows_of(manager_client)["Ann"].weeks

    assert [len(week.leave) for week in weeks] == [0, 4, 5, 0, 0, 0]
    assert [week.is_all_leave for week in weeks[:3]] == [False, False, True]


def test_hours_and_holidays_are_told_in_words(west, manager_client, today):
    off = today + timedelta(days=5)
    west.calendar = CalendarFactory(
        opening_hours="Mon-Thu 08:00-12:00, 13:00-17:00\nFri 08:00-15:00", days_off=str(off)
    )
    west.save()

    (card,) = manager_client.get("/team/calendar/").context["cards"]

    assert card.lines == ["Mon–Thu 08:00–12:00, 13:00–17:00", "Fri 08:00–15:00"]
    assert [(holiday.on, holiday.name) for holiday in card.holidays] == [(off, "Day off")]


def test_public_holidays_have_their_names():
    calendar = CalendarFactory.build(holiday_country="DE", holiday_region="BY")

    found = calendar.holidays_between(date(2026, 12, 24), date(2027, 1, 6))

    assert found[date(2026, 12, 25)] == "Christmas Day"
    assert sorted(found) == [date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1), date(2027, 1, 6)]


def test_without_people_the_page_says_who_can_add_them(db):
    nobody = UserFactory(role="manager", team=None)

    assert "Nobody in your teams yet" in signed_in(nobody).get("/team/calendar/").text


def test_the_page_costs_no_more_for_20_people_than_for_1(rep, west, manager_client, queries_for):
    one = queries_for(lambda: manager_client.get("/team/calendar/"))
    UserFactory.create_batch(19, team=west)

    assert queries_for(lambda: manager_client.get("/team/calendar/")) == one


# --- changing it ----------------------------------------------------------------------------------------------


def test_a_manager_sets_leave_duty_and_cap_and_the_rep_is_told(rep, manager_client):
    given = {"away_from": "2026-12-21", "away_until": "2026-12-23", "lead_cap": "40"}

    response = manager_client.post(reverse("team-availability", args=[rep.pk]), given)

    rep.refresh_from_db()
    assert response.url == "/team/calendar/"
    assert (rep.away_from, rep.away_until) == (date(2026, 12, 21), date(2026, 12, 23))
    assert (rep.is_on_duty, rep.lead_cap) == (False, 40)
    assert Notification.objects.get(user=rep).text == (
        "Mia Manager changed when you get leads: you are off duty and get no new leads, "
        "on leave from 21 Dec 2026 until 23 Dec 2026, at most 40 leads."
    )


def test_a_leave_is_cleared_with_one_click(rep, manager_client):
    User.objects.filter(pk=rep.pk).update(away_from=date(2026, 12, 1), lead_cap=7)

    set_for(manager_client, rep, clear="1", away_from="2026-12-24")

    rep.refresh_from_db()
    assert (rep.away_from, rep.lead_cap) == (None, 7)
    assert "no leave" in Notification.objects.get(user=rep).text


def test_saving_without_a_change_tells_nobody(rep, manager_client):
    response = set_for(manager_client, rep)

    assert response.status_code == 302
    assert not Notification.objects.exists()


def test_who_changes_his_own_is_not_told(manager, manager_client):
    set_for(manager_client, manager, lead_cap="3")

    manager.refresh_from_db()
    assert manager.lead_cap == 3
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"away_from": "2026-12-23", "away_until": "2026-12-21"}, "The last day of leave lies before the first."),
        ({"away_from": "soon"}, "Enter a valid date."),
        ({"lead_cap": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused_with_the_input_kept(rep, manager_client, given, sentence):
    response = set_for(manager_client, rep, **given)

    rep.refresh_from_db()
    assert response.status_code == 422
    assert sentence in response.text
    assert all(f'value="{value}"' in response.text for value in given.values())
    assert (rep.away_from, rep.lead_cap) == (None, None)


def test_nobody_changes_people_of_another_manager(manager_client, rep_client, eastern_rep, rep):
    assert set_for(manager_client, eastern_rep, lead_cap="1").status_code == 404
    assert set_for(rep_client, rep, lead_cap="1").status_code == 403
    assert not User.objects.filter(lead_cap=1).exists()


def test_an_admin_changes_anybody_in_a_team(admin_client, eastern_rep):
    assert set_for(admin_client, eastern_rep, lead_cap="1").status_code == 302
    eastern_rep.refresh_from_db()
    assert eastern_rep.lead_cap == 1


# --- where everybody begins -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "address"),
    [("rep", "/queue/"), ("manager", "/team/"), ("marketing", "/reports/"), ("admin", "/team/")],
)
def test_everybody_starts_at_the_page_of_his_own_work(request, who, address):
    client = request.getfixturevalue(f"{who}_client")

    assert client.get("/").url == address
    assert client.get(address).status_code == 200


def test_the_team_comes_first_in_a_managers_menu_and_is_none_of_a_reps(manager_client, rep_client):
    menus = [[item.label for item in client.get("/me/").context["nav"]] for client in (manager_client, rep_client)]

    assert menus[0][0] == "Team"
    assert "Team" not in menus[1]
