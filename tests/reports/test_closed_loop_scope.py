from decimal import Decimal

import pytest

from accounts.principals import Kind, Principal
from reports.engine import find_entry
from reports.parameters import InvalidParameter
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import closed_loop, fallen, won


@pytest.fixture
def _leads_everywhere(rep, eastern_rep, west, east):
    LeadFactory(won=True, owner=rep, team=west)
    LeadFactory(handed_off=True, owner=rep, team=west)
    LeadFactory(team=west)  # the pool of West
    LeadFactory(handed_off=True, owner=eastern_rep, team=east)
    LeadFactory()  # nobody's


@pytest.mark.usefixtures("_leads_everywhere")
@pytest.mark.parametrize(
    ("viewer", "leads"),
    [("rep", 3), ("eastern_rep", 1), ("manager", 3), ("head_of_sales", 4), ("marketing", 5), ("admin", 5)],
)
def test_everybody_gets_the_figures_of_the_leads_he_may_see(request, viewer, leads):
    report = closed_loop(request.getfixturevalue(viewer))

    assert report.totals[0]["leads"] == leads


@pytest.mark.django_db
def test_an_api_key_gets_the_leads_its_source_knows():
    LeadFactory(source="mautic", external_id="7")
    LeadFactory(source="hubspot", external_id="7")
    key = Principal(kind=Kind.API_KEY, name="Mautic", source="mautic")

    report = find_entry("closed-loop", key).report({}, principal=key, now=NOW)

    assert report.totals[0]["leads"] == 1


def test_a_lead_out_of_scope_changes_no_figure(rep, west, east):
    fallen("webinar", owner=rep, team=west)
    before = closed_loop(rep)

    won("webinar", "5000", team=east)

    assert closed_loop(rep).rows == before.rows


def test_a_team_out_of_scope_is_an_unknown_one(manager, east):
    with pytest.raises(InvalidParameter, match="team: there is no team “East”"):
        closed_loop(manager, team="East")


def test_a_rep_sees_what_his_own_black_hole_is_worth(rep, west):
    fallen("webinar", owner=rep, team=west, amount=Decimal(80), currency="EUR")

    (line,) = closed_loop(rep).rows

    assert (line["black_hole"], line["black_hole_value"]) == (1, 80)
