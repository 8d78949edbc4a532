"""Where events are sent: made, changed, stopped, and each delivery with what the receiver answered."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, Endpoint
from integrations.outbound.fan_out import fan_out
from tests.factories import LeadFactory
from tests.integrations.outbound.test_guard import SPELLINGS

pytestmark = pytest.mark.django_db

NEW = "/endpoints/new/"
URL = "http://127.0.0.1:9000/hook"


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def crm():
    before = timezone.now() - timedelta(days=3650)
    return Endpoint.objects.create(name="CRM", url=URL, secret="whsec_c2VjcmV0", created_at=before)


def text_of(answer):
    return html.unescape(answer.content.decode())


def delivered(crm, **fields):
    """The deliveries of a lead that was created, handed off and so on, in the state that is given."""
    LeadFactory(handed_off=True)
    fan_out(now=timezone.now())
    Delivery.objects.filter(endpoint=crm).update(**({"state": "sent", "attempts": 1} | fields))
    return Delivery.objects.filter(endpoint=crm).order_by("pk")


# --- made and changed -----------------------------------------------------------------------------------------


def test_an_endpoint_is_added_and_its_secret_shown_once(marketing_client):
    answer = marketing_client.post(NEW, {"name": "CRM", "url": URL, "kinds": ["lead.won", "lead.closed"]})

    made = Endpoint.objects.get()
    assert (made.name, made.url, made.kinds, made.source) == ("CRM", URL, ["lead.closed", "lead.won"], "")
    assert made.secret in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    for address in ("/endpoints/", reverse("endpoint", args=[made.pk]), reverse("endpoint-edit", args=[made.pk])):
        assert made.secret not in text_of(marketing_client.get(address))


@pytest.mark.parametrize(
    "url", [*SPELLINGS, "ftp://crm.example/", "http://user:word@127.0.0.1/", "javascript:alert(1)"]
)
def test_an_address_that_may_not_be_called_is_refused(marketing_client, settings, url):
    settings.WEBHOOK_NETWORKS = []

    answer = marketing_client.post(NEW, {"name": "CRM", "url": url})

    assert answer.status_code == 422
    assert answer.context["form"].errors["url"]
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("given", [{"kinds": ["lead.noted"]}, {"source": "nobody"}, {"name": ""}])
def test_what_was_not_offered_is_refused(marketing_client, given):
    answer = marketing_client.post(NEW, {"name": "CRM", "url": URL} | given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(given)
    assert not Endpoint.objects.exists()


def test_a_double_click_adds_an_endpoint_once(marketing_client):
    first, second = (marketing_client.post(NEW, {"name": "CRM", "url": URL}) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 422)
    assert "hears of these leads already" in text_of(second)
    assert Endpoint.objects.count() == 1


def test_an_endpoint_is_changed_and_keeps_its_secret(marketing_client, crm):
    marketing_client.post(reverse("endpoint-edit", args=[crm.pk]), {"name": "The CRM", "url": f"{URL}2"})

    assert Endpoint.objects.values_list("name", "url", "secret").get() == ("The CRM", f"{URL}2", crm.secret)


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(marketing_client, crm):
    answer = marketing_client.post(reverse("endpoint-rotate", args=[crm.pk]))

    now = Endpoint.objects.get()
    assert now.secret in text_of(answer)
    assert now.old_secret == crm.secret
    assert "the old one signs too until" in text_of(marketing_client.get(reverse("endpoint", args=[crm.pk])))


def test_a_stopped_endpoint_says_why_and_is_started_again(marketing_client, crm):
    Endpoint.objects.update(is_active=False, disabled_because="It answered 410: gone.", failing_since=timezone.now())
    address = reverse("endpoint", args=[crm.pk])
    assert "It answered 410: gone." in text_of(marketing_client.get(address))

    marketing_client.post(reverse("endpoint-switch", args=[crm.pk]), {"on": "1"})

    assert Endpoint.objects.values_list("is_active", "disabled_because", "failing_since").get() == (True, "", None)


# --- deliveries -----------------------------------------------------------------------------------------------


def test_deliveries_are_listed_by_state(marketing_client, crm):
    rows = delivered(crm)
    Delivery.objects.filter(pk=rows[0].pk).update(state="dead", error="It answered 500.", status=500)
    address = reverse("endpoint", args=[crm.pk])

    everything = marketing_client.get(address)
    dead = marketing_client.get(f"{address}?state=dead")

    assert len(everything.context["rows"]) == len(rows) > 1
    assert [row.delivery.pk for row in dead.context["rows"]] == [rows[0].pk]
    assert "It answered 500." in text_of(dead)
    assert everything.context["given_up"] == 1


def test_the_list_says_how_many_wait_and_were_given_up(marketing_client, crm):
    count = delivered(crm, state="dead").count()

    (standing,) = marketing_client.get("/endpoints/").context["standings"]

    assert (standing.waiting, standing.given_up) == (0, count)


def test_a_delivery_shows_what_was_sent_and_what_was_answered_as_text(marketing_client, crm):
    row = delivered(crm, body='{"type":"lead.created"}', answer="<script>alert(1)</script>", status=500).first()

    page = marketing_client.get(reverse("endpoint-delivery", args=[crm.pk, row.pk])).content.decode()

    assert "{&quot;type&quot;:&quot;lead.created&quot;}" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_delivery_of_another_endpoint_is_not_found(marketing_client, crm):
    row = delivered(crm).first()
    other = Endpoint.objects.create(name="Other", url=URL, secret="s", created_at=timezone.now())

    assert marketing_client.get(reverse("endpoint-delivery", args=[other.pk, row.pk])).status_code == 404
    assert marketing_client.post(reverse("delivery-again", args=[other.pk, row.pk])).status_code == 404
    assert not Delivery.objects.filter(state="waiting").exists()


def test_one_or_all_given_up_are_sent_again_under_their_ids(marketing_client, crm):
    rows = list(delivered(crm, state="dead"))
    marketing_client.post(reverse("delivery-again", args=[crm.pk, rows[0].pk]))
    assert [row.pk for row in Delivery.objects.filter(state="waiting")] == [rows[0].pk]

    marketing_client.post(reverse("endpoint-again", args=[crm.pk]))

    assert Delivery.objects.filter(state="waiting").count() == len(rows)
    assert set(Delivery.objects.values_list("message_id", flat=True)) == {row.message_id for row in rows}


def test_what_was_missed_since_a_time_is_caught_up(marketing_client, crm):
    Endpoint.objects.update(is_active=False)
    LeadFactory(handed_off=True)
    fan_out(now=timezone.now())
    assert not Delivery.objects.exists()
    Endpoint.objects.update(is_active=True)

    since = timezone.now() - timedelta(days=3650)
    answer = marketing_client.post(
        reverse("endpoint-catch-up", args=[crm.pk]), {"since": f"{since:%Y-%m-%dT%H:%M}"}, follow=True
    )

    count = Delivery.objects.filter(state="waiting").count()
    assert count > 1
    assert f"{count} deliveries wait to be sent to CRM." in text_of(answer)


@pytest.mark.parametrize("since", ["", "yesterday", "2026-02-30T10:00"])
def test_a_time_that_cannot_be_read_is_said(marketing_client, crm, since):
    answer = marketing_client.post(reverse("endpoint-catch-up", args=[crm.pk]), {"since": since})

    assert answer.status_code == 422
    assert "since" in answer.context["catch_up"].errors


def test_too_much_at_once_is_not_caught_up(marketing_client, crm, monkeypatch):
    monkeypatch.setattr("integrations.services.endpoints.CAUGHT_UP_AT_ONCE", 1)
    delivered(crm)

    answer = marketing_client.post(reverse("endpoint-catch-up", args=[crm.pk]), {"since": "2020-01-01T00:00"})

    assert answer.status_code == 422
    assert "name a later time" in text_of(answer)
    assert not Delivery.objects.filter(state="waiting").exists()


def test_the_pages_cost_no_more_for_many_than_for_one(marketing_client, crm, queries_for):
    delivered(crm)
    address = reverse("endpoint", args=[crm.pk])
    one = [queries_for(lambda at=at: marketing_client.get(at)) for at in ("/endpoints/", address)]
    for number in range(4):
        Endpoint.objects.create(name=f"E{number}", url=URL, secret="s", created_at=timezone.now() - timedelta(days=9))
        delivered(crm)

    assert [queries_for(lambda at=at: marketing_client.get(at)) for at in ("/endpoints/", address)] == one


def test_without_an_endpoint_the_page_says_what_one_is_for(marketing_client):
    assert "Nobody is told yet" in text_of(marketing_client.get("/endpoints/"))
