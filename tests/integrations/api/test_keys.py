import hashlib
import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from integrations.models import ApiKey
from integrations.services.keys import InvalidKeyRequest, Scope, create_key, find_key, note_use, revoke_keys
from tests.factories import NOW
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db


def make(**options):
    return create_key(**{"name": "Mautic", "source": "mautic", "scopes": [Scope.LEADS_READ], "at": NOW} | options)


# --- making -------------------------------------------------------------------------------------------------------


def test_only_the_digest_and_the_first_characters_of_a_key_are_kept():
    row, key = make()

    assert key.startswith("lf_")
    assert len(key) == 46
    assert row.digest == hashlib.sha256(key.encode()).hexdigest()
    assert row.prefix == key[:11]
    assert key not in str(ApiKey.objects.values_list().get())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scopes": ["leads:burn"]}, "There is no scope “leads:burn”. Choose from: leads:read, leads:write, "),
        ({"scopes": []}, "Give the key at least one scope of: leads:read"),
        ({"name": " "}, "Give the key a name of 1 to 50 printable characters."),
        ({"source": "x" * 51}, "Give the key a source of 1 to 50 printable characters."),
        ({"name": "Taken"}, "There is a key named “Taken” already; choose another name."),
    ],
)
def test_a_key_that_cannot_be_made_says_why(options, sentence):
    make(name="Taken")

    with pytest.raises(InvalidKeyRequest) as refusal:
        make(**options)

    assert str(refusal.value).startswith(sentence)
    assert ApiKey.objects.count() == 1


# --- finding ------------------------------------------------------------------------------------------------------


def test_a_key_is_found_until_it_expires():
    row, key = make(expires_at=NOW + timedelta(days=1))

    assert find_key(key, at=NOW) == row
    assert find_key(key, at=NOW + timedelta(days=1)) is None


def test_a_revoked_key_is_found_no_more():
    _, key = make()

    assert revoke_keys(ApiKey.objects.all(), at=NOW) == 1
    assert find_key(key, at=NOW) is None


def test_a_key_revoked_twice_keeps_its_first_date():
    make()
    revoke_keys(ApiKey.objects.all(), at=NOW)

    assert revoke_keys(ApiKey.objects.all(), at=NOW + timedelta(days=1)) == 0
    assert ApiKey.objects.get().revoked_at == NOW


@pytest.mark.parametrize(
    ("seconds", "noted"), [(0, NOW), (59, NOW), (60, NOW + timedelta(seconds=60))], ids=["at once", "59 s", "60 s"]
)
def test_its_use_is_noted_once_a_minute(seconds, noted):
    row, _ = make()
    note_use(row, at=NOW)
    row.refresh_from_db()

    note_use(row, at=NOW + timedelta(seconds=seconds))

    row.refresh_from_db()
    assert row.last_used_at == noted


# --- calling ------------------------------------------------------------------------------------------------------


def test_a_revoked_key_ends_with_its_next_request(mautic):
    assert mautic.post({"email": "ann@example.com"}).status_code == 201

    revoke_keys(ApiKey.objects.all(), at=timezone.now())

    assert mautic.post({"email": "ann@example.com"}).status_code == 401


# --- the command --------------------------------------------------------------------------------------------------


def create_api_key(**options):
    out, err = io.StringIO(), io.StringIO()
    given = {"name": "Mautic", "source": "mautic", "scopes": "leads:read, leads:write"} | options
    call_command("create_api_key", **given, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_the_key_alone_so_that_a_script_can_take_it():
    out, err = create_api_key()

    row = find_key(out.strip(), at=timezone.now())
    assert row.scopes == ["leads:read", "leads:write"]
    assert out.strip() not in err
    assert "API key “Mautic” of source “mautic”, good for leads:read, leads:write until it is revoked." in err


def test_the_command_sets_when_the_key_ends():
    create_api_key(expires_days="30")

    row = ApiKey.objects.get()
    assert row.expires_at - row.created_at == timedelta(days=30)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scopes": "leads:read,all"}, "There is no scope “all”"),
        ({"name": ""}, "Give the key a name"),
        ({"expires_days": "soon"}, "--expires-days takes a whole number from 1 to 3650."),
        ({"expires_days": "0"}, "--expires-days takes a whole number from 1 to 3650."),
    ],
)
def test_the_command_refuses_with_one_sentence(options, sentence):
    with pytest.raises(CommandError, match=sentence) as refusal:
        create_api_key(**options)

    assert refusal.value.returncode == 1
    assert ApiKey.objects.count() == 0


# --- the admin pages ----------------------------------------------------------------------------------------------


def test_the_admin_sees_keys_by_their_first_characters_only(admin_client, mautic):
    row = ApiKey.objects.get()

    for address in ("", f"{row.pk}/change/"):
        page = admin_client.get(f"/admin/integrations/apikey/{address}").content.decode()
        assert row.prefix in page
        assert row.digest not in page
        assert mautic.headers["Authorization"].removeprefix("Bearer ") not in page


def test_the_admin_revokes_keys(admin_client, mautic):
    row = ApiKey.objects.get()

    admin_client.post("/admin/integrations/apikey/", {"action": "revoke", "_selected_action": [row.pk]})

    assert mautic.get(f"{LEADS}1/").status_code == 401


def test_keys_are_neither_made_nor_deleted_on_the_admin_pages(admin_client, mautic):
    row = ApiKey.objects.get()

    assert admin_client.get("/admin/integrations/apikey/add/").status_code == 403
    assert admin_client.get(f"/admin/integrations/apikey/{row.pk}/delete/").status_code == 403
