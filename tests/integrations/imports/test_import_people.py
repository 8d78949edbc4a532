import pytest

from accounts.models import Team, User
from accounts.roles import Role

PEOPLE = """\
name,email,role,team,manager,time_zone
Mia Ito,mia@us.test,manager,Sales,,Asia/Tokyo
Bob Ray,bob@us.test,,Sales / West,Kim Fox,
Eve Orr,,marketing,,,
"""


def person(name):
    return User.objects.get(name=name)


def test_people_and_the_tree_of_their_teams_come_out_of_a_file(imports):
    printed = imports.people(PEOPLE)

    assert printed == (
        "3 rows: created 3, updated 0, skipped 0, rejected 0.\nCreated: managers Kim Fox; teams Sales, West.\n"
    )
    mia, bob, kim, eve = person("Mia Ito"), person("Bob Ray"), person("Kim Fox"), person("Eve Orr")
    assert (mia.email, mia.role, mia.team.name, mia.time_zone) == ("mia@us.test", "manager", "Sales", "Asia/Tokyo")
    assert (bob.role, bob.team.name, bob.team.parent.name, bob.team.manager) == ("rep", "West", "Sales", kim)
    assert (kim.role, kim.email) == ("manager", None)
    assert (eve.role, eve.email, eve.team) == ("marketing", None, None)


def test_nobody_new_can_sign_in(imports):
    imports.people(PEOPLE)

    assert [user.has_usable_password() for user in User.objects.all()] == [False] * 4


def test_the_same_file_again_changes_nothing(imports):
    imports.people(PEOPLE)
    before = [list(User.objects.values()), list(Team.objects.values())]

    printed = imports.people(PEOPLE)

    assert printed == "3 rows: created 0, updated 0, skipped 3, rejected 0.\n"
    assert [list(User.objects.values()), list(Team.objects.values())] == before


def test_a_blank_cell_never_overwrites(imports):
    imports.people(PEOPLE)

    printed = imports.people("name,email,role,team,time_zone\nMia I. Ito,MIA@us.test,,,\n")

    mia = person("Mia I. Ito")
    assert printed == "1 row: created 0, updated 1, skipped 0, rejected 0.\n"
    assert (mia.role, mia.team.name, mia.time_zone) == ("manager", "Sales", "Asia/Tokyo")


def test_an_owner_known_by_name_alone_gets_his_address(imports):
    imports.leads("email,owner\nann@x.test,Bob Ray\n")

    imports.people(PEOPLE)

    assert person("Bob Ray").email == "bob@us.test"
    assert person("Bob Ray").leads.count() == 1


def test_somebody_with_the_name_and_another_address_is_somebody_else(imports):
    imports.people("name,email\nBob,bob1@us.test\nBob,bob2@us.test\n")

    assert set(User.objects.values_list("name", "email")) == {("Bob", "bob1@us.test"), ("Bob", "bob2@us.test")}


def test_somebody_without_a_name_is_called_by_his_address(imports):
    imports.people("email\nbob@us.test\n")

    assert person("bob@us.test").email == "bob@us.test"


def test_a_rep_who_manages_a_team_becomes_its_sales_manager_and_stays_it(imports):
    people = "name,role,team,manager\nKim,rep,,\nBob,rep,West,Kim\n"
    imports.people(people)

    printed = imports.people(people)

    assert person("Kim").role == Role.MANAGER
    assert printed == "2 rows: created 0, updated 0, skipped 2, rejected 0.\n"


def test_a_team_can_be_put_below_another_later(imports):
    imports.people("name,team\nBob,West\n")

    printed = imports.people("name,team\nBob,Sales / West\n")

    assert printed.startswith("1 row: created 0, updated 1, skipped 0, rejected 0.")
    assert Team.objects.get(name="West").parent.name == "Sales"


def test_the_same_person_twice_is_skipped_where_both_rows_say_the_same(imports):
    printed = imports.people("name,team\nBob,West\nBob,West\nBob,East\n")

    assert "3 rows: created 1, updated 0, skipped 1, rejected 1." in printed
    assert imports.rejected() == [("4", "", "duplicate-in-file: line 2 says something else of the same person.")]
    assert not Team.objects.filter(name="East").exists()


FOREIGN = """\
[columns]
name = "Who"
role = "Job"
team = "Unit"
manager = "Boss"
time_zone = "Zone"
"""


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (",rep,,,", "", "Give a name or an e-mail address."),
        ("Bob,boss,,,", "Job", '"boss" is not one of rep, manager, marketing, admin'),
        ("Bob,,,,Mars/North", "Zone", '"Mars/North" is not a time zone like Europe/Paris'),
        ("Bob,,,Kim,", "Boss", "Give the team that this is the manager of."),
        ("Bob,,New,Bo,", "Boss", "“Bo” is the name of 2 people: give the e-mail address."),
        ("Bo,,New,,", "Who", "“Bo” is the name of 2 people: give the e-mail address."),
        ("Bob,,West / Sales,,", "Unit", "“Sales” cannot be below “West”, which is below it."),
        ("Bob,,New / West,,", "Unit", "“West” is below “Sales” already: give this team another name."),
        ("Bob,,Sales / West,Liz,", "Boss", "Line 2 names another manager of this team: a team has one."),
    ],
)
def test_a_rejected_row_names_the_files_own_column_and_writes_nothing(imports, cells, column, reason):
    for number in (1, 2):
        User.objects.create_user(f"bo{number}@us.test", name="Bo")

    imports.people(f"Who,Job,Unit,Boss,Zone\nAmy,,Sales / West,Kim,\n{cells}\n", mapping=FOREIGN)

    assert imports.rejected() == [("3", column, reason)]
    assert set(User.objects.values_list("name", flat=True)) == {"Bo", "Amy", "Kim"}
    assert set(Team.objects.values_list("name", flat=True)) == {"Sales", "West"}


def test_a_dry_run_writes_nothing(imports):
    printed = imports.people(PEOPLE, dry_run=True)

    assert printed.endswith("Dry run: nothing was written.\n")
    assert (User.objects.count(), Team.objects.count()) == (0, 0)
