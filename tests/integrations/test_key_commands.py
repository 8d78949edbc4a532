"""Keys and sources by command: shown once, renewed in peace, refused in one clear sentence."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from integrations.models import ApiKey, Source
from integrations.services.keys import create_key, find_key, revoke_keys, rotate_key
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return create_key(name="CRM", source="crm", scopes=["leads:read"], at=NOW)[1]


def run(*words):
    """What a command prints to its standard output, line by line."""
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


# --- renewing a key -------------------------------------------------------------------------------------------


def test_a_renewed_key_takes_the_place_of_the_old_one(key):
    (new,) = run("rotate_api_key", "CRM")

    assert find_key(key, at=timezone.now()) is None
    assert find_key(new, at=timezone.now()).name == "CRM"
    assert new not in str(ApiKey.objects.values_list().get())
    assert ApiKey.objects.get().prefix == new[:11]


def test_for_as_long_as_asked_the_old_key_is_good_too(key):
    row, new = rotate_key(ApiKey.objects.get().pk, at=NOW, keep_old=timedelta(hours=2))

    assert find_key(key, at=NOW + timedelta(hours=1, minutes=59)) == row
    assert find_key(key, at=NOW + timedelta(hours=2)) is None
    assert find_key(new, at=NOW + timedelta(hours=2)) == row


def test_renewed_again_the_first_key_ends_at_once(key):
    pk = ApiKey.objects.get().pk
    _, second = rotate_key(pk, at=NOW, keep_old=timedelta(hours=2))
    rotate_key(pk, at=NOW, keep_old=timedelta(hours=2))

    assert find_key(key, at=NOW) is None
    assert find_key(second, at=NOW) is not None


def test_revoked_and_expired_ends_a_key_that_is_being_replaced_too(key):
    rotate_key(ApiKey.objects.get().pk, at=NOW, keep_old=timedelta(hours=2))
    ApiKey.objects.update(expires_at=NOW)
    assert find_key(key, at=NOW) is None

    ApiKey.objects.update(expires_at=None)
    revoke_keys(ApiKey.objects.all(), at=NOW)
    assert find_key(key, at=NOW) is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rotate_api_key", "Nobody"], "There is no API key named “Nobody”."),
        (["rotate_api_key", "CRM", "--keep-old", "soon"], "--keep-old takes a whole number of hours."),
        (["rotate_api_key", "CRM", "--keep-old", "721"], "The old key may stay good for 0 to 720 hours."),
        (["revoke_api_key", "Nobody"], "There is no API key named “Nobody”."),
    ],
)
def test_what_cannot_be_done_with_a_key_is_said_and_changes_nothing(key, words, sentence):
    with pytest.raises(CommandError) as refusal:
        run(*words)

    assert str(refusal.value) == sentence
    assert find_key(key, at=NOW) is not None


def test_a_revoked_key_is_neither_renewed_nor_revoked_again(key):
    assert run("revoke_api_key", "CRM") == ["API key “CRM” is revoked."]

    assert find_key(key, at=timezone.now()) is None
    with pytest.raises(CommandError, match="is revoked; make a new one"):
        run("rotate_api_key", "CRM")
    with pytest.raises(CommandError, match="was revoked before"):
        run("revoke_api_key", "CRM")


# --- connecting a tool ----------------------------------------------------------------------------------------


def test_a_source_prints_its_address_and_its_secret_once(settings):
    settings.BASE_URL = "https://leadflow.example"

    address, secret = run("create_source", "--adapter", "mautic", "--name", "Mautic of the Shop")

    source = Source.objects.get()
    assert (source.slug, source.adapter, source.is_active) == ("mautic-of-the-shop", "mautic", True)
    assert address == f"https://leadflow.example/api/v1/hooks/{source.token}/"
    assert secret == source.secret
    assert len(secret) >= 32


def test_what_a_standard_webhook_is_signed_with_is_written_as_the_standard_says():
    _, secret = run("create_source", "--adapter", "generic", "--name", "Forms")

    assert secret.startswith("whsec_")


def test_a_field_map_comes_from_a_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(
        '[field_map]\nemail = "/mail"\n"company.name" = "/firm"\nat = "/when"\n'
        '[channel_rules]\ndefault = "website"\n[channel_rules.values]\ngoogle = "paid-search"\n'
        '[options]\nsignature = "secret"\nheader = "X-Token"\n'
    )

    run("create_source", "--adapter", "generic", "--name", "Forms", "--field-map", str(path))

    source = Source.objects.get()
    assert source.field_map == {"email": "/mail", "company.name": "/firm", "at": "/when"}
    assert source.channel_rules == {"default": "website", "values": {"google": "paid-search"}}
    assert source.options == {"signature": "secret", "header": "X-Token"}


TAKEN = ["--adapter", "mautic", "--name", "Taken"]


@pytest.mark.parametrize(
    ("words", "toml", "sentence"),
    [
        (["--adapter", "pardot", "--name", "P"], "", "There is no adapter “pardot”. Choose from: mautic, hubspot"),
        (["--adapter", "mautic"], "", "Give the source a name of 1 to 100 printable characters."),
        (TAKEN, "", "There is a source “taken” already; choose another name."),
        (["--adapter", "mautic", "--name", "M", "--slug", "M M"], "", "Give a slug of 1 to 50 small letters"),
        (["--adapter", "mautic", "--name", "M", "--secret", "short"], "", "Give a secret of 8 to 200"),
        (["--adapter", "hubspot", "--name", "H"], "", "Give the secret: the client secret of the private app."),
        (["--adapter", "salesforce_web_to_lead", "--name", "S"], "", "Give the secret: the oid of the form."),
        (
            ["--adapter", "generic", "--name", "G", "--secret", "no-standard"],
            "",
            "A secret of Standard Webhooks begins",
        ),
        (["--adapter", "mautic", "--name", "M"], "field_map = 1", "The field map is a table of texts"),
        (["--adapter", "mautic", "--name", "M"], "[fields]\na = 'b'", "There is no part “fields”"),
        (["--adapter", "mautic", "--name", "M"], "[field_map]\nmail = 'e-mail'", "“e-mail” is no field of a lead"),
        (["--adapter", "mautic", "--name", "M"], "[field_map]\nowner = 'owner'", "“owner” is no field of a lead"),
        (["--adapter", "generic", "--name", "G"], "[field_map]\nowner = '/o'", "“owner” is no field of a lead"),
        (["--adapter", "mautic", "--name", "M"], "[channel_rules]\ngoogle = 'x'", "The channel rules are"),
        (["--adapter", "mautic", "--name", "M"], "[options]\ntoken = 'x'", "There is no option “token” of this"),
        (["--adapter", "mautic", "--name", "M"], "[options]\ndelete_erases = 'yes'", "is not of the right kind"),
        (["--adapter", "generic", "--name", "G"], "[options]\nsignature = 'md5'", "The signature is one of: standard"),
        (["--adapter", "mautic", "--name", "M"], "field_map = {", "is not TOML"),
    ],
)
def test_a_source_that_cannot_be_says_why(tmp_path, words, toml, sentence):
    run("create_source", *TAKEN)
    path = tmp_path / "map.toml"
    path.write_text(toml)

    with pytest.raises(CommandError) as refusal:
        run("create_source", *words, *(["--field-map", str(path)] if toml else []))

    assert sentence in str(refusal.value)
    assert Source.objects.count() == 1


def test_a_field_map_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"/nowhere\.toml cannot be read"):
        run("create_source", "--adapter", "mautic", "--name", "M", "--field-map", "/nowhere.toml")
