"""/team/reps/: what a manager sees of one rep, and how his leads are given to others."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.factories import LeadFactory, UserFactory


@pytest.fixture
def at():
    return timezone.now()


def page_of(client, rep):
    return client.get(reverse("team-rep", args=[rep.pk])).context["page"]


def handing_over(client, rep):
    return client.get(reverse("team-hand-over", args=[rep.pk]))


def lanes_of(sections):
    return {one.title: [row.lead_id for row in one.rows] for one in sections}


def test_a_manager_sees_the_lanes_that_the_rep_sees(rep, rep_client, manager_client, at):
    LeadFactory(handed_off=True, owner=rep, at=at)
    LeadFactory(accepted=True, owner=rep, at=at)
    LeadFactory(stage=Stage.MQL, team=rep.team, at=at)
    LeadFactory(handed_off=True, owner=UserFactory(team=rep.team), at=at)

    seen = lanes_of(page_of(manager_client, rep).lanes)

    assert seen == lanes_of(rep_client.get("/queue/").context["sections"])
    assert [len(ids) for ids in seen.values()] == [2, 1, 0]


def test_what_the_rep_did_today_and_has_is_counted(rep, manager_client, at):
    lead = LeadFactory(handed_off=True, owner=rep, at=at - timedelta(days=30))
    LeadFactory(accepted=True, owner=rep, at=at)
    said = Statement(outcome=Outcome.VOICEMAIL)
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=at)

    page = page_of(manager_client, rep)

    assert (page.tally.attempts, page.tally.accepted, page.open, page.overdue) == (1, 2, 2, 0)


def test_nothing_to_do_is_said(rep, manager_client):
    assert "Queue clear" in manager_client.get(reverse("team-rep", args=[rep.pk])).text
    assert "Nothing to hand over" in handing_over(manager_client, rep).text


def test_leads_of_another_managers_team_are_not_shown_though_the_rep_has_them(rep, manager_client, east, at):
    lead = LeadFactory(handed_off=True, owner=rep, at=at)
    Lead.objects.filter(pk=lead.pk).update(team=east)

    assert not page_of(manager_client, rep).is_busy
    assert handing_over(manager_client, rep).context["leads"] == []


def test_all_that_somebody_has_with_sales_is_chosen_to_be_handed_over(rep, manager_client, at):
    mine = [LeadFactory(handed_off=True, owner=rep, at=at), LeadFactory(accepted=True, owner=rep, at=at)]
    LeadFactory(won=True, owner=rep, at=at)
    LeadFactory(stage=Stage.MQL, team=rep.team, at=at)

    page = handing_over(manager_client, rep)

    assert {one.lead for one in page.context["leads"]} == set(mine)
    assert page.text.count(" checked>") == 2


def test_who_can_get_them_is_everybody_else_of_the_teams_with_what_he_has(rep, manager_client, manager, west, at):
    LeadFactory(handed_off=True, owner=rep, at=at)
    UserFactory(name="Olga Away", team=west, lead_cap=40, away_from=at.date(), away_until=at.date())
    UserFactory(name="Emil East")

    choices = handing_over(manager_client, rep).context["choices"]

    assert [one.user.name for one in choices] == ["Mia Manager", "Olga Away"]
    assert "0 of 40 leads · on leave until" in choices[1].label


def test_what_the_page_sends_gives_the_leads_to_the_colleague(rep, manager_client, west, at):
    colleague = UserFactory(name="Carl Colleague", team=west)
    leads = [LeadFactory(handed_off=True, owner=rep, at=at) for _ in range(2)]
    sent = {"lead": [one.lead.pk for one in handing_over(manager_client, rep).context["leads"]], "to": colleague.pk}

    response = manager_client.post(reverse("leads-reassign"), sent)

    assert response.status_code == 200
    assert set(Lead.objects.filter(owner=colleague)) == set(leads)
    assert "Nothing to hand over" in handing_over(manager_client, rep).text


@pytest.mark.parametrize("name", ["team-rep", "team-hand-over"])
def test_the_page_costs_no_more_for_20_leads_than_for_1(rep, manager_client, at, queries_for, name):
    address = reverse(name, args=[rep.pk])
    LeadFactory(handed_off=True, owner=rep, at=at)
    one = queries_for(lambda: manager_client.get(address))
    LeadFactory.create_batch(19, handed_off=True, owner=rep, at=at)

    assert queries_for(lambda: manager_client.get(address)) == one
