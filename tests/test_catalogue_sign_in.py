"""The catalogue of bad input into pages: signing in, and who stays an admin, F10 to F12 and F15."""

import html
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FailedSignIn, Mail, User
from accounts.sign_in import forget_tries
from funnel.models import LeadText
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


# --- F12 ------------------------------------------------------------------------------------------------------

FORGOTTEN, NEW_PASSWORD = "/password/forgotten/", "another long way to go"


def ask_for_link(client, email, **how):
    answer = client.post(FORGOTTEN, {"email": email}, **how)
    assert (answer.status_code, answer["Location"]) == (302, "/password/sent/")


def link_of(mail):
    return next(line for line in mail.text.splitlines() if "/password/new/" in line)


def choose(client, link, password=NEW_PASSWORD):
    path = link.partition("://")[2].partition("/")[2]
    form = client.get(f"/{path}", follow=True)
    if not form.context["validlink"]:
        return form
    return client.post(form.redirect_chain[-1][0], {"new_password1": password, "new_password2": password})


@pytest.mark.parametrize("email", ["nobody@sales.example", "RITA@sales.example", "rita@sales.example"])
def test_f12_a_forgotten_password_gets_the_same_page_for_everybody(known, email):
    ask_for_link(Client(), email)

    assert [mail.to for mail in Mail.objects.all()] == ([known.email] if "rita" in email.lower() else [])


def test_f12_the_link_is_good_once_and_ends_other_sessions(known):
    elsewhere = signed_in(known)
    ask_for_link(Client(), known.email)
    link = link_of(Mail.objects.get())

    assert choose(Client(), link).url == "/login/"

    assert "This link is used up" in text_of(choose(Client(), link))
    assert elsewhere.get("/me/").status_code == 302
    assert Client().post("/login/", {"username": known.email, "password": NEW_PASSWORD}).status_code == 302


def test_f12_the_link_leads_home_whatever_host_the_request_named(known, settings):
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://leadflow.example", ["*"]
    ask_for_link(Client(), known.email, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    assert link_of(Mail.objects.get()).startswith("https://leadflow.example/password/new/")
    assert "evil" not in Mail.objects.get().text


def test_f12_asked_for_many_times_there_is_one_mail(known):
    for _ in range(3):
        ask_for_link(Client(), known.email)

    assert Mail.objects.count() <= 2  # the five minutes may have turned


@pytest.mark.parametrize("password", ["short", "password12345", ""])
def test_f12_a_new_password_that_everybody_uses_is_refused(known, password):
    ask_for_link(Client(), known.email)

    answer = choose(Client(), link_of(Mail.objects.get()), password)

    assert answer.context["form"].errors
    assert User.objects.get(pk=known.pk).check_password(PASSWORD)


@pytest.mark.parametrize("path", ["MQ/x-y", "x/y", "9" * 50 + "/1-1", "MQ/" + "z" * 2_000])
def test_f12_a_forged_link_is_used_up(known, path):
    answer = Client().get(f"/password/new/{path}/")

    assert answer.status_code == 200
    assert "This link is used up" in text_of(answer)


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
