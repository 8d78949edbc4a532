"""The catalogue of bad input into pages, F1 to F9, F13 and F14: one test for each row, named by it.

F10 to F12 and F15: tests/test_catalogue_sign_in.py.
"""

import html
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from dispositions.models import Disposition
from funnel.models import Lead, LeadText
from tests.conftest import signed_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long way to the lead"
NASTY = "<script>alert(1)</script> \u202egnp.exe {{7*7}} 'OR 1=1--"


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep)


@pytest.fixture
def known(rep, settings):
    """The rep, with a password that is quickly checked."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    rep.set_password(PASSWORD)
    rep.save()
    return rep


def text_of(answer):
    return html.unescape(answer.content.decode())


# --- F1 -------------------------------------------------------------------------------------------------------

FORMS = ["/me/", "/leads/new/", "/leads/{}/notes/", "/leads/{}/disposition/", "/leads/{}/edit/contact/", "/login/"]


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize("token", [None, "", "x" * 64, "foreign"])
def test_f1_a_form_without_its_token_is_refused_on_a_page_that_says_what_to_do(rep, lead, address, token):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rep)
    client.get("/me/")
    given = {} if token is None else {"csrfmiddlewaretoken": token}
    before = LeadText.objects.count(), Disposition.objects.count(), Lead.objects.get(pk=lead.pk).version

    answer = client.post(address.format(lead.pk), given | {"text": "Hello.", "outcome": "accept", "last_name": "X"})

    assert answer.status_code == 403
    assert "This form has expired" in text_of(answer)
    assert (LeadText.objects.count(), Disposition.objects.count(), Lead.objects.get(pk=lead.pk).version) == before


# --- F2 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\t//e.x",
    ],
)
def test_f2_signing_in_leads_to_no_other_site(known, target):
    answer = Client().post("/login/", {"username": known.email, "password": PASSWORD, "next": target})

    assert (answer.status_code, answer["Location"]) == (302, "/")


# --- F3 -------------------------------------------------------------------------------------------------------


def test_f3_a_form_of_a_lead_that_changed_meanwhile_says_who_did_it_and_keeps_the_input(rep, rep_client, manager, lead):
    edited = {"last_name": "Mine", "version": lead.version}
    signed_in(manager).post(f"/leads/{lead.pk}/edit/contact/", {"last_name": "Theirs", "version": lead.version})

    answer = rep_client.post(f"/leads/{lead.pk}/edit/contact/", edited)

    assert answer.status_code == 409
    assert "Mine" in text_of(answer)
    assert manager.name in text_of(answer)
    assert Lead.objects.get(pk=lead.pk).last_name == "Theirs"


def test_f3_an_outcome_of_a_lead_that_moved_meanwhile_is_not_recorded(rep_client, manager, lead):
    accept = {"outcome": "accept", "version": lead.version}
    signed_in(manager).post(f"/leads/{lead.pk}/disposition/", accept)

    answer = rep_client.post(f"/leads/{lead.pk}/disposition/", accept | {"note": "My own words"})

    assert answer.status_code == 409
    assert manager.name in text_of(answer)
    assert Disposition.objects.count() == 1


# --- F4 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["accept", "no_answer", "conversation"])
def test_f4_an_outcome_sent_twice_is_recorded_once(rep_client, lead, outcome):
    given = {"outcome": outcome, "version": lead.version}

    first, second = (rep_client.post(f"/leads/{lead.pk}/disposition/", given).status_code for _ in range(2))

    assert (first, second) == (302, 409)
    assert Disposition.objects.filter(outcome=outcome).count() == 1


def test_f4_a_note_sent_twice_is_kept_once(rep_client, lead):
    for _ in range(2):
        rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Hello."})

    assert LeadText.objects.filter(text="Hello.").count() == 1
    rep_client.post(f"/leads/{lead.pk}/notes/", {"text": "Hello again."})
    assert LeadText.objects.filter(text__startswith="Hello").count() == 2


def test_f4_a_new_lead_sent_twice_is_one_lead(rep_client):
    given = {"last_name": "Ash", "email": "ash@buyer.example", "token": str(uuid4()), "channel": ""}

    answers = [rep_client.post("/leads/new/", given).status_code for _ in range(2)]

    assert Lead.objects.filter(email="ash@buyer.example").count() <= 1
    assert answers[1] in {302, 409, 422}


# --- F5 -------------------------------------------------------------------------------------------------------

INJECTED = {
    "owner": "1",
    "team": "1",
    "stage": "won",
    "role": "admin",
    "is_staff": "on",
    "is_superuser": "on",
    "id": "1",
}


def test_f5_another_leads_id_in_the_form_changes_nothing_there(rep_client, lead, eastern_rep):
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)
    given = {"last_name": "Mine", "version": lead.version, "lead": foreign.pk, "lead_id": foreign.pk, "pk": foreign.pk}

    rep_client.post(f"/leads/{lead.pk}/edit/contact/", given)

    assert Lead.objects.get(pk=lead.pk).last_name == "Mine"
    assert Lead.objects.get(pk=foreign.pk).last_name == foreign.last_name
    for path in ("edit/contact/", "notes/", "disposition/", "merge/", "take/"):
        assert rep_client.post(f"/leads/{foreign.pk}/{path}", given | {"outcome": "accept"}).status_code == 404


def test_f5_what_a_form_does_not_offer_is_ignored(rep, rep_client, lead):
    rep_client.post(f"/leads/{lead.pk}/edit/contact/", {"last_name": "Mine", "version": lead.version} | INJECTED)
    profile = {"name": "Rita", "time_zone": "", "formats": "en-gb", "mails": "at_once"}
    rep_client.post("/me/", profile | INJECTED)

    now = Lead.objects.get(pk=lead.pk)
    assert (now.last_name, now.owner_id, now.stage) == ("Mine", rep.pk, lead.stage)
    me = User.objects.get(pk=rep.pk)
    assert (me.name, me.role, me.is_staff, me.is_superuser) == ("Rita", "rep", False, False)


# --- F6 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("formats", "xx-yy"),
        ("formats", ""),
        ("mails", "sometimes"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("name", ""),
        ("name", "x" * 151),
        ("name", "A\x00B"),
    ],
)
def test_f6_a_value_that_was_not_offered_is_an_error_of_its_field(rep, rep_client, field, value):
    given = {"name": "Rita", "time_zone": "", "formats": "en-gb", "mails": "at_once"}

    answer = rep_client.post("/me/", given | {field: value})

    assert answer.status_code == 422
    assert User.objects.get(pk=rep.pk).name == rep.name


@pytest.mark.parametrize("outcome", ["", "undo", "steal", "accept\x00"])
def test_f6_an_outcome_that_was_not_offered_is_none(rep_client, lead, outcome):
    assert rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": outcome}).status_code == 404
    assert not Disposition.objects.exists()


def test_f6_of_a_field_that_is_there_twice_one_value_counts(rep_client, lead):
    rep_client.post(f"/leads/{lead.pk}/disposition/", {"outcome": ["steal", "accept"], "version": lead.version})

    assert [one.outcome for one in Disposition.objects.all()] == ["accept"]


# --- F7 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x" * 2_001, "x" * 1_000_000, "😀" * 2_001])
def test_f7_a_note_that_is_too_long_says_so_and_is_not_kept(rep_client, lead, text):
    answer = rep_client.post(f"/leads/{lead.pk}/notes/", {"text": text})

    assert answer.status_code == 422
    assert "2,000" in text_of(answer) or "2000" in text_of(answer)
    assert not LeadText.objects.filter(lead=lead).exists()


@pytest.mark.parametrize("text", [NASTY, "😀" * 500, "é" * 1_000, "\u200b\u2028a"])
def test_f7_whatever_a_note_says_is_shown_as_text(rep_client, lead, text):
    rep_client.post(f"/leads/{lead.pk}/notes/", {"text": text})

    page = rep_client.get(f"/leads/{lead.pk}/").content.decode()
    assert "<script>alert" not in page
    assert LeadText.objects.get(lead=lead).text == text.strip()


# --- F8 -------------------------------------------------------------------------------------------------------

LISTS = [
    *("leads/", "black-hole/", "team/", "reports/closed-loop/", "notifications/", "campaigns/", "campaigns/spend/"),
    *("loop/", "queue/", "disputes/", "nurture/", "proof/", "imports/hooks/", "endpoints/", "api-keys/"),
]
STRANGE = [
    "x" * 3_000,
    "%00",
    "%ff",
    "%F0%9F%98%80",
    "%E2%80%AE",
    "%25_%5C",
    "-1",
    "9" * 5_000,
    "1e9",
    "2026-02-30",
    "%0d%0aX:1",
]


@pytest.mark.parametrize("path", LISTS)
def test_f8_strange_words_in_an_address_break_no_list(admin_client, lead, path):
    names = ("q", "page", "sort", "channel", "team", "from", "to", "state", "before", "source", "stage", "lead", "show")
    for value in STRANGE:
        query = "&".join(f"{name}={value}" for name in names)
        status = admin_client.get(f"/{path}?{query}").status_code
        assert status in {200, 302, 400, 404}, (value[:20], status)


# --- F9 -------------------------------------------------------------------------------------------------------


def test_f9_of_many_that_were_ticked_only_those_in_scope_are_touched(rep_client, rep, eastern_rep):
    mine = [LeadFactory(handed_off=True, owner=rep) for _ in range(2)]
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)
    ids = [one.pk for one in (*mine, foreign)] + list(range(900_000, 900_100))

    answer = rep_client.post("/leads/bulk/", {"lead": ids, "said": "refuse:no_budget"})

    assert answer.status_code == 200
    assert set(Disposition.objects.values_list("lead", flat=True)) == {one.pk for one in mine}
    assert (len(answer.context["results"]), answer.context["done"]) == (103, 2)


@pytest.mark.parametrize("count", [501, 900])
def test_f9_more_than_500_are_refused_with_their_count(rep_client, lead, count):
    ids = [lead.pk, *range(900_000, 900_000 + count - 1)]

    answer = rep_client.post("/leads/bulk/", {"lead": ids, "said": "refuse:no_budget"})

    assert answer.status_code == 422
    assert f"{count}" in text_of(answer)
    assert "500" in text_of(answer)
    assert not Disposition.objects.exists()


def test_f9_ten_thousand_are_refused_before_they_are_read(rep_client, lead):
    answer = rep_client.post("/leads/bulk/", {"lead": [lead.pk] * 10_000, "said": "refuse:no_budget"})

    assert answer.status_code == 400
    assert not Disposition.objects.exists()


# --- F13 ------------------------------------------------------------------------------------------------------


def test_f13_no_page_takes_a_picture_or_another_attachment_of_a_lead():
    """Only imports take files; they are read as tables and never served."""
    fields = {field.get_internal_type() for model in (Lead, User, LeadText) for field in model._meta.concrete_fields}

    assert fields & {"FileField", "ImageField"} == set()


# --- F14 ------------------------------------------------------------------------------------------------------


def test_f14_a_lead_is_not_merged_with_itself(rep_client, lead):
    answer = rep_client.post(f"/leads/{lead.pk}/merge/", {"other": lead.pk})

    assert answer.status_code == 400
    assert Lead.objects.get(pk=lead.pk).merged_into is None


@pytest.mark.parametrize("other", ["foreign", "0", "-1", "abc", "9" * 30, ""])
def test_f14_nor_with_one_out_of_scope_or_one_that_is_none(rep_client, lead, eastern_rep, other):
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)

    answer = rep_client.post(f"/leads/{lead.pk}/merge/", {"other": foreign.pk if other == "foreign" else other})

    assert answer.status_code == 404
    assert not Lead.objects.exclude(merged_into=None).exists()
