"""People, their teams, and what their role lets them see."""

from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.models import Team, User, subtree_ids
from accounts.principals import SYSTEM, Kind, Principal
from accounts.roles import Role
from tests.factories import CalendarFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_address_is_one_user_in_any_spelling():
    User.objects.create_user(" Rita@Sales.example ", "a long password", name="Rita")

    assert User.objects.get().email == "rita@sales.example"
    assert authenticate(username="RITA@sales.EXAMPLE", password="a long password") == User.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("rita@sales.example", name="Another")


@pytest.mark.parametrize("email", ["", None, "  "])
def test_people_of_an_imported_file_may_have_no_address_and_cannot_sign_in(email):
    first, second = (User.objects.create_user(email, name=name) for name in ("Ann", "Bob"))

    assert (first.email, second.email) == (None, None)
    assert not first.has_usable_password()


def test_a_deactivated_user_does_not_sign_in():
    User.objects.create_user("rita@sales.example", "a long password", name="Rita", is_active=False)

    assert authenticate(username="rita@sales.example", password="a long password") is None


def test_the_first_user_of_an_installation_is_an_admin():
    user = User.objects.create_superuser("ada@it.example", "a long password", name="Ada")

    assert (user.role, user.is_staff, user.is_superuser) == (Role.ADMIN, True, True)


def test_a_role_that_does_not_exist_is_not_stored():
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(role="king")


@pytest.mark.parametrize(
    ("name", "initials"), [("Rita Rep", "RR"), ("Rita van der Rep", "RR"), ("rita", "R"), ("", "?"), ("  ", "?")]
)
def test_a_user_has_initials(name, initials):
    assert User(name=name).initials == initials


# --- teams ----------------------------------------------------------------------------------------------------


def test_a_subtree_is_the_team_and_all_below(sales, west, east):
    northwest = TeamFactory(parent=west)

    assert subtree_ids({sales.pk}) == {sales.pk, west.pk, east.pk, northwest.pk}
    assert subtree_ids({west.pk}) == {west.pk, northwest.pk}
    assert subtree_ids(set()) == frozenset()


def test_a_ring_of_teams_ends(sales, west):
    Team.objects.filter(pk=sales.pk).update(parent=west)

    assert subtree_ids({sales.pk}) == {sales.pk, west.pk}


def test_a_subtree_is_one_query(sales, west, east, queries_for):
    assert queries_for(lambda: subtree_ids({sales.pk})) == 1


def test_a_team_with_people_is_not_deleted(rep, west):
    with pytest.raises(ProtectedError):
        west.delete()


# --- principals -----------------------------------------------------------------------------------------------


def test_a_rep_acts_for_himself_and_his_team(rep, west):
    assert rep.principal == Principal(
        kind=Kind.USER, name="Rita Rep", role=Role.REP, user_id=rep.pk, team_ids=frozenset({west.pk})
    )


def test_a_manager_acts_for_the_teams_he_manages_and_all_below(head_of_sales, sales, west, east):
    assert head_of_sales.principal.team_ids == {sales.pk, west.pk, east.pk}


def test_a_rep_who_is_named_as_manager_has_no_more_than_his_team(rep, west, east):
    east.manager = rep
    east.save()

    assert rep.principal.team_ids == {west.pk}


def test_somebody_without_a_team_has_none(marketing):
    assert marketing.principal.team_ids == frozenset()


def test_only_marketing_admins_and_leadflow_itself_see_everything(rep, manager, marketing, admin):
    seers = [rep.principal, manager.principal, marketing.principal, admin.principal, SYSTEM]

    assert [principal.sees_everything for principal in seers] == [False, False, True, True, True]


# --- time zones -----------------------------------------------------------------------------------------------


def test_a_user_reads_times_in_his_own_zone_else_his_teams_else_the_installations(west, settings):
    assert UserFactory(team=None).zone.key == settings.TIME_ZONE
    west.calendar = CalendarFactory(time_zone="America/New_York")
    assert UserFactory(team=west).zone == ZoneInfo("America/New_York")
    assert UserFactory(team=west, time_zone="Asia/Tokyo").zone == ZoneInfo("Asia/Tokyo")


def test_a_zone_that_does_not_exist_is_refused(rep):
    rep.time_zone = "Mars/Olympus"

    with pytest.raises(ValidationError, match=r"“Mars/Olympus” is not a time zone."):
        rep.full_clean()
