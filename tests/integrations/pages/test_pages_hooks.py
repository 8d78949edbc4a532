"""What marketing's tools sent, what became of it, and how another tool is connected."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from funnel.models import Lead
from integrations.models import InboxItem, Source
from integrations.pages.guides import GUIDES
from integrations.pages.hooks import PAGE, SHOWN_BYTES
from tests.factories import LeadFactory, UserFactory
from tests.integrations.inbound.sending import SECRET, post, run, source

pytestmark = pytest.mark.django_db

HOOKS = "/imports/hooks/"
NASTY = '<script>alert(1)</script> "><img src=x onerror=alert(2)> {{7*7}}'


def item(of, number=1, *, at=None, **fields):
    fields = {"state": "done", "body": b"{}", "digest": "d"} | fields
    return InboxItem.objects.create(source=of, message_id=f"m-{number}", received_at=at or timezone.now(), **fields)


def text_of(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def shop():
    return source("mautic", name="Mautic of the shop")


# --- the list -------------------------------------------------------------------------------------------------


def test_a_source_shows_its_last_message_and_its_counts_by_state(marketing_client, shop):
    now = timezone.now()
    for number, (state, age) in enumerate(
        [("done", 0), ("done", 0), ("failed", 0), ("done", 3), ("dead", 3), ("done", 8), ("failed", 9)]
    ):
        item(shop, number, state=state, at=now - timedelta(days=age))

    (standing,) = marketing_client.get(HOOKS).context["standings"]

    assert standing.last_at == now
    assert [(one.state, one.count) for one in standing.today] == [("done", 2), ("failed", 1)]
    assert [(one.state, one.count) for one in standing.week] == [("done", 3), ("failed", 1), ("dead", 1)]
    assert standing.to_replay == 3


def test_the_counts_are_asked_for_again_by_themselves_and_alone(marketing_client, shop):
    page = marketing_client.get(HOOKS).content.decode()
    assert 'hx-trigger="every 20s"' in page

    headers = {"HX-Request": "true", "HX-Target": "hook-sources"}
    part = marketing_client.get(HOOKS, headers=headers).content.decode()

    assert part.lstrip().startswith('<section class="stack" id="hook-sources"')
    assert "<html" not in part


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"m-1", "m-2", "m-3"}),
        ("?source=mautic", {"m-1", "m-2"}),
        ("?state=failed", {"m-2", "m-3"}),
        ("?source=mautic&state=failed", {"m-2"}),
        ("?source=nobody&state=strange&before=x", {"m-1", "m-2", "m-3"}),
    ],
)
def test_messages_are_filtered_by_source_and_state(marketing_client, shop, query, shown):
    other = source("marketo")
    item(shop, 1)
    item(shop, 2, state="failed")
    item(other, 3, state="failed")

    rows = marketing_client.get(HOOKS + query).context["rows"]

    assert {row.item.message_id for row in rows} == shown


def test_older_messages_are_on_the_next_page_and_the_filter_stays(marketing_client, shop):
    for number in range(PAGE + 3):
        item(shop, number, state="failed")
    first = marketing_client.get(f"{HOOKS}?state=failed")

    second = marketing_client.get(HOOKS + first.context["next_url"])

    assert [row.item.message_id for row in second.context["rows"]] == ["m-2", "m-1", "m-0"]
    assert second.context["newest_url"] == "?state=failed"
    assert second.context["next_url"] == ""


def test_the_page_costs_no_more_for_many_messages_and_sources_than_for_one(marketing_client, shop, queries_for):
    item(shop)
    one = queries_for(lambda: marketing_client.get(HOOKS))
    for number in range(20):
        item(source("generic", slug=f"s{number}", token=f"t{number}") if number < 5 else shop, number + 2)

    assert queries_for(lambda: marketing_client.get(HOOKS)) == one


def test_without_a_source_the_page_says_how_to_connect_one(marketing_client):
    page = text_of(marketing_client.get(HOOKS))

    assert "No tool is connected" in page
    assert reverse("hook-connect") in page


# --- one message ----------------------------------------------------------------------------------------------


def test_a_message_shows_what_became_of_each_event_with_its_lead(client, marketing_client):
    source("generic", field_map={"email": "/mail"}, options={"list": "/all", "signature": "secret"})
    body = '{"all": [{"mail": "ann@buyer.example"}, {"mail": "nobody"}]}'
    post(client, "generic", body, **{"X-LeadFlow-Secret": SECRET, "Authorization": "Bearer lf_private"})
    found = run()

    answer = marketing_client.get(reverse("hook-message", args=[found.pk]))

    lead = Lead.objects.get()
    created, rejected = answer.context["shown"].events
    assert (created.status, created.lead) == ("created", lead)
    assert (rejected.status, rejected.lead) == ("rejected", None)
    page = text_of(answer)
    assert reverse("lead", args=[lead.pk]) in page
    assert found.error in page
    assert body in page
    assert SECRET not in page
    assert "lf_private" not in page


def test_what_a_tool_wrote_is_text_and_nothing_else(marketing_client, shop):
    found = item(
        shop,
        body=NASTY.encode() + b"\x00\xff\xe2\x80\xae",
        error=NASTY,
        headers={"user-agent": NASTY},
        results=[{"event": NASTY, "status": "rejected", "lead": None, "told": NASTY}],
    )

    for address in (reverse("hook-message", args=[found.pk]), HOOKS):
        page = marketing_client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{7*7}}" in page


def test_of_a_long_body_the_beginning_is_shown(marketing_client, shop):
    found = item(shop, body=b"x" * (SHOWN_BYTES + 10))

    answer = marketing_client.get(reverse("hook-message", args=[found.pk]))

    assert len(answer.context["shown"].text) == SHOWN_BYTES
    assert "The first 64 kB of it" in answer.content.decode()


# --- once more ------------------------------------------------------------------------------------------------


def test_a_failed_message_is_replayed_and_works_once_the_source_is_mended(client, marketing_client):
    tool = source("generic", field_map={"email": "/wrong"}, options={"signature": "secret"})
    post(client, "generic", '{"mail": "ann@buyer.example"}', **{"X-LeadFlow-Secret": SECRET})
    assert run().state == "failed"
    Source.objects.filter(pk=tool.pk).update(field_map={"email": "/mail"})

    marketing_client.post(reverse("hook-replay", args=[InboxItem.objects.get().pk]))

    assert InboxItem.objects.get().state == "waiting"
    assert run().state == "done"
    assert Lead.objects.get().email == "ann@buyer.example"


def test_all_failed_of_a_source_are_replayed_and_nothing_else(marketing_client, shop):
    other = source("marketo")
    for number, (of, state) in enumerate(
        [(shop, "failed"), (shop, "dead"), (shop, "done"), (shop, "unmapped"), (other, "failed")]
    ):
        item(of, number, state=state)

    answer = marketing_client.post(reverse("hook-replay-source", args=[shop.pk]), follow=True)

    waiting = set(InboxItem.objects.filter(state="waiting").values_list("message_id", flat=True))
    assert waiting == {"m-0", "m-1"}
    assert "2 messages of Mautic of the shop wait to be processed again." in text_of(answer)


def test_a_message_that_waits_is_not_replayed_twice(marketing_client, shop):
    found = item(shop, state="waiting", attempts=2, next_attempt_at=timezone.now())

    answer = marketing_client.post(reverse("hook-replay", args=[found.pk]), follow=True)

    found.refresh_from_db()
    assert found.attempts == 2
    assert "waits to be processed already" in text_of(answer)


# --- connecting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adapter", GUIDES)
def test_each_tool_has_its_guide_and_is_connected_by_its_form(marketing_client, marketing, adapter):
    assert (
        reverse("hook-connect-tool", args=[adapter]) in marketing_client.get(reverse("hook-connect")).content.decode()
    )
    address = reverse("hook-connect-tool", args=[adapter])
    page = text_of(marketing_client.get(address))
    assert all(step in page for step in (*GUIDES[adapter].there, *GUIDES[adapter].back))
    own = {"secret": "the-secret-of-the-tool"} if GUIDES[adapter].word else {}

    answer = marketing_client.post(address, {"name": "Our tool", "settings": ""} | own)

    made = Source.objects.get()
    assert (made.adapter, made.slug, made.created_by) == (adapter, "our-tool", marketing)
    assert f"/api/v1/hooks/{made.token}/" in answer.content.decode()
    assert made.secret in text_of(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "Taken"}, "There is a source “taken” already"),
        ({"settings": "field_map = {"}, "This is not TOML"),
        ({"settings": '[field_map]\nx = "owner"'}, "“owner” is no field of a lead"),
        ({"name": "x\x00y"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_with_a_source_is_said_and_the_input_kept(marketing_client, given, sentence):
    source("mautic", slug="taken")

    answer = marketing_client.post(f"{HOOKS}connect/mautic/", {"name": "Shop", "settings": "# ours"} | given)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Source.objects.count() == 1


def test_a_double_click_connects_a_tool_once(marketing_client):
    first, second = (marketing_client.post(f"{HOOKS}connect/mautic/", {"name": "Shop"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 422)
    assert Source.objects.count() == 1


def test_a_tool_there_is_no_guide_for_is_not_found(marketing_client):
    assert marketing_client.get(f"{HOOKS}connect/pardot/").status_code == 404


def test_who_connected_a_source_switches_it_off_and_on(marketing_client, marketing, client):
    mine = source("mautic", created_by=User.objects.get(pk=marketing.pk))
    address = reverse("hook-switch", args=[mine.pk])

    marketing_client.post(address, {"on": "0"})
    assert post(client, "mautic", b"{}").status_code == 404

    marketing_client.post(address, {"on": "1"})
    assert post(client, "mautic", b"{}").status_code == 401


def test_what_a_colleague_connected_stays_as_it_is(marketing_client):
    theirs = source("mautic", created_by=UserFactory(role="marketing", team=None))

    answer = marketing_client.post(reverse("hook-switch", args=[theirs.pk]), {"on": "0"})

    theirs.refresh_from_db()
    assert (answer.status_code, theirs.is_active) == (403, True)
    assert "Switch off" not in marketing_client.get(HOOKS).content.decode()


def test_a_lead_that_was_merged_away_is_not_linked(marketing_client, shop):
    lead = LeadFactory()
    Lead.objects.filter(pk=lead.pk).update(merged_into=LeadFactory(), sweep_at=None)
    found = item(shop, results=[{"event": "e", "status": "created", "lead": lead.pk, "told": ""}])

    (event,) = marketing_client.get(reverse("hook-message", args=[found.pk])).context["shown"].events

    assert event.lead is None
