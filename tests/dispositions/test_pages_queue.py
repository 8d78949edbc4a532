"""The queue and what its keys do, as the server answers them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from tests.factories import LeadFactory, UserFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def handed_off(rep):
    return LeadFactory(handed_off=True, owner=rep, at=timezone.now() - timedelta(minutes=5))


def say(client, lead, outcome, *, htmx=False, **fields):
    url = reverse("dispose", args=[lead.pk])
    return client.post(url, {"outcome": outcome, "version": lead.version} | fields, headers=HTMX if htmx else {})


def test_the_queue_has_a_lane_for_what_to_answer_to_work_and_what_came_back(rep, rep_client, handed_off):
    accepted = LeadFactory(accepted=True, owner=rep)

    lanes = rep_client.get("/queue/").context["sections"]

    assert [(lane.title, [row.lead for row in lane.rows]) for lane in lanes] == [
        ("Answer now", [handed_off]),
        ("Work now", [accepted]),
        ("Back again", []),
    ]


def test_the_nearest_deadline_comes_first(rep, rep_client):
    later, sooner = (LeadFactory(handed_off=True, owner=rep, at=timezone.now() - timedelta(days=d)) for d in (1, 9))

    rows = rep_client.get("/queue/").context["sections"][0].rows

    assert [row.lead for row in rows] == [sooner, later]


def test_the_pool_of_the_own_team_is_in_the_queue_and_that_of_another_is_not(rep, rep_client, east):
    mine = LeadFactory(stage=Stage.MQL, team=rep.team)
    LeadFactory(stage=Stage.MQL, team=east)

    rows = rep_client.get("/queue/").context["sections"][0].rows

    assert [row.lead for row in rows] == [mine]
    assert not rows[0].is_mine


def test_an_empty_queue_says_what_will_come(rep_client):
    assert b"Queue clear" in rep_client.get("/queue/").content


@pytest.mark.parametrize("query", ["?lead=abc", "?lane=nothing", "?page=0", "?page=-3", "?outcome=party", "?page=9"])
def test_a_made_up_query_still_answers_with_the_queue(rep_client, handed_off, query):
    assert rep_client.get(f"/queue/{query}").status_code == 200


def test_a_lead_out_of_scope_does_not_exist(rep_client, eastern_rep):
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)

    assert rep_client.get(f"/queue/?lead={foreign.pk}").status_code == 404
    assert rep_client.get(f"/leads/{foreign.pk}/").status_code == 404
    assert say(rep_client, foreign, "accept").status_code == 404


def test_the_queue_costs_no_more_for_50_leads_than_for_1(rep, rep_client, queries_for):
    LeadFactory(handed_off=True, owner=rep)
    one = queries_for(lambda: rep_client.get("/queue/"))
    for _ in range(49):
        LeadFactory(handed_off=True, owner=rep, touches=())

    assert queries_for(lambda: rep_client.get("/queue/")) == one


def test_one_click_accepts_a_lead(rep, rep_client, handed_off):
    response = say(rep_client, handed_off, "accept")

    assert response.status_code == 302
    assert response.url == "/queue/"
    handed_off.refresh_from_db()
    assert (handed_off.stage, handed_off.due_clock) == (Stage.SAL, "first_attempt")
    assert Disposition.objects.get().outcome == Outcome.ACCEPT


def test_with_htmx_the_row_comes_back_as_it_is_now(rep_client, handed_off):
    response = say(rep_client, handed_off, "accept", htmx=True)

    assert response.headers["HX-Trigger-After-Settle"] == f'{{"lead-disposed": {{"lead": {handed_off.pk}}}}}'
    assert f'id="lead-{handed_off.pk}"'.encode() in response.content
    assert b"badge-sal" in response.content
    assert b"Undo" in response.content


def test_a_refusal_without_a_reason_asks_for_it_and_changes_nothing(rep_client, handed_off):
    response = say(rep_client, handed_off, "refuse", note="They laughed.")

    assert response.status_code == 422
    assert "Say why: choose a reason." in response.content.decode()
    assert "They laughed." in response.content.decode()
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.MQL


def test_a_refusal_with_its_reason_leaves_the_queue(rep_client, handed_off):
    response = say(rep_client, handed_off, "refuse", htmx=True, reason="no_budget")

    assert "queue-link" not in response.content.decode()
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.NURTURE
    assert Disposition.objects.get().reason.slug == "no_budget"


def test_a_stale_form_is_told_who_was_faster_and_keeps_the_input(rep, rep_client, handed_off, manager_client):
    say(manager_client, handed_off, "accept")

    response = say(rep_client, handed_off, "refuse", htmx=True, reason="no_budget", note="Called twice.")

    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#brief"
    assert "Mia Manager changed this lead" in response.content.decode()
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.SAL


def test_an_outcome_that_does_not_exist_is_not_found(rep_client, handed_off):
    assert say(rep_client, handed_off, "promote").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "12,5O", "Enter a number."),
        ("amount", "-1", "greater than or equal to 0"),
        ("currency", "euro", "three capital letters"),
        ("expected_close_on", "2026-02-30", "Enter a valid date."),
    ],
)
def test_a_bad_value_is_named_beside_its_field(rep, rep_client, field, value, sentence):
    lead = LeadFactory(accepted=True, owner=rep)

    response = say(rep_client, lead, "qualify", **{field: value})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    lead.refresh_from_db()
    assert lead.stage == Stage.SAL


def test_qualifying_asks_only_for_what_is_not_known_yet(rep, rep_client):
    lead = LeadFactory(accepted=True, owner=rep, attributes={"budget": "80k approved", "pain": "Picking errors"})

    asks = rep_client.get(f"/queue/?lead={lead.pk}&outcome=qualify").context["brief"].asks
    qualify = next(ask for ask in asks if ask.rule.outcome == Outcome.QUALIFY)

    assert qualify.is_open
    assert [field.name for field in qualify.fields] == [
        "decision_maker_engaged",
        "decision_process",
        "amount",
        "currency",
        "expected_close_on",
        "note",
    ]


def test_marketing_reads_a_lead_but_has_no_outcomes_and_no_private_notes(rep, rep_client, marketing_client, handed_off):
    say(rep_client, handed_off, "voicemail", note="Sounded tired.")

    page = marketing_client.get(f"/leads/{handed_off.pk}/").content.decode()

    assert "Voicemail" in page
    assert "Sounded tired." not in page
    assert "What happened?" not in page
    assert "Sounded tired." in rep_client.get(f"/leads/{handed_off.pk}/").content.decode()


def test_marketing_cannot_disposition(marketing_client, handed_off):
    assert say(marketing_client, handed_off, "accept").status_code == 403
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.MQL


def test_undo_puts_the_lead_back(rep_client, handed_off):
    say(rep_client, handed_off, "refuse", reason="no_budget")

    response = rep_client.post(reverse("undo", args=[Disposition.objects.get().pk]), follow=True)

    assert "taken back" in response.content.decode()
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.MQL


def test_undo_is_for_the_author_alone(rep_client, manager_client, handed_off):
    say(rep_client, handed_off, "accept")

    response = manager_client.post(reverse("undo", args=[Disposition.objects.get().pk]), follow=True)

    assert "Only its author" in response.content.decode()
    handed_off.refresh_from_db()
    assert handed_off.stage == Stage.SAL


def test_what_a_prospect_typed_is_shown_as_text(rep, rep_client):
    lead = LeadFactory(handed_off=True, owner=rep, last_name='<script>alert("x")</script>')

    page = rep_client.get(f"/queue/?lead={lead.pk}").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("url", ["/queue/", "/leads/1/", "/black-hole/", "/"])
def test_whoever_is_not_signed_in_is_asked_to(client, db, url):
    assert client.get(url).url == f"/login/?next={url}"


def test_a_lead_that_nobody_took_belongs_to_whoever_works_on_it_first(rep, rep_client, west):
    pooled = LeadFactory(stage=Stage.MQL, team=west)
    UserFactory(team=west)

    say(rep_client, pooled, "accept")

    pooled.refresh_from_db()
    assert pooled.owner == rep
