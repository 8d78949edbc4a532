"""Marketing's nurture list, the cycles that a lead has behind it, and what the stages mean."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Reason, StageDefinition
from funnel.services.moves import move_lead
from tests.factories import LeadFactory, UserFactory


@pytest.fixture
def today():
    return timezone.now()


def recycled(rep, at, *, wakes_in, reason="no_budget", **given):
    lead = LeadFactory(accepted=True, owner=rep, at=at, **given)
    said = Statement(outcome=Outcome.RECYCLE, reason=reason, wake_at=at + wakes_in)
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=at)
    return lead


@pytest.fixture
def awake(rep, today):
    return recycled(rep, today - timedelta(days=40), wakes_in=timedelta(days=30))


@pytest.fixture
def asleep(rep, today):
    return recycled(rep, today - timedelta(days=40), wakes_in=timedelta(days=70), reason="no_need")


def listed(client, query=""):
    return [row.lead for row in client.get(f"/nurture/{query}").context["rows"]]


def test_what_woke_up_is_to_be_developed_now_and_the_rest_sleeps(marketing_client, awake, asleep):
    assert listed(marketing_client) == [awake]
    assert listed(marketing_client, "?show=asleep") == [asleep]


def test_a_lead_says_why_it_is_here_when_it_wakes_and_what_became_of_it_before(marketing_client, asleep):
    page = marketing_client.get("/nurture/?show=asleep")

    row = page.context["rows"][0]
    assert (row.reason.slug, row.last.number, row.last.outcome) == ("no_need", 1, "recycled")
    assert f"{asleep.name}</a>" in page.content.decode()
    assert "1, last recycled" in page.content.decode()


def test_each_reason_is_a_track_with_its_counts_and_what_marketing_does(marketing_client, awake, asleep, rep, today):
    recycled(rep, today - timedelta(days=40), wakes_in=timedelta(days=30))

    tracks = marketing_client.get("/nurture/").context["tracks"]

    assert [(one.reason.slug, one.awake, one.asleep) for one in tracks] == [("no_budget", 2, 0), ("no_need", 0, 1)]
    assert "Ask again before the next budget round." in marketing_client.get("/nurture/").content.decode()


def test_the_list_can_be_narrowed_to_one_track(marketing_client, awake, asleep):
    assert listed(marketing_client, "?show=asleep&reason=no_need") == [asleep]
    assert listed(marketing_client, "?show=asleep&reason=no_budget") == []


def test_an_empty_list_says_what_will_come(marketing_client):
    assert "Nothing to develop now" in marketing_client.get("/nurture/").content.decode()
    assert "Nobody is asleep" in marketing_client.get("/nurture/?show=asleep").content.decode()


def test_a_check_shows_the_clauses_and_the_promotion_opens_the_next_cycle(marketing_client, awake):
    checked = marketing_client.get(f"/nurture/?check={awake.pk}").context["checked"]
    awake.refresh_from_db()

    response = marketing_client.post(
        reverse("move", args=[awake.pk]), {"move": "promote", "version": awake.version, "back": "nurture"}
    )

    assert checked["readiness"].problem == ""
    assert [cycle.outcome for cycle in checked["cycles"]] == ["Recycled"]
    assert response.url == "/nurture/"
    awake.refresh_from_db()
    assert (awake.stage, awake.hand_off.number) == (Stage.MQL, 2)


def test_the_brief_of_a_lead_that_came_back_shows_its_earlier_cycles(rep, rep_client, marketing, awake, today):
    move_lead(lead_id=awake.pk, to=Stage.MQL, by=marketing.principal, at=today)

    cycles = rep_client.get(f"/leads/{awake.pk}/").context["brief"].cycles

    assert [(one.number, one.outcome, one.reason, one.by) for one in cycles] == [
        (1, "Recycled", "No budget", "Rita Rep")
    ]
    assert "Hand-off 1: recycled, no budget · Rita Rep" in rep_client.get(f"/leads/{awake.pk}/").content.decode()


def test_a_lead_in_its_first_cycle_has_none_behind_it(rep, rep_client):
    lead = LeadFactory(handed_off=True, owner=rep)

    assert "Earlier cycles" not in rep_client.get(f"/leads/{lead.pk}/").content.decode()


@pytest.mark.parametrize(
    "query", ["?show=party", "?page=-1", "?page=x", "?reason=%00", "?check=abc", "?check=" + "9" * 40]
)
def test_a_made_up_query_still_answers_with_the_list(marketing_client, awake, query):
    assert marketing_client.get(f"/nurture/{query}").status_code == 200


def test_a_lead_that_sales_has_cannot_be_checked(marketing_client, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    assert marketing_client.get(f"/nurture/?check={lead.pk}").status_code == 404


def test_the_list_costs_no_more_for_many_leads_than_for_one(marketing_client, rep, awake, today, queries_for):
    one = queries_for(lambda: marketing_client.get("/nurture/"))
    for _ in range(9):
        recycled(UserFactory(), today - timedelta(days=40), wakes_in=timedelta(days=30))

    assert queries_for(lambda: marketing_client.get("/nurture/")) == one


def test_the_nurture_list_is_marketings(rep_client, manager_client, admin_client):
    assert rep_client.get("/nurture/").status_code == 403
    assert manager_client.get("/nurture/").status_code == 403
    assert admin_client.get("/nurture/").status_code == 200


def test_a_reason_without_a_label_for_marketing_says_who_can_give_one(marketing_client, awake):
    Reason.objects.filter(slug="no_budget").update(marketing_action="")

    assert "an admin can say what marketing does" in marketing_client.get("/nurture/?reason=no_budget").content.decode()


# --- stages -------------------------------------------------------------------------------------------------


def test_every_stage_is_explained_with_its_moves(rep_client):
    stages = rep_client.get("/stages/").context["stages"]

    assert [one["definition"].stage for one in stages] == Stage.values
    assert [row.move for row in stages[0]["moves"]] == ["promote", "park", "discard", "self-source"]


def test_what_the_admin_writes_is_what_everybody_reads(admin_client, rep, rep_client):
    lead = LeadFactory(handed_off=True, owner=rep)
    url = reverse("admin:funnel_stagedefinition_change", args=["mql"])
    texts = {"definition": "Ready to be called.", "actions": "Call.", "forward": "Accept.", "backward": "Refuse."}

    admin_client.post(url, {"stage": "mql", "position": 2, "stale_after_days": 5} | texts)

    assert StageDefinition.objects.get(pk="mql").definition == "Ready to be called."
    for page in ("/stages/", f"/leads/{lead.pk}/"):
        assert "Ready to be called." in rep_client.get(page).content.decode()


def test_without_descriptions_the_page_says_who_writes_them(rep_client):
    StageDefinition.objects.all().delete()

    assert "No stage is described yet" in rep_client.get("/stages/").content.decode()
