"""Promotion gives a lead its team and its owner, and the log says why."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import transaction

from accounts.models import Team
from accounts.principals import SYSTEM
from accounts.roles import Role
from funnel.inputs import CompanyInput, LeadInput, Past
from funnel.lifecycle import Stage
from funnel.models import Assignment, Campaign, Channel, Lead, LeadEvent, TeamRule
from funnel.services.assign import next_rep
from funnel.services.moves import move_lead
from funnel.services.past import record_history
from funnel.services.receive import receive_leads
from tests.factories import NOW, CalendarFactory, LeadFactory, TeamFactory, UserFactory

GERMAN = CompanyInput(name="Nordwind GmbH", domain="nordwind.example", country="DE", naics="484110", employees=300)

pytestmark = pytest.mark.usefixtures("signed_agreement")


def promote(lead, marketing, at=NOW):
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=at)
    return Lead.objects.get(pk=lead.pk), Assignment.objects.filter(lead=lead).last()


@pytest.fixture
def territory(west):
    west.countries = ["DE", "AT"]
    west.save()
    return west


# --- which team, in this order ------------------------------------------------------------------------------


def test_a_lead_goes_to_the_team_that_sells_in_its_country(marketing, rep, territory):
    lead, log = promote(LeadFactory(company=GERMAN), marketing)

    assert (lead.owner, lead.team) == (rep, territory)
    assert (log.rule, log.rep, log.team, log.by, log.hand_off) == (
        "territory",
        rep,
        territory,
        marketing,
        lead.hand_off,
    )
    assert log.why == "West sells to DE. Rita Rep is next in turn of 1 available."


def test_of_two_teams_with_the_country_the_smaller_territory_gets_it(marketing, rep, territory):
    TeamFactory(countries=["DE", "AT", "CH", "LI"])

    assert promote(LeadFactory(company=GERMAN), marketing)[0].team == territory


def test_a_company_that_a_rep_works_with_stays_his(marketing, rep, territory):
    UserFactory(team=territory)
    LeadFactory(handed_off=True, owner=(colleague := UserFactory(name="Carl", team=territory)), company=GERMAN)

    lead, log = promote(LeadFactory(company=GERMAN), marketing)

    assert (lead.owner, log.rule) == (colleague, "company")
    assert log.why == "Carl has other leads of Nordwind GmbH."


def test_the_territory_comes_before_the_company(marketing, rep, eastern_rep, territory):
    LeadFactory(handed_off=True, owner=eastern_rep, company=GERMAN)

    lead, log = promote(LeadFactory(company=GERMAN), marketing)

    assert (lead.owner, log.rule) == (rep, "territory")


def test_without_a_territory_the_team_of_the_companys_rep_gets_it_also_where_he_is_away(marketing, eastern_rep, east):
    LeadFactory(handed_off=True, owner=eastern_rep, company=GERMAN)
    eastern_rep.is_on_duty = False
    eastern_rep.save()
    colleague = UserFactory(name="Carl", team=east)

    lead, log = promote(LeadFactory(company=GERMAN), marketing)

    assert (lead.owner, lead.team, log.rule) == (colleague, east, "company")


def test_a_segment_names_the_team_where_nothing_before_does(marketing, rep, eastern_rep, west, east):
    TeamRule.objects.create(position=1, team=west)
    TeamRule.objects.create(position=0, team=east, naics_prefix="48", min_employees=100)

    lead, log = promote(LeadFactory(company=GERMAN), marketing)
    other, other_log = promote(LeadFactory(), marketing)

    assert (lead.owner, log.rule) == (eastern_rep, "segment")
    assert log.why.startswith("East has the segment: NAICS 48…, 100 employees or more.")
    assert (other.owner, other_log.why[:44]) == (rep, "West has the segment: everything else. Rita ")


def test_a_segment_may_be_a_channel_or_a_campaign(marketing, rep, eastern_rep, west, east):
    webinar = Channel.objects.create(slug="webinar", name="Webinar")
    fair = Campaign.objects.create(slug="fair", name="Fair")
    TeamRule.objects.create(team=west, channel=webinar)
    TeamRule.objects.create(team=east, campaign=fair)

    assert promote(LeadFactory(channel="webinar"), marketing)[0].owner == rep
    assert promote(LeadFactory(campaign="fair"), marketing)[0].owner == eastern_rep


def test_a_lead_that_belongs_to_a_team_stays_in_it(marketing, rep, eastern_rep, territory, east):
    lead, log = promote(LeadFactory(company=GERMAN, team=east), marketing)

    assert (lead.owner, log.rule) == (eastern_rep, "team")


def test_a_lead_that_no_rule_fits_says_what_is_missing(marketing):
    lead, log = promote(LeadFactory(), marketing)

    assert (lead.owner, lead.team, log.rule) == (None, None, "none")
    assert log.why == "No rule names a team for it: an admin can add one."


# --- who keeps it -------------------------------------------------------------------------------------------


def test_an_owner_who_is_available_keeps_it_and_that_is_no_event(marketing, rep, west):
    UserFactory(team=west)

    lead, log = promote(LeadFactory(owner=rep), marketing)

    assert (lead.owner, log.rule, log.why) == (rep, "kept", "Rita Rep has it already.")
    assert not lead.events.filter(kind=LeadEvent.Kind.ASSIGNED).exists()


def test_a_recycled_lead_comes_back_to_the_same_rep(marketing, rep, west):
    UserFactory(team=west)
    lead = LeadFactory(accepted=True, owner=rep)
    Lead.objects.filter(pk=lead.pk).update(stage=Stage.NURTURE, hand_off=None)
    lead.hand_offs.update(ended_at=NOW, outcome="recycled")

    again, log = promote(lead, marketing)

    assert (again.owner, again.cycle, log.rule, log.hand_off.number) == (rep, 2, "kept", 2)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"is_active": False}, "Rita Rep has left."),
        ({"is_on_duty": False}, "Rita Rep is off duty."),
        ({"away_from": date(2026, 3, 1)}, "Rita Rep is on leave."),
        ({"lead_cap": 0}, "Rita Rep has 0 of at most 0 leads."),
    ],
)
def test_an_owner_who_is_not_available_loses_it_to_the_next_of_his_team(marketing, rep, west, state, why):
    colleague = UserFactory(name="Carl", team=west)
    lead = LeadFactory(owner=rep)
    type(rep).objects.filter(pk=rep.pk).update(**state)

    lead, log = promote(lead, marketing)

    assert (lead.owner, log.rule) == (colleague, "team")
    assert log.why == f"{why} It belongs to West. Carl is next in turn of 1 available."
    assert lead.events.get(kind=LeadEvent.Kind.ASSIGNED).data == {
        "owner": colleague.pk,
        "team": west.pk,
        "rule": "team",
    }


def test_where_nobody_is_available_the_lead_waits_in_the_pool_of_its_team(marketing, rep, territory):
    rep.is_on_duty = False
    rep.save()

    lead, log = promote(LeadFactory(company=GERMAN), marketing)

    assert (lead.owner, lead.team, log.rep) == (None, territory, None)
    assert log.why == "West sells to DE. Nobody of West is available: Rita Rep is off duty."


def test_leave_is_counted_by_the_teams_own_date(marketing, rep, west):
    west.calendar = CalendarFactory(time_zone="Asia/Tokyo")
    west.save()
    rep.away_from = rep.away_until = date(2026, 3, 5)
    rep.save()

    evening = datetime(2026, 3, 4, 16, tzinfo=UTC)  # in Tokyo it is tomorrow already

    assert promote(LeadFactory(team=west), marketing, at=evening)[0].owner is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MARKETING, Role.ADMIN])
def test_only_reps_get_leads_in_turn(marketing, west, role):
    UserFactory(team=west, role=role)

    assert promote(LeadFactory(team=west), marketing)[0].owner is None


# --- evenly -------------------------------------------------------------------------------------------------


def received(count, team):
    """New leads of a team, all from one report."""
    given = [LeadInput(source="fair", email=f"buyer.{number}@fair.example") for number in range(count)]
    leads = [answer.lead for answer in receive_leads(given, by=SYSTEM, at=NOW)]
    Lead.objects.update(team=team)
    return leads


def spread():
    return sorted(Counter(Lead.objects.filter(stage=Stage.MQL).values_list("owner", flat=True)).values())


@pytest.mark.parametrize("distribution", Team.Distribution.values)
def test_500_promotions_over_five_reps_are_100_each(marketing, west, distribution):
    west.distribution = distribution
    west.save()
    UserFactory.create_batch(5, team=west)
    leads = received(500, west)

    with transaction.atomic():
        for lead in leads:
            move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=NOW)

    assert spread() == [100] * 5


def test_promotions_at_the_same_moment_spread_evenly(at_once, marketing, west):
    UserFactory.create_batch(5, team=west)
    leads = [LeadFactory(team=west) for _ in range(50)]

    def promote_all(part):
        for lead in part:
            move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=NOW)

    at_once(*[partial(promote_all, leads[start::5]) for start in range(5)])

    assert spread() == [10] * 5


def test_a_cap_holds_though_many_come_at_once(at_once, marketing, west):
    capped, free = UserFactory(team=west, lead_cap=3), UserFactory(team=west)
    leads = [LeadFactory(team=west) for _ in range(16)]

    at_once(*[partial(move_lead, lead_id=one.pk, to=Stage.MQL, by=marketing.principal, at=NOW) for one in leads])

    assert (capped.leads.count(), free.leads.count()) == (3, 13)


def test_whoever_has_the_fewest_leads_gets_the_next_where_the_team_wants_it_so(marketing, rep, west):
    west.distribution = Team.Distribution.LEAST_LOADED
    west.save()
    colleague = UserFactory(team=west)
    LeadFactory.create_batch(2, handed_off=True, owner=rep)
    LeadFactory(handed_off=True, owner=colleague)
    LeadFactory(won=True, owner=colleague)

    assert promote(LeadFactory(team=west), marketing)[0].owner == colleague


def test_a_large_team_costs_no_more_queries_than_a_small_one(marketing, west, queries_for):
    UserFactory(team=west)
    first, second = LeadFactory(team=west), LeadFactory(team=west)
    one = queries_for(lambda: promote(first, marketing))
    UserFactory.create_batch(12, team=west)

    assert queries_for(lambda: promote(second, marketing)) == one


# --- the next one -------------------------------------------------------------------------------------------


def test_the_next_rep_is_never_the_present_owner(rep, west):
    lead = LeadFactory(handed_off=True, owner=rep)
    colleague = UserFactory(name="Carl", team=west)

    with transaction.atomic():
        assert next_rep(lead, at=NOW) == (colleague, "Carl is next in turn of 1 available.")


def test_there_is_no_next_rep_where_nobody_else_is_available(rep, west):
    lead = LeadFactory(handed_off=True, owner=rep)
    UserFactory(team=west, is_on_duty=False)

    with transaction.atomic():
        assert next_rep(lead, at=NOW) is None


def test_a_lead_without_a_team_has_no_next_rep(db):
    with transaction.atomic():
        assert next_rep(LeadFactory(handed_off=True, owner=None), at=NOW) is None


def test_an_imported_past_is_assigned_to_nobody(marketing, rep, territory):
    past = Past(lead=LeadFactory(company=GERMAN), outcome=Stage.MQL, mql_at=NOW)

    record_history([past], by=marketing.principal, recorded_at=NOW)

    assert (Lead.objects.get().stage, Lead.objects.get().owner) == ("mql", None)
    assert not Assignment.objects.exists()
