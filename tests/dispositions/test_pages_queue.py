"""The queue and what its keys do, as the server answers them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.desk.tally import tally_of
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.services.reassign import reassign_lead
from funnel.sweep import run_sweep
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

    assert [(lane.title, [row.lead_id for row in lane.rows]) for lane in lanes] == [
        ("Answer now", [handed_off.pk]),
        ("Work now", [accepted.pk]),
        ("Back again", []),
    ]


def test_the_nearest_deadline_comes_first(rep, rep_client):
    later, sooner = (LeadFactory(handed_off=True, owner=rep, at=timezone.now() - timedelta(days=d)) for d in (1, 9))

    rows = rep_client.get("/queue/").context["sections"][0].rows

    assert [row.lead_id for row in rows] == [sooner.pk, later.pk]


def test_the_pool_of_the_own_team_is_in_the_queue_and_that_of_another_is_not(rep, rep_client, east):
    mine = LeadFactory(stage=Stage.MQL, team=rep.team)
    LeadFactory(stage=Stage.MQL, team=east)

    rows = rep_client.get("/queue/").context["sections"][0].rows

    assert [row.lead_id for row in rows] == [mine.pk]
    assert not rows[0].is_mine


def test_an_empty_queue_says_what_comes_and_who_wakes_next(rep, rep_client):
    asleep = LeadFactory(handed_off=True, owner=rep, last_name="Sleeper", at=timezone.now())
    say(rep_client, asleep, "refuse", reason="bad_timing")

    page = rep_client.get("/queue/").content.decode()

    assert "Queue clear" in page
    assert "Wakes up next" in page
    assert "Bea Sleeper" in page


def test_an_empty_lane_leads_to_the_others(rep_client, handed_off):
    page = rep_client.get("/queue/?lane=work").content.decode()

    assert "Nothing in “Work now”" in page
    assert "Show all lanes" in page


def test_a_page_beyond_the_last_leads_back(rep_client, handed_off):
    assert "To the first page" in rep_client.get("/queue/?lane=answer&page=9").content.decode()


def test_all_lanes_show_their_beginnings_and_a_lane_by_itself_goes_on(rep, rep_client):
    leads = [LeadFactory(handed_off=True, owner=rep, at=timezone.now() + timedelta(minutes=n)) for n in range(52)]

    begin = rep_client.get("/queue/").context["sections"][0]
    first = rep_client.get("/queue/?lane=answer").context["sections"][0]
    second = rep_client.get("/queue/?lane=answer&page=2").context["sections"][0]

    assert (len(begin.rows), begin.more, begin.count) == (25, True, 52)
    assert (len(first.rows), first.more) == (50, True)
    assert [row.lead_id for row in second.rows] == [lead.pk for lead in leads[50:]]
    assert not second.more


@pytest.mark.parametrize(
    "query", ["?lead=abc", "?lane=nothing", "?page=0", "?page=-3", "?outcome=party", "?page=9", "?said=7", "?said=x"]
)
def test_a_made_up_query_still_answers_with_the_queue(rep_client, handed_off, query):
    assert rep_client.get(f"/queue/{query}").status_code == 200


def test_a_lead_out_of_scope_does_not_exist(rep_client, eastern_rep):
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)

    assert rep_client.get(f"/queue/?lead={foreign.pk}").status_code == 404
    assert rep_client.get(f"/leads/{foreign.pk}/").status_code == 404
    assert say(rep_client, foreign, "accept").status_code == 404


# --- the list keeps itself up to date --------------------------------------------------------------------------


def rows_of(client, seen="", **query):
    return client.get(reverse("queue-rows"), query | {"seen": seen})


def test_an_open_desk_gets_nothing_while_nothing_changed(rep_client, handed_off, queries_for):
    seen = rep_client.get("/queue/").context["places"].fingerprint

    assert rows_of(rep_client, seen).status_code == 204
    assert queries_for(lambda: rows_of(rep_client, seen)) == 3


@pytest.mark.parametrize("change", ["a new lead", "a deadline missed", "taken away"])
def test_an_open_desk_gets_the_list_anew_after(rep, rep_client, eastern_rep, head_of_sales, handed_off, change):
    seen = rep_client.get("/queue/").context["places"].fingerprint
    if change == "a new lead":
        LeadFactory(handed_off=True, owner=rep, last_name="Newcomer")
    elif change == "a deadline missed":
        run_sweep(now=timezone.now() + timedelta(days=30))
    else:
        reassign_lead(lead_id=handed_off.pk, to=eastern_rep, by=head_of_sales.principal, at=timezone.now())

    answer = rows_of(rep_client, seen)

    assert answer.status_code == 200
    assert 'id="lanes"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert answer.context["places"].fingerprint != seen


def test_the_list_anew_is_of_the_same_lane_and_marks_the_open_lead(rep, rep_client, handed_off):
    accepted = LeadFactory(accepted=True, owner=rep)

    page = rows_of(rep_client, lane="work", lead=accepted.pk).content.decode()

    assert f'id="lead-{accepted.pk}"' in page
    assert 'aria-current="true"' in page
    assert f'id="lead-{handed_off.pk}"' not in page


# --- the day's tally -------------------------------------------------------------------------------------------


def tally(client):
    return dict(client.get("/queue/").context["tally"])


def test_the_tally_counts_what_was_said_today(rep, rep_client):
    leads = [LeadFactory(handed_off=True, owner=rep) for _ in range(4)]
    for lead, outcome in zip(leads, ("accept", "voicemail", "meeting_set", "refuse"), strict=True):
        say(rep_client, lead, outcome, reason="bad_timing" if outcome == "refuse" else "")

    counted = {"attempts": 1, "conversations": 1, "accepted": 3, "refused": 1, "qualified": 0, "won": 0}
    assert tally(rep_client) == counted


def test_what_was_taken_back_is_not_in_the_tally(rep_client, handed_off):
    say(rep_client, handed_off, "voicemail")
    rep_client.post(reverse("undo", args=[Disposition.objects.get().pk]))

    assert set(tally(rep_client).values()) == {0}


def test_the_day_begins_at_midnight_of_the_viewer(rep):
    """23:30 in Berlin is a day before 00:10 there, though both are one day in UTC."""
    late = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
    LeadFactory(accepted=True, owner=rep, at=late)

    with timezone.override("Europe/Berlin"):
        assert tally_of(rep.pk, late + timedelta(minutes=10)).accepted == 1
        assert tally_of(rep.pk, late + timedelta(minutes=40)).accepted == 0


def test_what_others_did_is_not_in_the_tally(rep, rep_client, manager_client, handed_off):
    say(manager_client, handed_off, "accept")

    assert set(tally(rep_client).values()) == {0}


def test_the_answer_to_a_key_brings_the_tally(rep_client, handed_off):
    page = say(rep_client, handed_off, "accept", htmx=True).content.decode()

    assert 'id="tally"' in page
    assert 'hx-swap-oob="true"' in page


# --- what a key does -------------------------------------------------------------------------------------------


def test_one_click_accepts_a_lead(rep, rep_client, handed_off):
    response = say(rep_client, handed_off, "accept")

    assert response.status_code == 302
    assert response.url == f"/queue/?said={Disposition.objects.get().pk}"
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


def test_without_javascript_the_next_page_offers_the_undo(rep_client, manager_client, handed_off):
    response = say(rep_client, handed_off, "refuse", reason="no_budget")

    assert "Undo" in rep_client.get(response.url).content.decode()
    assert "data-undo" not in manager_client.get(response.url).content.decode()


def test_with_htmx_undo_brings_the_row_and_the_tally_back(rep_client, handed_off):
    say(rep_client, handed_off, "refuse", reason="no_budget")
    url = reverse("undo", args=[Disposition.objects.get().pk])

    response = rep_client.post(url, headers=HTMX)

    page = response.content.decode()
    assert response.headers["HX-Trigger-After-Settle"] == f'{{"lead-taken-back": {{"lead": {handed_off.pk}}}}}'
    assert "badge-mql" in page
    assert 'id="tally"' in page
    assert "taken back" in page
    assert rep_client.post(url, headers=HTMX).status_code == 409


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
