"""Filters kept under a name: whose they are, who else sees them, and their pages."""

import pytest

from accounts.models import SavedView
from accounts.roles import Role
from accounts.saved_views import MOST, ViewRefused, rename_view, save_view, views_for
from tests.conftest import signed_in
from tests.factories import NOW, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def keep(owner, name="Mine", *, page="leads", query="stage=mql", team=None):
    return save_view(owner=owner, page=page, name=name, query=query, team=team, at=NOW)


def names(user, page="leads"):
    return [one.view.name for one in views_for(user, page)]


def test_a_view_is_its_owners_alone_and_its_pages_alone(rep, manager):
    keep(rep)

    assert names(rep) == ["Mine"]
    assert names(rep, "reports") == []
    assert names(manager) == []


def test_a_shared_view_reaches_the_team_and_all_below_and_nobody_else(
    head_of_sales, manager, rep, eastern_rep, west, sales, marketing
):
    keep(head_of_sales, "All of us", team=sales)
    keep(manager, "West", team=west)
    below = UserFactory(team=TeamFactory(name="Far west", parent=west))

    seen = {user.name: names(user) for user in (head_of_sales, manager, rep, below, eastern_rep, marketing)}

    assert seen == {
        "Hans Head": ["All of us"],
        "Mia Manager": ["All of us", "West"],
        "Rita Rep": ["All of us", "West"],
        below.name: ["All of us", "West"],
        "Emil East": ["All of us"],
        "Max Marketing": [],
    }


def test_whoever_manages_a_team_sees_what_is_shared_with_it(manager, west, sales):
    manager.team = None
    manager.save()
    keep(UserFactory(role="admin", team=None), team=sales)

    assert names(manager) == ["Mine"]


def test_nobody_shares_with_teams_that_are_not_his(rep, manager, east, west):
    for owner, team in ((rep, west), (manager, east)):
        with pytest.raises(ViewRefused, match="your own teams"):
            keep(owner, team=team)


def test_marketing_shares_with_any_team(marketing, east, eastern_rep):
    keep(marketing, team=east)

    assert names(eastern_rep) == ["Mine"]


def test_marketing_shares_with_everybody_of_a_role(marketing, manager, rep):
    shared = save_view(
        owner=marketing, page="leads", name="Won", query="stage=won", team=None, role=Role.MANAGER, at=NOW
    )

    assert [one.view for one in views_for(manager, "leads")] == [shared]
    assert views_for(rep, "leads") == []


def test_a_manager_does_not_share_with_a_role(manager):
    with pytest.raises(ViewRefused, match="Only marketing and admins"):
        save_view(owner=manager, page="leads", name="Won", query="", team=None, role=Role.REP, at=NOW)


def test_the_page_offers_roles_to_marketing_and_keeps_the_choice(marketing_client, marketing):
    page = marketing_client.get("/views/?page=leads&query=stage%3Dwon&back=/leads/").content.decode()
    assert "Everybody of the role sales manager" in page

    marketing_client.post(
        "/views/", {"page": "leads", "query": "stage=won", "back": "/leads/", "name": "Won", "team": "manager"}
    )

    assert SavedView.objects.get().role == Role.MANAGER


def test_a_name_is_given_once_and_is_not_empty(rep):
    keep(rep, "Mine")
    other = keep(rep, "Other")

    for refused in ("Mine", " Mine ", "  ", "x" * 81):
        with pytest.raises(ViewRefused):
            keep(rep, refused)
        with pytest.raises(ViewRefused):
            rename_view(other, name=refused)
    assert names(rep) == ["Mine", "Other"]


def test_there_is_an_end_to_how_many_one_keeps(rep):
    for number in range(MOST):
        keep(rep, f"View {number}")

    with pytest.raises(ViewRefused, match="delete one"):
        keep(rep, "One more")


def test_the_open_view_is_known_by_its_query(rep):
    keep(rep, "A", query="stage=mql")
    keep(rep, "B", query="stage=sal")

    shown = views_for(rep, "leads", query="stage=sal")

    assert [(one.view.name, one.url, one.active) for one in shown] == [
        ("A", "?stage=mql", False),
        ("B", "?stage=sal", True),
    ]


def test_the_number_of_queries_does_not_grow_with_the_views(rep, queries_for):
    keep(rep, "First")
    one = queries_for(lambda: views_for(rep, "leads"))
    for number in range(10):
        keep(rep, f"View {number}")

    assert queries_for(lambda: views_for(rep, "leads")) == one


# --- pages ----------------------------------------------------------------------------------------------------

GIVEN = {"page": "leads", "query": "stage=mql", "back": "/leads/"}


def test_a_view_is_saved_renamed_and_deleted_by_its_pages(rep, rep_client):
    assert b"Save this view" in rep_client.get("/views/", GIVEN).content
    saved = rep_client.post("/views/", GIVEN | {"name": "Fresh"})
    view = SavedView.objects.get()
    renamed = rep_client.post(f"/views/{view.pk}/rename/", {"name": "Newer", "back": "/leads/"})
    view.refresh_from_db()

    assert saved.url == renamed.url == "/leads/?stage=mql"
    assert (view.name, view.page, view.query, view.owner, view.team) == ("Newer", "leads", "stage=mql", rep, None)
    assert b"Newer" in rep_client.get("/leads/").content
    assert rep_client.post(f"/views/{view.pk}/delete/", {"back": "/leads/"}).url == "/leads/"
    assert not SavedView.objects.exists()


def test_a_refused_name_comes_back_with_what_was_typed(rep, rep_client):
    keep(rep, "Taken")

    answer = rep_client.post("/views/", GIVEN | {"name": "Taken"})

    assert answer.status_code == 422
    assert "You have a view “Taken” here already" in answer.content.decode()
    assert 'value="Taken"' in answer.content.decode()
    assert 'value="stage=mql"' in answer.content.decode()


def test_a_team_that_is_not_ones_own_is_refused(manager_client, east, rep_client):
    for client in (manager_client, rep_client):
        answer = client.post("/views/", GIVEN | {"name": "Spy", "team": str(east.pk)})
        assert answer.status_code == 422
        assert "your own teams" in answer.content.decode()


def test_nobody_changes_the_view_of_another(manager, rep_client, west):
    view = keep(manager, team=west)

    assert rep_client.get(f"/views/{view.pk}/rename/").status_code == 404
    assert rep_client.post(f"/views/{view.pk}/delete/").status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\evil", ""])
def test_it_leads_back_to_a_page_of_ours_alone(rep, back):
    client = signed_in(rep)

    assert client.post("/views/", GIVEN | {"name": "Back", "back": back}).url == "/?stage=mql"
