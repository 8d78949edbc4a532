"""What a lead's fields take, and the pointer and code of what they do not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from funnel.models import Company, Lead, Touch
from tests.integrations.api.conftest import codes, row_counts

pytestmark = pytest.mark.django_db

BIG = 2**31
OK = {"email": "ann@example.com"}


def said(minutes=0):
    return (timezone.now() + timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/email", "key-required"),
        ({"email": None, "external_id": None}, "/email", "key-required"),
        ({"external_id": 4711}, "/external_id", "wrong-type"),
        ({"external_id": "leadflow:1"}, "/external_id", "reserved-id"),
        # unknown and privileged fields
        (OK | {"emial": "x"}, "/emial", "unknown-field"),
        (OK | {"__proto__": {}}, "/__proto__", "unknown-field"),
        (OK | {"": 1}, "/", "unknown-field"),
        (OK | {"a/b~c": 1}, "/a~1b~0c", "unknown-field"),
        (OK | {"company": {"_connector": "OR"}}, "/company/_connector", "unknown-field"),
        (OK | {"attributes": {"shoe_size": "44"}}, "/attributes/shoe_size", "unknown-field"),
        (OK | {"owner": "rita@sales.example"}, "/owner", "field-not-writable"),
        (OK | {"id": 1}, "/id", "field-not-writable"),
        (OK | {"version": 7}, "/version", "field-not-writable"),
        (OK | {"created_at": "2026-01-01T00:00:00Z"}, "/created_at", "field-not-writable"),
        (OK | {"stage": "won"}, "/stage", "invalid-choice"),
        (OK | {"stage": 1}, "/stage", "wrong-type"),
        # types
        (OK | {"first_name": 7}, "/first_name", "wrong-type"),
        (OK | {"first_name": ["Ann"]}, "/first_name", "wrong-type"),
        (OK | {"company": "Example"}, "/company", "wrong-type"),
        (OK | {"company": ["Example"]}, "/company", "wrong-type"),
        (OK | {"touches": {"at": "x"}}, "/touches", "wrong-type"),
        (OK | {"touches": [None]}, "/touches/0", "wrong-type"),
        (OK | {"score": "10"}, "/score", "wrong-type"),
        (OK | {"score": True}, "/score", "wrong-type"),
        (OK | {"score": 1.5}, "/score", "wrong-type"),
        (OK | {"score": BIG}, "/score", "out-of-range"),
        (OK | {"score": 10**400}, "/score", "out-of-range"),
        (OK | {"company": {"employees": -1}}, "/company/employees", "out-of-range"),
        (OK | {"consent": {"email": {"granted": "yes"}}}, "/consent/email/granted", "wrong-type"),
        (OK | {"consent": {"email": {}}}, "/consent/email/granted", "required"),
        # text
        (OK | {"first_name": "  "}, "/first_name", "blank"),
        (OK | {"first_name": "\u200b\u202e"}, "/first_name", "blank"),
        (OK | {"first_name": "A" + "\u0301" * 500}, "/first_name", "too-long"),
        (OK | {"first_name": "\x1b[31mAnn"}, "/first_name", "forbidden-character"),
        (OK | {"last_name": "Smith\nBcc: x"}, "/last_name", "forbidden-character"),
        # e-mail and telephone
        *((({"email": email}), "/email", "invalid-email") for email in (
            "ann", "ann@", "a@b@example.com", "ann smith@example.com", "a@x..io", "<a@example.com>",
            "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", f"{'a' * 300}@example.com",
        )),
        ({"email": ""}, "/email", "blank"),
        ({"email": ["a@example.com"]}, "/email", "wrong-type"),
        (OK | {"phone": "call me"}, "/phone", "invalid-phone"),
        (OK | {"phone": "+1"}, "/phone", "invalid-phone"),
        (OK | {"phone": "9" * 41}, "/phone", "too-long"),
        # money
        *((OK | {"expected_value": money, "currency": "EUR"}, "/expected_value", "invalid-money") for money in (
            "-0.01", -1, "NaN", "1e400", "12,50", "$5", "1_000", "9" * 40, 10**39, "1.005", 1.005, "", "1 000",
        )),
        (OK | {"expected_value": True, "currency": "EUR"}, "/expected_value", "wrong-type"),
        (OK | {"expected_value": "12.50"}, "/currency", "unknown-currency"),
        (OK | {"expected_value": "12.50", "currency": "EURO"}, "/currency", "unknown-currency"),
        (OK | {"expected_value": "12.50", "currency": "XXX"}, "/currency", "unknown-currency"),
        # the company
        *((OK | {"company": {"domain": url}}, "/company/domain", "invalid-url") for url in (
            "javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", "example", "a b.com",
        )),
        (OK | {"company": {"country": "ZZ"}}, "/company/country", "unknown-country"),
        (OK | {"company": {"naics": "5"}}, "/company/naics", "invalid-naics"),
        (OK | {"channel": "paid search!"}, "/channel", "invalid-slug"),
        # times
        *((OK | {"touches": [{"channel": "web", "at": at}]}, "/touches/0/at", code) for at, code in (
            ("2026-02-30T10:00:00Z", "invalid-datetime"), ("2026-01-01T10:00:00", "invalid-datetime"),
            ("2026-01-01T10:00:00+99:99", "invalid-datetime"), ("2026-01-01T10:00:61Z", "invalid-datetime"),
            ("2026-01-01", "invalid-datetime"), ("10000-01-01T00:00:00Z", "invalid-datetime"),
            ("0001-01-01T00:00:00+14:00", "implausible-time"), ("1970-01-01T00:00:00Z", "implausible-time"),
            ("2200-01-01T00:00:00Z", "future-time"), (said(minutes=2880), "future-time"), (1700000000, "wrong-type"),
        )),
        (OK | {"touches": [{"at": "2026-01-01T10:00:00Z"}]}, "/touches/0/channel", "required"),
        (OK | {"touches": [{"channel": "web", "at": None}]}, "/touches/0/at", "wrong-type"),
        (OK | {"touches": [{"kind": "fax", "channel": "web", "at": said()}]}, "/touches/0/kind", "invalid-choice"),
        (OK | {"touches": [{"channel": "web", "at": said()}] * 101}, "/touches", "too-long"),
    ],
)  # fmt: skip
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


def test_of_thousands_of_errors_a_hundred_are_told(mautic):
    answer = mautic.post({f"field_{number}": 1 for number in range(20_000)})

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 100


def test_another_systems_leads_cannot_be_told(mautic):
    before = row_counts()

    answer = mautic.post(OK | {"source": "hubspot"})

    assert (answer.status_code, answer.json()["type"]) == (403, "foreign-source")
    assert codes(answer) == {"/source": "foreign-source"}
    assert row_counts() == before


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
