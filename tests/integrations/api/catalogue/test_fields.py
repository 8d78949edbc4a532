"""A13 to A23: values of fields that are of the wrong type, out of range, or not what the field is about."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funnel.models import Lead
from tests.integrations.api.catalogue.refusals import refused
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db

BULK = f"{LEADS}bulk/"
SPEND = "/api/v1/spend/"
CAMPAIGNS = "/api/v1/campaigns/"
COSTS = {"channel": "web", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "amount": "10.00", "currency": "EUR"}


def wrong(mautic, fields, errors, url=LEADS, base=None):
    """A call about the known lead with these fields, which all have to be named as wrong."""
    body = ({"email": "ann@buyer.example"} if base is None else base) | fields
    refused(lambda: mautic.post(body, url=url), 400, "invalid-fields", errors)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"score": "10"}, "/score"),
        ({"score": True}, "/score"),
        ({"score": 1.5}, "/score"),
        ({"score": 1.0}, "/score"),
        ({"score": [1]}, "/score"),
        ({"score": {}}, "/score"),
        ({"company": {"employees": "250"}}, "/company/employees"),
        ({"company": {"locations": False}}, "/company/locations"),
        ({"company": "Example"}, "/company"),
        ({"company": ["Example"]}, "/company"),
        ({"first_name": 7}, "/first_name"),
        ({"first_name": ["Ann"]}, "/first_name"),
        ({"external_id": 4711}, "/external_id"),
        ({"stage": 1}, "/stage"),
        ({"touches": {"at": "x"}}, "/touches"),
        ({"touches": [None]}, "/touches/0"),
        ({"consent": {"email": {"granted": "yes"}}}, "/consent/email/granted"),
        ({"consent": {"email": {"granted": 1}}}, "/consent/email/granted"),
        ({"attributes": {"pain": 5}}, "/attributes/pain"),
        ({"expected_value": True, "currency": "EUR"}, "/expected_value"),
        ({"expected_value": ["5"], "currency": "EUR"}, "/expected_value"),
    ],
)
def test_a13_a_value_of_another_type(mautic, lead, fields, pointer):
    wrong(mautic, fields, {pointer: "wrong-type"})


@pytest.mark.parametrize("money", ["1200", "1200.5", 1200, 1200.5])
def test_a13_money_alone_may_be_a_string_of_digits(mautic, money):
    assert mautic.post({"external_id": "1", "expected_value": money, "currency": "EUR"}).status_code == 201


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63, 10**400])
def test_a14_a_number_that_no_column_holds(mautic, lead, number):
    wrong(mautic, {"score": number}, {"/score": "out-of-range"})
    wrong(mautic, {"company": {"employees": number}}, {"/company/employees": "out-of-range"})


def test_a14_employees_below_zero(mautic, lead):
    wrong(mautic, {"company": {"employees": -1}}, {"/company/employees": "out-of-range"})


def test_a14_a_number_of_5000_digits(mautic, lead):
    refused(lambda: mautic.send(b'{"score": ' + b"9" * 5000 + b"}"), 400, "out-of-range")


BAD_MONEY = ["-0.01", -1, "NaN", "1e400", "12,50", "$5", "1_000", "9" * 40, 10**39, "1.005", 1.005, "", "1 000", " 5",
             "+5", "0x10", "Infinity", "٣"]  # fmt: skip


@pytest.mark.parametrize("money", BAD_MONEY, ids=repr)
def test_a15_an_amount_that_is_none(mautic, lead, money):
    wrong(mautic, {"expected_value": money, "currency": "EUR"}, {"/expected_value": "invalid-money"})
    wrong(mautic, {"company": {"annual_revenue": money}}, {"/company/annual_revenue": "invalid-money"})
    wrong(mautic, {"amount": money}, {"/amount": "invalid-money"}, SPEND, COSTS)


@pytest.mark.parametrize("currency", ["EURO", "XXX", "eur", "E", "€€€"])
def test_a16_an_unknown_currency(mautic, lead, currency):
    wrong(mautic, {"expected_value": "12.50", "currency": currency}, {"/currency": "unknown-currency"})
    wrong(mautic, {"currency": currency}, {"/currency": "unknown-currency"}, SPEND, COSTS)


def test_a16_an_amount_without_a_currency(mautic, lead):
    wrong(mautic, {"expected_value": "12.50"}, {"/currency": "unknown-currency"})
    wrong(mautic, {"expected_value": 5}, {"/currency": "unknown-currency"}, CAMPAIGNS, {"slug": "spring"})
    without = {name: value for name, value in COSTS.items() if name != "currency"}
    wrong(mautic, {}, {"/currency": "required"}, SPEND, without)


BAD_DAYS = ["2026-02-30", "2026-13-01", "0000-00-00", "10000-01-01", "31/12/2026", "2026-W01-1", "20260101", "",
            20261231, "2026-01-01T00:00:00Z", "1999-12-31", "2101-01-01"]  # fmt: skip


@pytest.mark.parametrize("day", BAD_DAYS, ids=repr)
def test_a17_a_day_that_is_none(mautic, lead, day):
    wrong(mautic, {"starts_on": day}, {"/starts_on": "invalid-date"}, SPEND, COSTS)
    wrong(mautic, {"ends_on": day}, {"/ends_on": "invalid-date"}, CAMPAIGNS, {"slug": "spring"})


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-01-01T10:00:00", "invalid-datetime"),
        ("2026-01-01T10:00:00+99:99", "invalid-datetime"),
        ("2026-01-01T10:00:00+24:00", "invalid-datetime"),
        ("2026-01-01T10:00:61Z", "invalid-datetime"),
        ("2026-02-30T10:00:00Z", "invalid-datetime"),
        ("2026-01-01", "invalid-datetime"),
        ("2026-01-01 10:00:00Z", "invalid-datetime"),
        ("10000-01-01T00:00:00Z", "invalid-datetime"),
        ("0001-01-01T00:00:00+14:00", "invalid-datetime"),
        ("yesterday", "invalid-datetime"),
        ("", "invalid-datetime"),
        (1700000000, "wrong-type"),
        ("1970-01-01T00:00:00Z", "implausible-time"),
        ("1999-12-31T23:59:59Z", "implausible-time"),
        ("2200-01-01T00:00:00Z", "implausible-time"),
    ],
)
def test_a18_a_moment_that_is_none_or_cannot_have_been(mautic, lead, at, code):
    wrong(mautic, {"touches": [{"channel": "web", "at": at}]}, {"/touches/0/at": code})
    wrong(mautic, {"consent": {"email": {"granted": True, "at": at}}}, {"/consent/email/at": code})


@pytest.mark.parametrize("minutes", [6, 60, 60 * 24 * 365])
def test_a19_a_moment_to_come(mautic, lead, minutes):
    at = (timezone.now() + timedelta(minutes=minutes)).isoformat()

    wrong(mautic, {"touches": [{"channel": "web", "at": at}]}, {"/touches/0/at": "future-time"})


BAD_EMAILS = [
    ("", "blank"), ("ann", "invalid-email"), ("ann@", "invalid-email"), ("@example.com", "invalid-email"),
    ("a@b@example.com", "invalid-email"), ("ann smith@example.com", "invalid-email"), ("a@x..io", "invalid-email"),
    ("a@example.com\r\nBcc: b@example.com", "invalid-email"),
    (f"{'a' * 300}@example.com", "invalid-email"), ("<a@example.com>", "invalid-email"),
    ("Ann <a@example.com>", "invalid-email"), ("a@example.com, b@example.com", "invalid-email"),
    (["a@example.com", "b@example.com"], "wrong-type"), (7, "wrong-type"),
]  # fmt: skip


@pytest.mark.parametrize(("email", "code"), BAD_EMAILS, ids=repr)
def test_a20_an_address_that_is_none(mautic, lead, email, code):
    wrong(mautic, {"email": email}, {"/email": code})
    wrong(mautic, {"email": email}, {"/email": code}, base={"external_id": "7"})


@pytest.mark.parametrize(
    "spelling",
    ["Ann@Buyer.Example", "  ann@buyer.example ", "\uff41nn@buyer.example", "ANN@BUYER.EXAMPLE", "ann@buyer．example"],
)
def test_a21_one_address_in_other_letters_is_the_same_lead(mautic, lead, spelling):
    answer = mautic.post({"email": spelling})

    assert (answer.status_code, answer.json()["id"]) == (200, lead.pk)
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("domain", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
def test_a21_an_international_domain_is_the_same_in_all_its_forms(mautic, domain):
    mautic.post({"email": "ann@bücher.example"})

    assert mautic.post({"email": f"ann@{domain}"}).status_code == 200


@pytest.mark.parametrize(
    "phone", ["call me", "+1", "+1 (555) CALL-NOW", "9" * 40, "+" + "9" * 40, "+49 30 901820;x", "()"]
)
def test_a22_a_number_that_nobody_can_call(mautic, lead, phone):
    wrong(mautic, {"phone": phone}, {"/phone": "invalid-phone"})


@pytest.mark.parametrize(
    ("phone", "kept"),
    [("+1 (555) 010-9999", "+15550109999"), ("+49 (30) 901-820", "+4930901820"), (" 030 / 901 820 ", "030 / 901 820")],
)
def test_a22_a_number_is_kept_in_one_form(mautic, lead, phone, kept):
    mautic.post({"external_id": "7", "phone": phone})

    lead.refresh_from_db()
    assert lead.phone == kept


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x" * 256, "too-long"),
        ("x" * 900_000, "too-long"),
        ("A" + "\u0301" * 500, "too-long"),
        ("", "blank"),
        ("   ", "blank"),
        ("\t\n", "blank"),
        ("\u00a0\u2003", "blank"),
        ("\u200b\u202e", "blank"),
    ],
    ids=["256", "900,000", "500 accents", "empty", "spaces", "tab", "wide spaces", "invisible"],
)
def test_a23_a_name_that_is_too_long_or_none(mautic, lead, name, code):
    for field in ("first_name", "last_name", "title", "self_reported_source"):
        wrong(mautic, {field: name}, {f"/{field}": code})
    wrong(mautic, {"company": {"name": name}}, {"/company/name": code})


def test_a23_a_name_of_a_megabyte(mautic, lead):
    refused(lambda: mautic.post({"email": "ann@buyer.example", "first_name": "x" * 1_000_000}), 413, "too-large")
