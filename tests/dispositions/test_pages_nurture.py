"""Marketing's nurture desk, the cycles that a lead has behind it, and what the stages mean."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead, Reason, StageDefinition
from funnel.services.moves import move_lead
from tests.factories import AgreementFactory, LeadFactory, UserFactory


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
    return [row.lead for section in client.get(f"/nurture/{query}").context["sections"] for row in section.rows]


def counts(client):
    pills = client.get("/nurture/").context["pills"]
    return {pill["label"]: pill["count"] for pill in pills}


def post(client, name, lead, **given):
    return client.post(reverse(name, args=[lead.pk]), given)


# --- the list -----------------------------------------------------------------------------------------------


def test_what_is_due_new_or_awake_is_to_do_and_the_rest_sleeps(marketing_client, awake, asleep, today):
    new, planned = LeadFactory(at=today), LeadFactory(at=today)
    Lead.objects.filter(pk=planned.pk).update(next_action_at=today - timedelta(hours=1))

    assert listed(marketing_client) == [planned, awake, new]
    assert listed(marketing_client, "?show=asleep") == [asleep]
    assert counts(marketing_client) == {
        "To do": 3,
        "Next step due": 1,
        "Awake now": 1,
        "New inquiries": 1,
        "Asleep": 1,
    }


def test_an_inquiry_with_a_step_ahead_waits_with_the_sleepers(marketing_client, today):
    lead = LeadFactory(at=today)
    Lead.objects.filter(pk=lead.pk).update(next_action_at=today + timedelta(days=1))

    assert listed(marketing_client) == []
    assert listed(marketing_client, "?show=asleep") == [lead]


def test_a_lead_says_why_it_is_here(marketing_client, asleep):
    page = marketing_client.get("/nurture/?show=asleep").content.decode()

    assert f"{Reason.objects.get(slug='no_need').label}, after hand-off 1" in page


def test_the_list_can_be_narrowed_to_one_track(marketing_client, awake, asleep):
    assert listed(marketing_client, "?show=asleep&track=no_need") == [asleep]
    assert listed(marketing_client, "?show=asleep&track=no_budget") == []
    assert "Ask again before the next budget round." in (
        marketing_client.get("/nurture/?track=no_budget").content.decode()
    )


def test_an_empty_list_says_what_will_come(marketing_client):
    assert "Nothing to develop now" in marketing_client.get("/nurture/").content.decode()
    assert "Nobody is asleep" in marketing_client.get("/nurture/?show=asleep").content.decode()


def test_a_long_lane_has_pages(marketing_client, awake, monkeypatch):
    monkeypatch.setattr("dispositions.marketing.nurture.PAGE", 1)
    monkeypatch.setattr("dispositions.marketing.nurture.AT_A_GLANCE", 1)
    LeadFactory.create_batch(2, at=timezone.now())

    assert len(listed(marketing_client)) == 2
    assert len(listed(marketing_client, "?show=new&page=2")) == 1
    assert listed(marketing_client, "?show=new&page=1") != listed(marketing_client, "?show=new&page=2")
    assert listed(marketing_client, "?show=new&page=99") == listed(marketing_client, "?show=new&page=2")


def test_each_reason_is_a_track_with_its_counts_and_what_marketing_does(marketing_client, awake, asleep, rep, today):
    recycled(rep, today - timedelta(days=40), wakes_in=timedelta(days=30))

    page = marketing_client.get("/nurture/tracks/")

    tracks = [(one.reason.slug, one.awake, one.asleep) for one in page.context["tracks"]]
    assert tracks == [("no_budget", 2, 0), ("no_need", 0, 1)]
    assert "Ask again before the next budget round." in page.content.decode()


@pytest.mark.parametrize(
    "query", ["?show=party", "?page=-1", "?page=x", "?track=%00", "?lead=abc", "?lead=" + "9" * 40, "?panel=x"]
)
def test_a_made_up_query_still_answers_with_the_list(marketing_client, awake, query):
    assert marketing_client.get(f"/nurture/{query}").status_code == 200


@pytest.mark.parametrize("query", ["", "?show=asleep", "?track=no_budget"])
def test_the_desk_costs_no_more_for_many_leads_than_for_one(
    marketing_client, rep, awake, asleep, today, queries_for, query
):
    LeadFactory(at=today)
    marketing_client.get(f"/nurture/{query}")
    one = queries_for(lambda: marketing_client.get(f"/nurture/{query}"))
    for _ in range(5):
        recycled(UserFactory(), today - timedelta(days=40), wakes_in=timedelta(days=30))
        recycled(UserFactory(), today - timedelta(days=40), wakes_in=timedelta(days=70))
        LeadFactory(at=today)

    assert queries_for(lambda: marketing_client.get(f"/nurture/{query}")) == one


def test_the_desk_is_marketings(rep_client, manager_client, admin_client):
    assert rep_client.get("/nurture/").status_code == 403
    assert manager_client.get("/nurture/").status_code == 403
    assert admin_client.get("/nurture/").status_code == 200


def test_a_reason_without_a_label_for_marketing_says_who_can_give_one(marketing_client, awake):
    Reason.objects.filter(slug="no_budget").update(marketing_action="")

    assert "an admin can say what marketing does" in marketing_client.get("/nurture/?track=no_budget").content.decode()


# --- the lead -----------------------------------------------------------------------------------------------


def test_a_click_on_a_row_answers_with_its_brief_alone(marketing_client, awake, asleep):
    answer = marketing_client.get(f"/nurture/?lead={asleep.pk}", headers={"HX-Request": "true", "HX-Target": "brief"})

    assert asleep.name in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_what_is_missing_for_sales_is_named_with_what_would_meet_it(marketing_client, today):
    AgreementFactory(
        clauses=[
            ("The pain is known.", "attribute_known", {"attribute": "pain"}),
            ("Score of 60.", "score_at_least", {"at_least": 60}),
            "Asked to be called.",
        ]
    )
    LeadFactory(at=today, score=10)

    page = marketing_client.get("/nurture/").content.decode()

    assert "Not ready for sales: 2 of 3 clauses missing" in page
    assert "Ask for it, and note it under “Business pain validated”." in page
    assert "invite it to something" in page


def test_a_lead_that_sales_has_is_read_and_not_developed(marketing_client, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    page = marketing_client.get(f"/nurture/?lead={lead.pk}").content.decode()

    assert "Sales has this lead now: it is MQL." in page
    assert "data-actions" not in page


# --- what is done -------------------------------------------------------------------------------------------


def test_a_call_is_logged_tallied_and_goes_on_to_the_next_lead(marketing_client, marketing, awake, today):
    other = LeadFactory(at=today)
    step = timezone.localdate() + timedelta(days=2)

    answer = post(
        marketing_client,
        "nurture-log",
        awake,
        kind="call",
        next_on=step,
        pain="Picks by paper",
        then=other.pk,
        show="awake",
    )

    assert answer.url == f"/nurture/?show=awake&lead={other.pk}"
    awake.refresh_from_db()
    assert (awake.touches.get(by=marketing).kind, timezone.localdate(awake.wake_at)) == ("call", step)
    tally = {one.label: one.count for one in marketing_client.get("/nurture/").context["tally"]}
    assert (tally["Calls"], tally["Learned"], tally["E-mails"]) == (1, 1, 0)


def test_a_logged_touch_is_taken_back_by_its_button(marketing_client, marketing, awake):
    post(marketing_client, "nurture-log", awake, kind="voicemail")
    touch = marketing_client.get("/nurture/").context["logged"][0]

    marketing_client.post(reverse("nurture-remove", args=[touch.pk]))

    assert not awake.touches.filter(by=marketing).exists()


def test_the_step_proposed_grows_with_the_tries_and_a_sleeper_keeps_its_date(marketing_client, awake, asleep):
    def proposed(lead):
        page = marketing_client.get(f"/nurture/?lead={lead.pk}")
        return page.context["desk"].develop["next_on"].value()

    first = proposed(awake)
    post(marketing_client, "nurture-log", awake, kind="call")
    post(marketing_client, "nurture-log", awake, kind="call")

    assert proposed(awake) > first > timezone.localdate()
    assert proposed(asleep) == timezone.localdate(asleep_until(asleep))


def asleep_until(lead):
    lead.refresh_from_db()
    return lead.wake_at


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "learned"}, "Say what was learned"),
        ({"kind": "call", "next_on": "2020-01-01", "pain": "Paper"}, "must lie in the future"),
        ({"kind": "call", "next_on": "soon"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_logged_is_shown_again_with_what_was_typed(marketing_client, marketing, awake, given, said):
    answer = post(marketing_client, "nurture-log", awake, **given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert given.get("pain", "") in answer.content.decode()
    assert not awake.touches.filter(by=marketing).exists()


def test_who_comes_after_sales_took_the_lead_is_told_and_keeps_the_note(marketing_client, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    answer = post(marketing_client, "nurture-log", lead, kind="call", learned="Wants a demo")

    assert answer.status_code == 409
    assert "it is now MQL" in answer.content.decode()
    assert "You had written: Wants a demo" in answer.content.decode()


def test_a_lead_sleeps_for_a_pause_or_until_a_date(marketing_client, awake):
    assert post(marketing_client, "nurture-sleep", awake).status_code == 422

    post(marketing_client, "nurture-sleep", awake, pause="30")
    awake.refresh_from_db()
    assert timezone.localdate(awake.wake_at) == timezone.localdate() + timedelta(days=30)

    post(marketing_client, "nurture-sleep", awake, until=timezone.localdate() + timedelta(days=400))
    awake.refresh_from_db()
    assert timezone.localdate(awake.wake_at) == timezone.localdate() + timedelta(days=400)


def move(client, lead, name, **given):
    return client.post(
        reverse("move", args=[lead.pk]), {"move": name, "version": lead.version, "back": "nurture"} | given
    )


def test_a_promotion_from_the_desk_opens_the_next_cycle(marketing_client, awake):
    awake.refresh_from_db()

    answer = move(marketing_client, awake, "promote")

    assert answer.url == "/nurture/"
    awake.refresh_from_db()
    assert (awake.stage, awake.hand_off.number) == (Stage.MQL, 2)


def test_an_inquiry_is_parked_or_disqualified_with_its_reason(marketing_client, today):
    parked, junk = LeadFactory(at=today), LeadFactory(at=today)

    move(marketing_client, parked, "park", reason="bad_timing")
    move(marketing_client, junk, "discard", reason="student")

    assert Lead.objects.get(pk=parked.pk).stage == Stage.NURTURE
    assert Lead.objects.get(pk=junk.pk).stage == Stage.DISQUALIFIED


def test_a_move_that_lacks_something_comes_back_to_the_desk_with_its_panel_open(marketing_client, today):
    AgreementFactory(clauses=[("Score of 60.", "score_at_least", {"at_least": 60})])
    lead = LeadFactory(at=today)

    promoted = move(marketing_client, lead, "promote")
    parked = move(marketing_client, lead, "park", learned="Later")

    assert (promoted.status_code, promoted.context["desk"].opened) == (422, "promote")
    assert "Clause 1 is not met" in promoted.content.decode()
    assert (parked.status_code, parked.context["desk"].opened) == (422, "sleep")
    assert "Later" in parked.content.decode()


def test_nobody_of_sales_gets_to_the_desk_by_a_move(rep_client, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    answer = move(rep_client, lead, "withdraw", reason="duplicate")

    assert answer.status_code == 403
    assert "desk" not in answer.context


# --- earlier cycles -----------------------------------------------------------------------------------------


def test_the_brief_of_a_lead_that_came_back_shows_its_earlier_cycles(rep, rep_client, marketing, awake, today):
    move_lead(lead_id=awake.pk, to=Stage.MQL, by=marketing.principal, at=today)

    cycles = rep_client.get(f"/leads/{awake.pk}/").context["brief"].cycles

    assert [(one.number, one.outcome, one.reason, one.by) for one in cycles] == [
        (1, "Recycled", "No budget", "Rita Rep")
    ]


def test_a_lead_in_its_first_cycle_has_none_behind_it(rep, rep_client):
    lead = LeadFactory(handed_off=True, owner=rep)

    assert "Earlier cycles" not in rep_client.get(f"/leads/{lead.pk}/").content.decode()


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
