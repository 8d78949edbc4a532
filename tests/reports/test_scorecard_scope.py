"""Whose scorecard it is: the company's, a team's, a manager's; and its rows by team."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.principals import Kind, Principal
from funnel.models import Lead
from reports.behind import leads_behind
from reports.engine import UnknownReport, find_entry
from tests.factories import NOW, LeadFactory, TeamFactory, UserFactory
from tests.reports.scorecard.targets import proposed
from tests.reports.worlds import computed, line

AFTERWARDS = datetime(2026, 4, 1, tzinfo=UTC)


def scorecard(viewer, *, now=NOW, **given):
    return computed("scorecard", viewer, now=now, **given)


@pytest.fixture
def two_teams(rep, eastern_rep):
    LeadFactory(handed_off=True, owner=rep)
    LeadFactory.create_batch(2, handed_off=True, owner=eastern_rep)
    LeadFactory()


def test_by_team_the_rows_are_all_the_leads(marketing, two_teams, west, sales):
    proposed(team=west, mqls=5, revenue=1000)
    proposed(team=sales, mqls=9)
    lead = LeadFactory(handed_off=True, owner=UserFactory(team=TeamFactory(parent=west)))
    Lead.objects.filter(pk=lead.pk).update(team=sales)

    report = scorecard(marketing, now=AFTERWARDS, period="2026-Q1", by="team", team="Sales")

    counted = {row["team_name"]: (row["leads"], row["mqls"], row["mqls_due"]) for row in report.rows}
    assert counted == {
        "East": (2, 2, None),
        "West": (1, 1, 5),
        "Sales, itself": (1, 1, None),
    }
    assert (report.totals[0]["leads"], report.totals[0]["mqls"], report.totals[0]["mqls_due"]) == (4, 4, 9)
    assert line(report, team_name="West")["gap"] == Decimal(-1000)


def test_leads_of_no_team_have_a_row_of_their_own(marketing, two_teams):
    report = scorecard(marketing, by="team")

    assert (line(report, team_name="No team")["leads"], line(report, team_name="Sales")["leads"]) == (1, 3)
    assert sum(row["leads"] for row in report.rows) == report.totals[0]["leads"] == 4


def test_a_team_with_a_target_and_without_a_lead_has_its_row(marketing, west):
    proposed(team=west, mqls=5)

    report = scorecard(marketing, by="team", team="Sales")

    assert [(row["team_name"], row["mqls"], row["mqls_due"]) for row in report.rows] == [("West", 0, 3)]


def test_a_manager_has_the_scorecard_of_his_team(manager, marketing, two_teams, west):
    proposed(team=west, mqls=5)
    proposed(mqls=9)

    own, companys = scorecard(manager), scorecard(marketing)

    assert (line(own, kpi="mqls")["actual"], line(own, kpi="mqls")["target"]) == (1, 5)
    assert (line(companys, kpi="mqls")["actual"], line(companys, kpi="mqls")["target"]) == (3, 9)


def test_a_manager_of_teams_beside_each_other_chooses_one(manager, east, two_teams, west):
    east.manager = manager
    east.save()
    proposed(mqls=9)
    proposed(team=east, mqls=4)

    both, one = scorecard(manager), scorecard(manager, team="East")

    assert "choose one of your teams" in both.contents.verdict
    assert (line(both, kpi="mqls")["actual"], line(both, kpi="mqls")["target"]) == (3, None)
    assert (line(one, kpi="mqls")["actual"], line(one, kpi="mqls")["target"]) == (2, 4)


def test_the_companys_target_is_not_held_against_what_one_system_knows(two_teams):
    proposed(mqls=9)
    key = Principal(kind=Kind.API_KEY, name="Website", source="website")

    report = find_entry("scorecard", key).report({}, principal=key, now=NOW)

    assert line(report, kpi="mqls")["target"] is None


def test_it_is_not_for_reps(rep):
    with pytest.raises(UnknownReport):
        find_entry("scorecard", rep.principal)


def test_a_team_opens_its_own_leads(marketing, two_teams, west, sales, east):
    entry = find_entry("scorecard", marketing.principal)

    def opened(row):
        given = {"by": "team"}
        found = leads_behind(entry, "mqls", row, given, principal=marketing.principal, now=NOW)
        return found.row, found.rows

    assert {row: opened(row) for row in (f"{west.pk}", f"{east.pk}", f"{sales.pk}.own", "-", "x")} == {
        f"{west.pk}": ("West", 1),
        f"{east.pk}": ("East", 2),
        f"{sales.pk}.own": ("Sales, itself", 0),
        "-": ("-", 0),
        "x": ("x", 0),
    }
