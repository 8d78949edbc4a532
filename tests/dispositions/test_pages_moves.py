"""Marketing's and managers' moves on the lead page, and taking a lead from the pool."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from funnel.lifecycle import Stage
from funnel.models import Lead, LeadText, StageChange
from tests.conftest import signed_in
from tests.factories import AgreementFactory, LeadFactory, UserFactory


def make(client, lead, move, **given):
    return client.post(reverse("move", args=[lead.pk]), {"move": move, "version": lead.version} | given)


def offered(client, lead):
    return [offer.kind.move for offer in client.get(f"/leads/{lead.pk}/").context["offers"]]


def stage_of(lead):
    return Lead.objects.get(pk=lead.pk).stage


@pytest.fixture
def inquiry(signed_agreement):
    return LeadFactory(at=timezone.now() - timedelta(days=2))


@pytest.fixture
def agreement_that_needs_a_phone(db):
    return AgreementFactory(clauses=["Asked to be called.", ("Has a phone.", "field_present", {"field": "phone"})])


@pytest.mark.parametrize(
    ("made", "marketing_may", "manager_may", "admin_may"),
    [
        ({}, ["promote", "park", "discard"], [], ["promote", "park", "discard"]),
        ({"handed_off": True}, ["withdraw"], [], ["withdraw"]),
        ({"accepted": True}, [], [], []),
        ({"won": True}, [], ["correct"], ["correct"]),
    ],
    ids=["inquiry", "mql", "sal", "won"],
)
def test_each_is_offered_the_moves_that_are_his(
    rep, rep_client, marketing_client, manager_client, admin_client, made, marketing_may, manager_may, admin_may
):
    lead = LeadFactory(owner=rep, **made)

    assert offered(rep_client, lead) == []
    assert offered(marketing_client, lead) == marketing_may
    assert offered(manager_client, lead) == manager_may
    assert offered(admin_client, lead) == admin_may


def test_marketing_promotes_a_lead(marketing, marketing_client, inquiry):
    response = make(marketing_client, inquiry, "promote")

    assert response.url == f"/leads/{inquiry.pk}/"
    assert StageChange.objects.values_list("move", "new", "by").last() == ("promote", "mql", marketing.pk)


def test_the_promotion_shows_each_clause_as_it_stands(marketing_client, agreement_that_needs_a_phone):
    page = marketing_client.get(f"/leads/{LeadFactory().pk}/")

    assert [result.met for result in page.context["readiness"].results] == [None, False]
    assert "Phone number: not known" in page.content.decode()


def test_a_lead_that_fails_a_clause_is_promoted_only_with_the_reason(marketing_client, agreement_that_needs_a_phone):
    inquiry = LeadFactory()

    refused = make(marketing_client, inquiry, "promote")

    assert refused.status_code == 422
    assert "Clause 2 is not met" in refused.content.decode()
    assert stage_of(inquiry) == Stage.INQUIRY
    assert make(marketing_client, inquiry, "promote", override_reason="Their CEO asked.").status_code == 302
    assert Lead.objects.get(pk=inquiry.pk).hand_off.override_reason == "Their CEO asked."


def test_a_parked_lead_sleeps_until_its_date_or_the_one_of_its_reason(marketing_client, inquiry):
    other = LeadFactory()

    make(marketing_client, inquiry, "park", reason="no_budget")
    make(marketing_client, other, "park", reason="no_budget", wake_at="2099-01-31")

    inquiry.refresh_from_db()
    other.refresh_from_db()
    assert (inquiry.stage, inquiry.due_clock) == (Stage.NURTURE, "wake")
    assert timedelta(days=89) < inquiry.wake_at - timezone.now() <= timedelta(days=90)
    assert str(other.wake_at) == "2099-01-31 08:00:00+00:00"


@pytest.mark.parametrize(
    ("move", "given", "sentence"),
    [
        ("park", {}, "Say why: choose a reason."),
        ("park", {"reason": "student"}, "“student” is not a reason for this."),
        ("park", {"reason": "no_budget", "wake_at": "2001-01-01"}, "The wake-up date must lie in the future."),
        ("discard", {}, "Say why: choose a reason."),
        ("discard", {"reason": "no_budget"}, "“no_budget” is not a reason for this."),
        ("park", {"reason": "no_budget", "wake_at": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_a_move_that_lacks_something_says_what_and_keeps_the_input(marketing_client, inquiry, move, given, sentence):
    response = make(marketing_client, inquiry, move, learned="Met at a fair.", **given)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Met at a fair." in response.content.decode()
    assert stage_of(inquiry) == Stage.INQUIRY


def test_a_reason_that_needs_a_note_is_not_enough_without_it(marketing_client, inquiry):
    response = make(marketing_client, inquiry, "park", reason="other")

    assert response.status_code == 422
    assert "“Other” needs a note that says what happened." in response.content.decode()


def test_what_was_noted_with_a_move_is_in_the_history(marketing_client, inquiry):
    make(marketing_client, inquiry, "discard", reason="student", learned="Writes a thesis.")

    assert LeadText.objects.values_list("kind", "text").get() == ("learned", "Writes a thesis.")
    assert stage_of(inquiry) == Stage.DISQUALIFIED


def test_marketing_takes_a_lead_back_from_sales(rep, marketing_client):
    lead = LeadFactory(handed_off=True, owner=rep)

    make(marketing_client, lead, "withdraw", reason="duplicate")

    assert stage_of(lead) == Stage.INQUIRY
    assert lead.hand_offs.get().outcome == "withdrawn"


def test_a_lost_lead_is_reopened_with_a_date(rep, marketing_client):
    lead = LeadFactory(accepted=True, owner=rep)
    lead.hand_offs.update(ended_at=timezone.now(), outcome="lost")
    Lead.objects.filter(pk=lead.pk).update(stage=Stage.LOST, due_at=None, sweep_at=None, due_clock="")

    assert make(marketing_client, lead, "reopen").status_code == 422
    assert make(marketing_client, lead, "reopen", wake_at="2099-05-01").status_code == 302
    assert stage_of(lead) == Stage.NURTURE


def test_a_manager_corrects_a_lead_that_was_closed_by_mistake(rep, manager_client):
    lead = LeadFactory(won=True, owner=rep)

    assert make(manager_client, lead, "correct", reason="reassessed").status_code == 302
    assert stage_of(lead) == Stage.SQL


def test_an_admins_move_needs_a_reason(admin_client, rep):
    lead = LeadFactory(won=True, owner=rep)

    response = make(admin_client, lead, "correct")

    assert response.status_code == 422
    assert stage_of(lead) == Stage.WON


def test_a_rep_does_not_make_an_mql(rep, rep_client, signed_agreement):
    lead = LeadFactory(owner=rep)

    response = make(rep_client, lead, "promote")

    assert response.status_code == 403
    assert "Only marketing may move a lead from Inquiry to MQL." in response.content.decode()
    assert stage_of(lead) == Stage.INQUIRY


def test_a_move_that_does_not_fit_the_stage_any_more_is_a_conflict(marketing_client, rep):
    lead = LeadFactory(accepted=True, owner=rep)

    response = make(marketing_client, lead, "park", reason="no_budget")

    assert response.status_code == 409
    assert "A lead cannot go from SAL to Nurture" in response.content.decode()
    assert stage_of(lead) == Stage.SAL


def test_a_move_from_a_stale_page_is_refused_with_who_did_what(marketing_client, inquiry):
    make(marketing_client, inquiry, "park", reason="no_budget")

    response = make(marketing_client, inquiry, "discard", reason="student")

    assert response.status_code == 409
    assert "Max Marketing changed this lead" in response.content.decode()


def test_a_made_up_move_changes_nothing(marketing_client, inquiry):
    assert make(marketing_client, inquiry, "win").status_code == 422
    assert stage_of(inquiry) == Stage.INQUIRY


# --- the pool -----------------------------------------------------------------------------------------------


@pytest.fixture
def pooled(west):
    return LeadFactory(handed_off=True, owner=None, team=west, at=timezone.now() - timedelta(minutes=5))


def test_a_rep_takes_a_lead_by_a_button(rep, rep_client, pooled):
    assert 'data-key="t"' in rep_client.get(f"/queue/?lead={pooled.pk}").content.decode()

    response = rep_client.post(f"/leads/{pooled.pk}/take/", follow=True)

    assert response.redirect_chain == [(f"/queue/?lead={pooled.pk}", 302)]
    assert f"{pooled.name} is yours." in response.content.decode()
    assert Lead.objects.get(pk=pooled.pk).owner == rep
    assert 'data-key="t"' not in response.content.decode()


def test_whoever_comes_second_is_told_who_was_faster(rep, rep_client, pooled):
    colleague = UserFactory(name="Carl Quick", team=rep.team)
    signed_in(colleague).post(f"/leads/{pooled.pk}/take/")

    response = rep_client.post(f"/leads/{pooled.pk}/take/")

    assert response.status_code == 409
    assert "Carl Quick was faster and has this lead now." in response.content.decode()


def test_marketing_has_no_button_and_no_right_to_take(marketing_client, pooled):
    assert 'data-key="t"' not in marketing_client.get(f"/leads/{pooled.pk}/").content.decode()
    assert marketing_client.post(f"/leads/{pooled.pk}/take/").status_code == 403
    assert Lead.objects.get(pk=pooled.pk).owner is None


def test_a_lead_out_of_scope_is_neither_taken_nor_moved(rep_client, manager_client, east):
    foreign = LeadFactory(handed_off=True, owner=None, team=east)

    assert rep_client.post(f"/leads/{foreign.pk}/take/").status_code == 404
    assert make(manager_client, foreign, "withdraw").status_code == 404
