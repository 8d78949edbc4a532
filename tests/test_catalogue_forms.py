"""The catalogue of bad input into pages, F1 to F15: one test for each row, named by it."""

import html
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FailedSignIn, User
from accounts.sign_in import forget_tries
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


# --- F10 ------------------------------------------------------------------------------------------------------


def ended(client):
    """The session has ended on the server; the browser still sends its cookie."""
    Session.objects.all().delete()
    return client


def test_f10_what_was_typed_when_the_session_ended_is_offered_again_after_signing_in(known, lead):
    client = signed_in(known)
    text = f"Called twice.\n{NASTY}"

    asked = ended(client).post(
        f"/leads/{lead.pk}/notes/", {"text": text}, headers={"Referer": f"http://testserver/leads/{lead.pk}/"}
    )
    assert asked.url == f"/login/?next=/leads/{lead.pk}/"
    inside = client.post("/login/", {"username": known.email, "password": PASSWORD})
    assert inside.url == "/kept/"
    page = client.get("/kept/")
    assert "<script>alert" not in page.content.decode()
    fields = dict(page.context["kept"].fields)
    assert fields == {"text": text}
    assert not LeadText.objects.filter(lead=lead).exists()

    client.post(page.context["kept"].path, fields)

    assert LeadText.objects.get(lead=lead).text == text.strip()


def test_f10_a_part_of_a_page_sends_the_whole_page_to_sign_in(known, lead):
    client = signed_in(known)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/queue/"}

    answer = ended(client).post(f"/leads/{lead.pk}/disposition/", {"outcome": "accept"}, headers=headers)

    assert answer["HX-Redirect"] == "/login/?next=/queue/"


def test_f10_passwords_and_what_is_too_long_are_not_kept(known, lead):
    client = signed_in(known)
    ended(client).post("/me/password/", {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"})
    client.post(f"/leads/{lead.pk}/notes/", {"text": "x" * 200_000})

    assert client.post("/login/", {"username": known.email, "password": PASSWORD}).url == "/"
    assert client.get("/kept/").url == "/"


def test_f10_after_an_hour_or_thrown_away_it_is_gone(known, lead, monkeypatch):
    client = signed_in(known)
    ended(client).post(f"/leads/{lead.pk}/notes/", {"text": "Hello."})
    client.post("/login/", {"username": known.email, "password": PASSWORD})
    monkeypatch.setattr("accounts.kept_input.KEPT_FOR", timedelta(0))
    assert client.get("/kept/").url == "/"
    monkeypatch.undo()

    client.post("/kept/")

    assert client.get("/kept/").url == "/"


def test_f10_whoever_was_never_signed_in_has_nothing_kept(lead):
    client = Client()

    client.post(f"/leads/{lead.pk}/notes/", {"text": "Hello."})

    assert not Session.objects.exists()


# --- F11 ------------------------------------------------------------------------------------------------------


def try_to_sign_in(client, email, password="wrong"):
    return client.post("/login/", {"username": email, "password": password})


def test_f11_after_five_wrong_tries_the_next_has_to_wait_though_it_is_right(known):
    client = Client()
    assert [try_to_sign_in(client, known.email).status_code for _ in range(5)] == [200] * 5

    blocked = try_to_sign_in(client, known.email, PASSWORD)

    assert (blocked.status_code, blocked["Retry-After"]) == (429, "900")
    assert "Wait a quarter of an hour" in text_of(blocked)
    assert try_to_sign_in(client, f" {known.email.upper()} ", PASSWORD).status_code == 429
    assert (
        Client(REMOTE_ADDR="10.0.0.9").post("/login/", {"username": known.email, "password": PASSWORD}).status_code
        == 302
    )
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=15, seconds=1))
    assert try_to_sign_in(client, known.email, PASSWORD).status_code == 302


def test_f11_tries_that_count_no_more_are_forgotten(known):
    try_to_sign_in(Client(), known.email)

    assert forget_tries(now=timezone.now()) == 0
    assert forget_tries(now=timezone.now() + timedelta(minutes=16)) == 1


def test_f11_a_right_password_forgets_the_wrong_ones(known):
    for _ in range(3):
        client = Client()
        for _ in range(4):
            try_to_sign_in(client, known.email)
        assert try_to_sign_in(client, known.email, PASSWORD).status_code == 302


def test_f11_somebody_unknown_is_told_and_blocked_like_somebody_known(known):
    said = []
    for email in (known.email, "nobody@sales.example"):
        client = Client()
        answers = [try_to_sign_in(client, email) for _ in range(6)]
        said.append([(one.status_code, one.context["form"].non_field_errors()) for one in answers])

    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rita@sales.example", "x" * 1_000_000),
        ("ri\x00ta@sales.example", "x"),
        ("rita@sales.example", "a\x00b"),
        ("", ""),
    ],
)
def test_f11_what_cannot_be_a_password_is_no_try(known, email, password):
    assert try_to_sign_in(Client(), email, password).status_code == 400
    assert not FailedSignIn.objects.exists()


@pytest.mark.parametrize(("is_production", "is_blocked"), [(True, True), (False, False)])
def test_f11_only_productions_proxy_is_believed_where_somebody_sits(known, settings, is_production, is_blocked):
    settings.PRODUCTION = is_production
    for number in range(5):
        address = f"10.9.9.{number}"
        Client(REMOTE_ADDR=address).post(
            "/login/",
            {"username": known.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"6.6.6.{number}, 203.0.113.7"},
        )

    answer = Client(REMOTE_ADDR="10.9.9.9").post(
        "/login/", {"username": known.email, "password": PASSWORD}, headers={"X-Forwarded-For": "203.0.113.7"}
    )

    assert (answer.status_code == 429) == is_blocked


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


# --- F15 ------------------------------------------------------------------------------------------------------


def change(client, user, **given):
    known = {"name": user.name, "email": user.email, "role": user.role, "is_active": "on", "is_staff": "on"}
    known |= {"is_superuser": "on", "formats": user.formats, "mails": user.mails}
    given = {name: value for name, value in (known | given).items() if value is not None}
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), given)


@pytest.mark.parametrize("given", [{"is_active": None}, {"role": "rep"}, {"is_staff": None}])
def test_f15_the_last_admin_stays_one(admin, admin_client, given):
    answer = change(admin_client, admin, **given)

    assert answer.status_code == 409
    now = User.objects.get(pk=admin.pk)
    assert (now.is_active, now.role, now.is_staff) == (True, "admin", True)


def test_f15_nobody_deactivates_himself_though_there_are_other_admins(admin, admin_client):
    other = User.objects.create_superuser("otto@it.example", "x", name="Otto")
    answer = change(admin_client, admin, is_active=None)

    assert answer.status_code == 409
    assert "You cannot deactivate yourself" in text_of(answer)
    assert change(admin_client, other, is_active=None).status_code == 302
    assert not User.objects.get(pk=other.pk).is_active


def test_f15_nobody_is_deleted(admin, admin_client, rep):
    assert admin_client.post(reverse("admin:accounts_user_delete", args=[admin.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=admin.pk).exists()
