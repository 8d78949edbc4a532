"""/notifications/ and /me/."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Notification, User
from accounts.notifications import notify
from tests.factories import NOW

PASSWORD = "a long way to the lead"
PROFILE = {"name": "Rita", "time_zone": "", "formats": "en-gb", "mails": "at_once"}


@pytest.fixture
def told(rep):
    notify([rep], kind="reminder", key="ladder:1", text="Bea <b>Buyer</b> waits.", url="/leads/1/", at=NOW)
    return Notification.objects.get()


# --- notifications --------------------------------------------------------------------------------------------


def test_what_was_told_is_listed_as_text_with_its_link(told, rep_client):
    page = rep_client.get("/notifications/").text

    assert "Bea &lt;b&gt;Buyer&lt;/b&gt; waits." in page
    assert f'action="/notifications/{told.pk}/read/?"' in page


def test_what_was_read_is_a_plain_link(told, rep_client):
    Notification.objects.update(read_at=NOW)

    assert 'href="/leads/1/"' in rep_client.get("/notifications/").text


def test_they_are_put_together_by_the_viewers_days(rep, rep_client):
    rep.time_zone = "Asia/Tokyo"
    rep.save()
    for key, hours in (("today", 0), ("yesterday", 24), ("old", 7 * 24)):
        notify([rep], kind="reminder", key=key, text=key, at=timezone.now() - timedelta(hours=hours))
    last = timezone.now().astimezone(rep.zone) - timedelta(days=7)

    headings = re.findall(r"<h2 id=.day-\d.>(.+)</h2>", rep_client.get("/notifications/").text)

    assert headings == ["Today", "Yesterday", f"{last:%A}, {last.day} {last:%b %Y}"]


def test_what_was_read_can_be_left_out(told, rep, rep_client):
    notify([rep], kind="reminder", key="ladder:2", text="Ann waits.", at=NOW)
    Notification.objects.filter(pk=told.pk).update(read_at=NOW)

    page = rep_client.get("/notifications/?show=unread").text

    assert ("Ann waits." in page, "Buyer" in page) == (True, False)


def test_once_all_is_read_the_filter_says_so(told, rep_client):
    Notification.objects.update(read_at=NOW)

    assert "All read" in rep_client.get("/notifications/?show=unread").text


def test_marking_one_keeps_the_place_in_the_list(told, rep, rep_client):
    notify([rep], kind="reminder", key="newer", text="Ann waits.", at=NOW + timedelta(hours=1))
    newer = Notification.objects.get(key="newer")

    of_all = rep_client.post(f"/notifications/{newer.pk}/read/?page=2", {"stay": "1"})
    Notification.objects.update(read_at=None)
    of_unread = rep_client.post(f"/notifications/{newer.pk}/read/?show=unread", {"stay": "1"})

    assert of_all.url == f"/notifications/?page=2#notification-{newer.pk}"
    assert of_unread.url == f"/notifications/?show=unread#notification-{told.pk}"


def test_the_menu_counts_what_is_unread(told, rep, rep_client):
    notify([rep], kind="reminder", key="ladder:2", text="…", at=NOW)

    assert '<span class="nav-count">2</span>' in rep_client.get("/notifications/").text


def test_opening_one_marks_it_as_read(told, rep_client):
    answer = rep_client.post(f"/notifications/{told.pk}/read/")

    assert (answer.status_code, answer.url) == (302, "/leads/1/")
    assert Notification.objects.get().read_at is not None


def test_looking_at_the_list_marks_nothing(told, rep_client):
    rep_client.get("/notifications/")

    assert Notification.objects.get().read_at is None


def test_all_are_marked_at_once(told, rep, rep_client):
    notify([rep], kind="reminder", key="ladder:2", text="…", at=NOW)

    rep_client.post("/notifications/read/")

    assert not Notification.objects.filter(read_at=None).exists()
    assert "nav-count" not in rep_client.get("/notifications/").text


def test_another_persons_notifications_do_not_exist(told, manager_client):
    assert manager_client.post(f"/notifications/{told.pk}/read/").status_code == 404
    manager_client.post("/notifications/read/")

    assert "Bea" not in manager_client.get("/notifications/").text
    assert Notification.objects.get().read_at is None


def test_an_empty_list_says_what_will_come(rep_client):
    assert "Nothing to tell you" in rep_client.get("/notifications/").text


def test_a_long_list_has_pages_and_costs_no_more_queries(rep, rep_client, told, queries_for):
    one = queries_for(lambda: rep_client.get("/notifications/"))
    for number in range(60):
        notify([rep], kind="reminder", key=f"more:{number}", text=f"Lead {number} waits.", at=NOW)

    assert queries_for(lambda: rep_client.get("/notifications/")) == one
    assert "51–61 of 61" in rep_client.get("/notifications/?page=2").text


# --- me -------------------------------------------------------------------------------------------------------


@pytest.fixture
def me(rep):
    rep.set_password(PASSWORD)
    rep.save()
    return rep


@pytest.fixture
def browser(me):
    return sign_in(me)


def sign_in(user):
    client = Client()
    assert client.login(username=user.email, password=PASSWORD)
    return client


def test_name_and_time_zone_are_ones_own_to_change(me, browser):
    answer = browser.post("/me/", PROFILE | {"name": "Rita Miller", "time_zone": "Europe/Lisbon", "role": "admin"})

    assert answer.status_code == 302
    assert User.objects.values_list("name", "time_zone", "role").get(pk=me.pk) == (
        "Rita Miller",
        "Europe/Lisbon",
        "rep",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 151),
        ("time_zone", "Mars/Olympus"),
        ("formats", "fr"),
        ("mails", "hourly"),
        ("mails", ""),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_saved(me, browser, field, value):
    answer = browser.post("/me/", PROFILE | {field: value})

    assert (answer.status_code, 'class="errorlist"' in answer.text) == (422, True)
    assert User.objects.get(pk=me.pk).name == "Rita Rep"


def test_dates_numbers_and_mails_are_as_one_wants_them(me, browser):
    browser.post("/me/", PROFILE | {"formats": "en-de", "mails": "daily"})

    assert User.objects.values_list("formats", "mails").get(pk=me.pk) == ("en-de", "daily")
    assert "a number looks like 1.234,50" in browser.get("/me/").text


def test_what_never_means_is_said(browser):
    assert "no mail at all" in browser.get("/me/").text


NEW = "an even longer way to it"


def test_a_new_password_ends_every_other_session(me, browser):
    elsewhere = sign_in(me)

    answer = browser.post("/me/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})

    assert answer.status_code == 302
    assert User.objects.get(pk=me.pk).check_password(NEW)
    assert (browser.get("/me/").status_code, elsewhere.get("/me/").status_code) == (200, 302)


@pytest.mark.parametrize(
    ("old", "new", "again"), [("wrong", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, "other")]
)
def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(me, browser, old, new, again):
    fields = {"old_password": old, "new_password1": new, "new_password2": again}

    assert browser.post("/me/password/", fields).status_code == 422
    assert User.objects.get(pk=me.pk).check_password(PASSWORD)


def test_signing_out_everywhere_leaves_only_this_session(me, browser):
    elsewhere = sign_in(me)

    browser.post("/me/sign-out-everywhere/", {"password": PASSWORD})

    assert (browser.get("/me/").status_code, elsewhere.get("/me/").status_code) == (200, 302)
    assert sign_in(me).get("/me/").status_code == 200


def test_with_a_wrong_password_nobody_is_signed_out(me, browser):
    elsewhere = sign_in(me)

    assert browser.post("/me/sign-out-everywhere/", {"password": "wrong"}).status_code == 422
    assert elsewhere.get("/me/").status_code == 200


@pytest.mark.parametrize("path", ["/me/", "/notifications/"])
def test_whoever_is_not_signed_in_is_asked_to(client, db, path):
    assert client.get(path).url == f"/login/?next={path}"
