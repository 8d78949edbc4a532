"""API keys in the browser: shown once, renewed and revoked by who made them."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from integrations.models import ApiKey
from integrations.services.keys import create_key, find_key

pytestmark = pytest.mark.django_db

NEW = "/api-keys/new/"
GIVEN = {"name": "Shop", "source": "shop", "scopes": ["leads:read", "leads:write"], "lasts": "90"}


def text_of(answer):
    return html.unescape(answer.content.decode())


def key_in(answer):
    return re.search(r'value="(lf_[\w-]+)"', text_of(answer))[1]


def key_of(user=None, **given):
    given = {"name": "Bridge", "source": "crm", "scopes": ["leads:read"], "at": timezone.now()} | given
    return create_key(**given, by=user and user.pk)


def test_a_key_is_made_and_shown_once(marketing_client, marketing):
    answer = marketing_client.post(NEW, GIVEN)

    key, row = key_in(answer), ApiKey.objects.get()
    assert find_key(key, at=timezone.now()) == row
    assert (row.name, row.source, row.scopes, row.created_by) == (
        "Shop",
        "shop",
        ["leads:read", "leads:write"],
        marketing,
    )
    assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)
    assert "no-store" in answer["Cache-Control"]
    assert key not in text_of(marketing_client.get("/api-keys/"))
    assert key not in str(list(Session.objects.values_list()))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scopes": ["dispositions:write"]}, "scopes"),
        ({"scopes": ["leads:burn"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"lasts": "1000"}, "lasts"),
        ({"name": "Bridge"}, "__all__"),
        ({"source": ""}, "source"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(marketing_client, given, field):
    key_of()

    answer = marketing_client.post(NEW, GIVEN | given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert ApiKey.objects.count() == 1


def test_only_an_admin_lets_a_key_speak_for_reps(admin_client):
    admin_client.post(NEW, GIVEN | {"scopes": ["dispositions:write"], "lasts": "never"})

    assert ApiKey.objects.values_list("scopes", "expires_at").get() == (["dispositions:write"], None)


def test_who_made_a_key_renews_it_and_the_old_one_is_good_as_long_as_asked(marketing_client, marketing):
    row, old = key_of(marketing)

    new = key_in(marketing_client.post(reverse("api-key-renew", args=[row.pk]), {"keep_old": "24"}))

    now = timezone.now()
    assert find_key(old, at=now + timedelta(hours=23)) == row
    assert find_key(old, at=now + timedelta(hours=25)) is None
    assert find_key(new, at=now) == row
    assert "the old key until" in text_of(marketing_client.get("/api-keys/"))


def test_how_long_the_old_key_stays_is_one_of_what_is_offered(marketing_client, marketing):
    row, old = key_of(marketing)

    marketing_client.post(reverse("api-key-renew", args=[row.pk]), {"keep_old": "99999"})

    assert find_key(old, at=timezone.now()) == row


def test_a_revoked_key_ends_with_the_next_request(marketing_client, marketing):
    row, key = key_of(marketing)

    marketing_client.post(reverse("api-key-revoke", args=[row.pk]))

    assert find_key(key, at=timezone.now()) is None
    assert "Revoked" in text_of(marketing_client.get("/api-keys/"))


@pytest.mark.parametrize("name", ["api-key-renew", "api-key-revoke"])
def test_a_key_that_somebody_else_made_stays_as_it_is(marketing_client, admin, name):
    row, key = key_of(admin)

    assert marketing_client.post(reverse(name, args=[row.pk]), {"keep_old": "0"}).status_code == 403

    assert find_key(key, at=timezone.now()) == row


def test_the_list_says_what_is_used_and_what_ends_soon(marketing_client):
    now = timezone.now()
    key_of(name="Soon", expires_at=now + timedelta(days=3))
    key_of(name="Over", expires_at=now - timedelta(days=3))
    key_of(name="Used")
    ApiKey.objects.filter(name="Used").update(last_used_at=now)

    standings = marketing_client.get("/api-keys/").context["standings"]

    assert [(one.key.name, one.is_good, one.expires_soon) for one in standings] == [
        ("Soon", True, True),
        ("Used", True, False),
        ("Over", False, False),
    ]


def test_the_admin_renews_a_key_and_sees_the_new_one_once(admin_client):
    row, old = key_of()

    answer = admin_client.post(
        reverse("admin:integrations_apikey_changelist"), {"action": "renew", "_selected_action": [row.pk]}
    )

    assert find_key(key_in(answer), at=timezone.now()) == row
    assert find_key(old, at=timezone.now()) is None


def test_the_admin_renews_one_key_at_a_time(admin_client):
    rows = [key_of(name=name)[0] for name in ("A", "B")]
    digests = set(ApiKey.objects.values_list("digest", flat=True))

    answer = admin_client.post(
        reverse("admin:integrations_apikey_changelist"),
        {"action": "renew_in_a_day", "_selected_action": [row.pk for row in rows]},
        follow=True,
    )

    assert "Choose one key" in text_of(answer)
    assert set(ApiKey.objects.values_list("digest", flat=True)) == digests


def test_the_admin_is_told_what_an_adapter_could_not_work_with(admin_client):
    given = {"name": "Shop", "slug": "shop", "adapter": "mautic", "secret": "long-enough", "channel_rules": "{}"}
    broken = given | {"field_map": '{"mail": "owner"}', "options": "{}"}

    answer = admin_client.post(reverse("admin:integrations_source_add"), broken)

    assert "“owner” is no field of a lead" in text_of(answer)
    admin_client.post(
        reverse("admin:integrations_source_add"), given | {"field_map": '{"mail": "email"}', "options": "{}"}
    )
    assert admin_client.get("/imports/hooks/").context["standings"][0].source.field_map == {"mail": "email"}
