"""What a lead's fields take and how it is kept. What they do not take: catalogue/test_fields.py, and a little here."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from funnel.models import Company, Lead, Touch
from tests.integrations.api.conftest import codes, row_counts

pytestmark = pytest.mark.django_db

OK = {"email": "ann@example.com"}


def said(minutes=0):
    return (timezone.now() + timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/email", "key-required"),
        ({"email": None, "external_id": None}, "/email", "key-required"),
        ({"external_id": "leadflow:1"}, "/external_id", "reserved-id"),
        (OK | {"consent": {"email": {}}}, "/consent/email/granted", "required"),
        (OK | {"company": {"country": "ZZ"}}, "/company/country", "unknown-country"),
        (OK | {"company": {"naics": "5"}}, "/company/naics", "invalid-naics"),
        (OK | {"channel": "paid search!"}, "/channel", "invalid-slug"),
        (OK | {"touches": [{"at": "2026-01-01T10:00:00Z"}]}, "/touches/0/channel", "required"),
        (OK | {"touches": [{"channel": "web", "at": None}]}, "/touches/0/at", "wrong-type"),
        (OK | {"touches": [{"kind": "fax", "channel": "web", "at": said()}]}, "/touches/0/kind", "invalid-choice"),
        (OK | {"touches": [{"channel": "web", "at": said()}] * 101}, "/touches", "too-long"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(mautic, body, pointer, code):
    before = row_counts()

    answer = mautic.post(body)

    assert (answer.status_code, answer.json()["type"]) == (400, "invalid-fields")
    assert codes(answer) == {pointer: code}
    assert row_counts() == before


def test_all_wrong_fields_are_told_at_once(mautic):
    answer = mautic.post({"email": "ann", "score": "10", "colour": "red", "touches": [{}, {"at": 1, "channel": "web"}]})

    assert codes(answer) == {
        "/colour": "unknown-field",
        "/email": "invalid-email",
        "/score": "wrong-type",
        "/touches/0/at": "required",
        "/touches/0/channel": "required",
        "/touches/1/at": "wrong-type",
    }
    assert answer.json()["detail"] == "6 fields are wrong; nothing was changed."


def test_the_keys_own_source_may_be_said(mautic):
    assert mautic.post(OK | {"source": "mautic"}).status_code == 201


# --- what is taken, and how it is kept --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field", "kept"),
    [
        ({"phone": "+49 (30) 901-820"}, "phone", "+4930901820"),
        ({"phone": " 030 / 901 820 "}, "phone", "030 / 901 820"),
        ({"first_name": "  Ann\u202e "}, "first_name", "Ann"),
        ({"first_name": "<script>alert(1)</script>{{7*7}}"}, "first_name", "<script>alert(1)</script>{{7*7}}"),
        ({"last_name": "' OR 1=1--"}, "last_name", "' OR 1=1--"),
        ({"score": -5}, "score", -5),
        ({"expected_value": 12.5, "currency": "EUR"}, "expected_value", Decimal("12.50")),
        ({"expected_value": "999999999999.99", "currency": "JPY"}, "expected_value", Decimal("999999999999.99")),
        ({"first_name": None}, "first_name", ""),
    ],
)
def test_what_is_said_is_kept_in_one_form(mautic, said, field, kept):
    answer = mautic.post(OK | said)

    assert answer.status_code == 201
    assert getattr(Lead.objects.get(), field) == kept


def test_a_consent_is_kept_with_its_time_and_who_told_it(mautic):
    mautic.post(OK | {"consent": {"email": {"granted": False, "how": None, "at": "2026-03-02T09:14:00Z"}}})

    kept = {"granted": False, "at": "2026-03-02T09:14:00+00:00", "source": "mautic"}
    assert Lead.objects.get().consent == {"email": kept}


def test_a_company_is_kept_with_the_host_of_its_website(mautic):
    company = {
        "name": "Bücher GmbH",
        "domain": "https://www.Bücher.example/impressum",
        "naics": "4512",
        "annual_revenue": 2500000,
        "employees": 250,
        "locations": 3,
        "country": "DE",
    }

    mautic.post(OK | {"company": company})

    kept = Company.objects.get()
    assert (kept.name, kept.domain, kept.naics) == ("Bücher GmbH", "xn--bcher-kva.example", "4512")
    assert (kept.annual_revenue, kept.employees, kept.locations) == (Decimal(2500000), 250, 3)
    assert Lead.objects.get().company == kept


def test_attributes_become_evidence_of_the_source(mautic):
    mautic.post(OK | {"attributes": {"pain": "Leads get lost.\nEvery week.", "budget": None}})

    evidence = Lead.objects.get().evidence.get()
    assert (evidence.attribute, evidence.text, evidence.source) == ("pain", "Leads get lost.\nEvery week.", "mautic")


def test_touches_are_kept_with_their_times_in_utc(mautic):
    touch = {"at": "2026-03-02T09:14:00.5+01:00", "channel": "Webinar", "campaign": "Spring", "external_id": "t-1"}

    mautic.post(OK | {"touches": [touch]})

    kept = Touch.objects.get()
    assert kept.at.isoformat() == "2026-03-02T08:14:00.500000+00:00"
    assert (kept.channel.slug, kept.campaign.slug, kept.kind) == ("webinar", "spring", "other")
    assert (kept.source, kept.external_id) == ("mautic", "t-1")


def test_a_clock_may_be_five_minutes_fast(mautic):
    touch = {"at": said(minutes=4), "channel": "web"}

    assert mautic.post(OK | {"touches": [touch]}).status_code == 201
