import pytest

from accounts.models import Team, User
from accounts.roles import Role
from accounts.services import People, PersonUnclear, TeamRefused, Teams

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    return User.objects.create_user("bob@us.test", name="Bob Ray")


# --- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["bob@us.test", " BOB@us.test", "Bob Ray", "Bob  Ray "])
def test_somebody_is_found_by_address_or_exact_name(bob, text):
    assert People().named(text) == bob


@pytest.mark.parametrize("text", ["bob@them.test", "bob ray", "Bob", "Bob @ us"])
def test_anything_else_is_nobody(bob, text):
    assert People().named(text) is None


def test_somebody_named_is_added_once(bob):
    people = People()

    first = people.named_or_new("Kim Fox", role=Role.MANAGER)
    again = people.named_or_new("Kim Fox", role=Role.REP)

    assert first == again
    assert (people.created, people.writes, first.role) == ([first], 1, Role.MANAGER)


def test_an_address_is_the_name_of_somebody_known_by_nothing_else():
    kim = People().named_or_new("Kim@Us.test", role=Role.REP)

    assert (kim.email, kim.name, kim.has_usable_password()) == ("kim@us.test", "Kim@Us.test", False)


def test_a_name_of_several_people_is_unclear(bob):
    User.objects.create_user(None, name="Bob Ray")

    with pytest.raises(PersonUnclear, match="“Bob Ray” is the name of 2 people: give the e-mail address"):
        People().named("Bob Ray")


def test_a_name_longer_than_its_column_is_refused():
    with pytest.raises(PersonUnclear, match="is longer than 150 characters"):
        People().named_or_new("x" * 151, role=Role.REP)
    assert not User.objects.exists()


def test_somebody_is_found_by_what_was_completed(bob):
    people = People()

    people.complete(people.find(name="Bob Ray"), name="Robert Ray", email="Robert@us.test")

    bob.refresh_from_db()
    assert (bob.name, bob.email) == ("Robert Ray", "robert@us.test")
    assert people.named("Bob Ray") is None
    assert people.named("robert@us.test") == people.named("Robert Ray") == bob


def test_blank_completes_nothing(bob):
    people = People()

    people.complete(people.find(name="Bob Ray"), time_zone="", team=None, email="bob@us.test")

    assert people.writes == 0


# --- teams ----------------------------------------------------------------------------------------


def test_a_path_adds_what_is_missing_of_it():
    teams = Teams()

    west = teams.find_or_add("Sales / EMEA / West")

    assert [team.name for team in teams.created] == ["Sales", "EMEA", "West"]
    assert (west.parent.name, west.parent.parent.name) == ("EMEA", "Sales")
    assert Teams().find_or_add("West") == west
    assert Team.objects.count() == 3


def test_a_slash_without_spaces_belongs_to_the_name():
    assert Teams().find_or_add("R/D").name == "R/D"


@pytest.mark.parametrize("path", ["Sales / ", " / West", "/ West", "Sales /  / West", "West / West", "/"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TeamRefused, match="is no path of teams: write it like Sales / West"):
        Teams().find_or_add(path)
    assert not Team.objects.exists()


def test_a_team_name_longer_than_its_column_is_refused():
    with pytest.raises(TeamRefused, match="is longer than 100 characters"):
        Teams().find_or_add("x" * 101)


def test_a_team_stays_below_the_one_it_is_below():
    teams = Teams()
    teams.find_or_add("Sales / West")

    with pytest.raises(TeamRefused, match="“West” is below “Sales” already"):
        teams.find_or_add("Partners / West")
    assert not Team.objects.filter(name="Partners").exists()


def test_the_tree_never_becomes_a_ring():
    teams = Teams()
    teams.find_or_add("Sales / EMEA / West")

    with pytest.raises(TeamRefused, match="“Sales” cannot be below “New”, which is below it"):
        teams.find_or_add("West / New / Sales")
    assert Team.objects.get(name="Sales").parent is None


def test_a_rep_who_is_appointed_becomes_a_sales_manager(bob):
    people, teams = People(), Teams()
    west = teams.find_or_add("West")

    teams.appoint(west, people.find(name="Bob Ray"), people)
    people.complete(people.find(name="Bob Ray"), role=Role.REP)

    bob.refresh_from_db()
    west.refresh_from_db()
    assert (west.manager, bob.role) == (bob, Role.MANAGER)


def test_somebody_else_who_is_appointed_keeps_his_role(bob):
    bob.role = Role.ADMIN
    bob.save()
    people, teams = People(), Teams()

    teams.appoint(teams.find_or_add("West"), people.find(name="Bob Ray"), people)

    bob.refresh_from_db()
    assert bob.role == Role.ADMIN
