"""Who may know of which lead: `visible_to` is the one door for pages, API, exports and reports."""

import pytest

from accounts.principals import SYSTEM, Kind, Principal
from funnel.models import Lead
from tests.factories import LeadFactory


@pytest.fixture
def leads(rep, eastern_rep, west, east):
    """One lead of every belonging, by the name the tests use."""
    return {
        "own": LeadFactory(owner=rep),
        "colleague's": LeadFactory(owner__team=west, handed_off=True),
        "pool of West": LeadFactory(team=west),
        "Eastern": LeadFactory(owner=eastern_rep),
        "pool of East": LeadFactory(team=east),
        "nobody's": LeadFactory(external_id="77", source="crm"),
    }


def seen_by(principal, leads):
    names = {lead.pk: name for name, lead in leads.items()}
    return {names[pk] for pk in Lead.objects.visible_to(principal).values_list("pk", flat=True)}


def test_a_rep_sees_his_own_leads_and_the_pool_of_his_team(rep, leads):
    assert seen_by(rep.principal, leads) == {"own", "pool of West"}


def test_a_manager_sees_his_team_and_not_its_sibling(manager, leads):
    assert seen_by(manager.principal, leads) == {"own", "colleague's", "pool of West"}


def test_the_manager_of_the_parent_team_sees_all_teams_below(head_of_sales, leads):
    assert seen_by(head_of_sales.principal, leads) == leads.keys() - {"nobody's"}


def test_marketing_and_admins_see_every_lead(marketing, admin, leads):
    assert seen_by(marketing.principal, leads) == set(leads)
    assert seen_by(admin.principal, leads) == set(leads)


def test_leadflow_itself_sees_every_lead(leads):
    assert seen_by(SYSTEM, leads) == set(leads)


def test_an_api_key_sees_the_leads_known_to_its_source(leads):
    crm = Principal(kind=Kind.API_KEY, name="CRM bridge", source="crm")

    assert seen_by(crm, leads) == {"nobody's"}


def test_an_api_key_of_another_source_sees_nothing(leads):
    assert seen_by(Principal(kind=Kind.API_KEY, name="Survey", source="survey"), leads) == set()


def test_a_merged_lead_is_seen_by_nobody(admin, rep, leads):
    Lead.objects.filter(pk=leads["own"].pk).update(merged_into=leads["nobody's"])

    assert seen_by(rep.principal, leads) == {"pool of West"}
    assert "own" not in seen_by(admin.principal, leads)


def test_a_rep_without_a_team_sees_only_his_own(rep, leads):
    rep.team = None
    rep.save()

    assert seen_by(type(rep).objects.get(pk=rep.pk).principal, leads) == {"own"}


def test_a_principal_who_is_nobody_sees_no_pool_of_any_team(leads):
    nobody = Principal(kind=Kind.USER, name="Nobody")

    assert seen_by(nobody, leads) == set()


def test_the_scope_is_one_query_however_many_teams(head_of_sales, leads, queries_for):
    principal = head_of_sales.principal

    assert queries_for(lambda: list(Lead.objects.visible_to(principal))) == 1
