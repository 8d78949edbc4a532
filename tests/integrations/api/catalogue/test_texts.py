"""A24 to A31: texts that want to be more than texts, and fields that are not the caller's to write."""

import json
from urllib.parse import quote

import pytest
from django.utils.html import escape

from funnel.models import Campaign, Lead, LeadSearch
from tests.factories import NOW, AgreementFactory
from tests.integrations.api.catalogue.refusals import refused
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Ann\u202egnp.exe", "Anngnp.exe"),
        ("\u2066Ann\u2069", "Ann"),
        ("A\u200bnn", "Ann"),
        ("\ufeffAnn", "Ann"),
        ("Ann\u2028Smith\u2029", "AnnSmith"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that Persian needs stays
        ("Zoe\u0301", "Zoe\u0301"),
    ],
)
def test_a24_marks_that_only_hide_what_a_text_says_are_taken_out(mautic, marketing_client, said, kept):
    answer = mautic.post({"email": "ann@example.com", "first_name": said})

    assert (answer.status_code, answer.json()["first_name"]) == (201, kept)
    assert kept in marketing_client.get(f"/leads/{answer.json()['id']}/").content.decode()


@pytest.mark.parametrize("name", ["\x1b[31mAnn", "Ann\x07", "Ann\rBcc: x", "Ann\nBcc: x", "An\x85n", "Ann\x7f"])
def test_a24_control_characters_are_refused(mautic, lead, name):
    body = {"email": "ann@buyer.example", "first_name": name}

    refused(lambda: mautic.post(body), 400, "invalid-fields", {"/first_name": "forbidden-character"})


MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "{{7919*7919}}",
    "{% debug %}",
    "${7919*7919}",
    "</script><!--",
]


@pytest.mark.parametrize("markup", MARKUP)
def test_a25_markup_is_text_on_every_page(mautic, signed_agreement, rep, rep_client, admin_client, markup):
    answer = mautic.post(
        {
            "email": "ann@example.com",
            "first_name": markup,
            "last_name": markup,
            "title": markup,
            "company": {"name": markup},
            "campaign": "spring",
            "self_reported_source": markup,
            "attributes": {"pain": markup},
            "touches": [{"at": NOW.isoformat(), "channel": "web", "campaign": "spring", "subject": markup}],
            "stage": "mql",
        }
    )
    assert (answer.status_code, answer.json()["first_name"]) == (201, markup)
    mautic.post({"slug": "spring", "name": markup}, url="/api/v1/campaigns/")
    Lead.objects.update(owner=rep, team=rep.team)
    lead = Lead.objects.get()

    pages = {
        rep_client: ["/queue/", "/leads/", f"/leads/{lead.pk}/", "/notifications/"],
        admin_client: [
            *("/leads/", f"/leads/{lead.pk}/", "/campaigns/", "/reports/closed-loop/?by=campaign"),
            *(f"/admin/funnel/lead/{lead.pk}/change/", f"/admin/funnel/campaign/{Campaign.objects.get().pk}/change/"),
        ],
    }
    shown = 0
    for client, urls in pages.items():
        for url in urls:
            page = client.get(url)
            assert page.status_code == 200, url
            text = page.content.decode()
            assert markup == escape(markup) or markup not in text, url
            assert str(7919 * 7919) not in text, url
            shown += escape(markup) in text
    assert shown >= 6


@pytest.mark.parametrize(
    "text", ["' OR 1=1--", "1;SELECT pg_sleep(8)--", "100%", "a_b", "a\\b", "Robert'); DROP TABLE x"]
)
def test_a26_sql_is_text_when_it_is_kept_and_when_it_is_looked_for(mautic, text):
    told = mautic.post({"email": "ann@example.com", "first_name": text}).json()
    mautic.post({"email": "ben@example.com", "first_name": "100x axb ab"})

    assert Lead.objects.get(pk=told["id"]).first_name == text
    found = mautic.get(f"{LEADS}?q={quote(text)}").json()["results"]
    assert [one["id"] for one in found] == [told["id"]]


@pytest.mark.parametrize("asked", ["%", "_", "\\", "--", "' '", "*"])
def test_a26_what_has_neither_letter_nor_digit_finds_nobody(mautic, lead, asked):
    assert LeadSearch.objects.exists()
    assert mautic.get(f"{LEADS}?q={quote(asked)}").json()["results"] == []
    assert mautic.get(f"{LEADS}?team={quote(asked)}").json()["results"] == []
    assert mautic.get(f"{LEADS}?external_id={quote(asked)}").json()["results"] == []


BAD_URLS = ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", "ftp://example.com",
            "example", "a b.com", "https://", "http://user@example.com"]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_a27_an_address_of_the_web_that_is_none(mautic, lead, url):
    company = {"email": "ann@buyer.example", "company": {"domain": url}}

    refused(lambda: mautic.post(company), 400, "invalid-fields", {"/company/domain": "invalid-url"})


@pytest.mark.parametrize("url", [*BAD_URLS[:5], "https://127.0.0.1/", "https://[::1]/", "https://user:x@192.0.2.1/"])
def test_a27_an_endpoint_that_must_not_be_called(mautic, url):
    body = {"name": "CRM", "url": url}

    refused(lambda: mautic.post(body, url="/api/v1/endpoints/"), 400, "invalid-fields", {"/url": "url-not-allowed"})


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (LEADS, {"email": "ann@buyer.example", "emial": "x"}),
        ("promote", {"emial": 1}),
        ("touches", {"touches": [{"at": NOW.isoformat(), "channel": "web"}], "emial": 1}),
        ("dispositions", {"outcome": "accept", "rep": "rita@sales.example", "version": 1, "emial": 1}),
        (f"{LEADS}bulk/", {"leads": [{"email": "ann@buyer.example"}], "emial": 1}),
        ("/api/v1/touches/bulk/", {"touches": [{}], "emial": 1}),
        ("/api/v1/channels/", {"slug": "web", "emial": 1}),
        ("/api/v1/campaigns/", {"slug": "spring", "emial": 1}),
        ("/api/v1/endpoints/", {"name": "CRM", "url": "https://192.0.2.1/", "emial": 1}),
    ],
)
def test_a28_an_unknown_field_in_any_body(mautic, lead, rep, url, body):
    url = url if url.startswith("/") else f"{LEADS}{lead.pk}/{url}/"

    refused(lambda: mautic.post(body, url=url), 400, "invalid-fields", {"/emial": "unknown-field"})


@pytest.mark.parametrize("part", ["company", "attributes", "consent"])
def test_a28_an_unknown_field_deep_inside(mautic, lead, part):
    body = {"email": "ann@buyer.example", part: {"emial": "x"}}

    refused(lambda: mautic.post(body), 400, "invalid-fields", {f"/{part}/emial": "unknown-field"})


PRIVILEGED = {
    "id": 1, "owner": "rita@sales.example", "team": "West", "version": 7, "created_at": "2026-01-01T00:00:00Z",
    "is_staff": True, "role": "admin", "tenant": 1, "due_at": None, "black_hole": False, "merged_into": 1,
    "amount": "5",
}  # fmt: skip


@pytest.mark.parametrize("field", PRIVILEGED)
def test_a29_what_only_leadflow_or_sales_writes(mautic, lead, field):
    body = {"email": "ann@buyer.example", field: PRIVILEGED[field]}

    refused(lambda: mautic.post(body), 400, "invalid-fields", {f"/{field}": "field-not-writable"})


@pytest.mark.parametrize("field", [*PRIVILEGED, "stage", "email", "external_id", "source", "channel", "touches"])
def test_a29_what_a_change_may_not_touch(mautic, lead, field):
    body = {field: PRIVILEGED.get(field, "mql")}

    def patch():
        headers = mautic.headers | {"If-Match": '"v1"'}
        url = f"{LEADS}{lead.pk}/"
        return mautic.client.patch(url, json.dumps(body), content_type="application/json", headers=headers)

    refused(patch, 400, "invalid-fields", {f"/{field}": "field-not-writable"})


@pytest.mark.parametrize("stage", ["sal", "sql", "won", "lost", "disqualified", "closed"])
def test_a29_a_stage_that_sales_decides(mautic, lead, stage):
    AgreementFactory()
    body = {"email": "ann@buyer.example", "stage": stage}

    refused(lambda: mautic.post(body), 400, "invalid-fields", {"/stage": "invalid-choice"})


@pytest.mark.parametrize("key", ["__proto__", "constructor", "_connector", "", "email__in", "pk", "a/b~c"])
def test_a30_keys_that_other_programs_read_something_into(mautic, lead, key):
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    for body in ({key: {}}, {key: "OR"}):
        send = lambda body=body: mautic.post({"email": "ann@buyer.example"} | body)  # noqa: E731
        refused(send, 400, "invalid-fields", {pointer: "unknown-field"})


def test_a30_a_key_of_nul(mautic, lead):
    refused(
        lambda: mautic.send(rb'{"email": "ann@buyer.example", "\u0000": 1}'),
        400,
        "forbidden-character",
        {"/?": "forbidden-character"},
    )


def test_a31_an_object_of_20000_keys(mautic, lead):
    body = {"email": "ann@buyer.example", "custom": {f"field_{number}": 1 for number in range(20_000)}}

    refused(lambda: mautic.post(body), 400, "too-many-fields")


def test_a31_a_value_of_a_megabyte(mautic, lead):
    body = {"email": "ann@buyer.example", "custom": {"text": "x" * 1_000_000}}

    refused(lambda: mautic.post(body), 413, "too-large")


@pytest.mark.parametrize("custom", [[[1], [[2]]], {"a": [[1]]}, [], {}, None])
def test_a31_there_is_no_field_for_anything_else(mautic, lead, custom):
    body = {"email": "ann@buyer.example", "custom": custom}

    refused(lambda: mautic.post(body), 400, "invalid-fields", {"/custom": "unknown-field"})


def test_a31_of_many_errors_a_hundred_are_told(mautic, lead):
    answer = mautic.post({"email": "ann@buyer.example"} | {f"field_{number}": 1 for number in range(900)})

    assert (answer.status_code, len(answer.json()["errors"])) == (400, 100)
