"""Endpoints over the API: made, changed, rotated, looked after; and the reference data beside them."""

import json

import pytest
from django.utils import timezone

from funnel.models import Campaign, Channel, Spend
from integrations.models import Delivery, Endpoint
from integrations.outbound.fan_out import fan_out
from tests.integrations.api.conftest import LEADS, codes

pytestmark = pytest.mark.django_db

ENDPOINTS = "/api/v1/endpoints/"


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def endpoint(mautic):
    answer = mautic.post({"name": "CRM", "url": "http://127.0.0.1:9/hook", "kinds": ["lead.won"]}, url=ENDPOINTS)
    assert answer.status_code == 201, answer.content
    return answer.json()


def patch(caller, url, body):
    return caller.client.patch(url, json.dumps(body), content_type="application/json", headers=caller.headers)


def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(mautic, endpoint):
    assert endpoint["secret"].startswith("whsec_")
    read = mautic.get(f"{ENDPOINTS}{endpoint['id']}/")

    assert "secret" not in read.json()
    assert read.json()["kinds"] == ["lead.won"]
    assert [one["id"] for one in mautic.get(ENDPOINTS).json()["results"]] == [endpoint["id"]]


def test_another_source_knows_nothing_of_it(hubspot, endpoint):
    assert hubspot.get(f"{ENDPOINTS}{endpoint['id']}/").status_code == 404
    assert hubspot.get(ENDPOINTS).json()["results"] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:secret@127.0.0.1/hook",
        "http://2130706433/",
        "http://[::1]/hook",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "//127.0.0.1/",
        "http://",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_when_it_is_saved(mautic, url, settings):
    settings.WEBHOOK_NETWORKS = []

    answer = mautic.post({"name": "CRM", "url": url}, url=ENDPOINTS)

    assert codes(answer) == {"/url": "url-not-allowed"}
    assert not Endpoint.objects.exists()


def test_it_can_be_switched_off_and_on_and_changed(mautic, endpoint):
    url = f"{ENDPOINTS}{endpoint['id']}/"

    assert patch(mautic, url, {"is_active": False, "name": "Old CRM"}).json()["is_active"] is False
    answer = patch(mautic, url, {"is_active": True}).json()

    assert (answer["is_active"], answer["name"]) == (True, "Old CRM")
    assert codes(patch(mautic, url, {"kinds": ["lead.nonsense"]})) == {"/kinds/0": "invalid-choice"}


def test_a_new_secret_is_another_one(mautic, endpoint):
    answer = mautic.post({}, url=f"{ENDPOINTS}{endpoint['id']}/rotate/")

    assert answer.json()["secret"] not in {endpoint["secret"], ""}
    assert Endpoint.objects.get().old_secret == endpoint["secret"]


def test_its_deliveries_can_be_read_and_sent_again(mautic, endpoint):
    Endpoint.objects.update(kinds=[])
    mautic.post({"email": "ann@buyer.example", "channel": "web"}, url=LEADS)
    fan_out(now=timezone.now())
    Delivery.objects.update(state="dead", attempts=10, error="It answered 500.")
    url = f"{ENDPOINTS}{endpoint['id']}/deliveries/"

    (delivery,) = mautic.get(url).json()["results"]
    again = mautic.post({}, url=f"{url}{delivery['id']}/again/")

    assert (delivery["state"], delivery["kind"], delivery["error"]) == ("dead", "lead.created", "It answered 500.")
    assert (again.json()["state"], again.json()["attempts"]) == ("waiting", 0)


# --- reference data -------------------------------------------------------------------------------------------


def test_channels_campaigns_and_spend_are_told_and_read(mautic):
    assert mautic.post({"slug": "podcast", "name": "Podcasts"}, url="/api/v1/channels/").status_code == 201
    campaign = {"slug": "spring", "channel": "podcast", "starts_on": "2026-03-01", "ends_on": "2026-05-31"}
    assert mautic.post(campaign, url="/api/v1/campaigns/").status_code == 201
    spend = {"channel": "podcast", "campaign": "spring", "starts_on": "2026-03-01", "ends_on": "2026-03-31"}
    first = mautic.post(spend | {"amount": "1200.50", "currency": "EUR"}, url="/api/v1/spend/")
    again = mautic.post(spend | {"amount": "1300", "currency": "EUR"}, url="/api/v1/spend/")

    assert (first.status_code, again.status_code) == (201, 200)
    assert (Channel.objects.get(slug="podcast").name, Campaign.objects.get().channel.slug) == ("Podcasts", "podcast")
    assert str(Spend.objects.get().amount) == "1300.00"
    assert mautic.get("/api/v1/spend/").json()["results"][0]["amount"] == "1300.00"


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("campaigns", {"slug": "s", "starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "/ends_on"),
        ("campaigns", {"slug": "s", "starts_on": "2026-02-30"}, "/starts_on"),
        ("campaigns", {"slug": "s", "expected_value": "5"}, "/currency"),
        ("spend", {"channel": "web", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "currency": "EUR"}, "/amount"),
        ("channels", {"slug": "not a slug"}, "/slug"),
    ],
)
def test_what_cannot_be_is_refused_by_field(mautic, name, body, pointer):
    answer = mautic.post(body, url=f"/api/v1/{name}/")

    assert answer.status_code == 400
    assert pointer in codes(answer)


def test_agreements_stages_and_reasons_can_be_read(mautic, signed_agreement):
    (agreement,) = mautic.get("/api/v1/agreements/").json()["results"]
    stages = mautic.get("/api/v1/stages/").json()["results"]
    reasons = mautic.get("/api/v1/reasons/?limit=200").json()["results"]

    assert [clause["number"] for clause in agreement["clauses"]] == [1, 2]
    assert stages[0]["stage"] == "inquiry"
    assert "no_budget" in {reason["slug"] for reason in reasons}
