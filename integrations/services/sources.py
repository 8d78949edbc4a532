"""Sources of inbound hooks: made, checked, switched on and off; their addresses and secrets."""

import re
import secrets
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.principals import Principal
from accounts.roles import Role
from integrations.files.columns import kind_of
from integrations.imports.fields import LEAD_FIELDS
from integrations.inbound.generic import NOT_OF_THE_LEAD
from integrations.inbound.inputs import NOT_FROM_HOOKS
from integrations.models import Source
from integrations.services.endpoints import new_secret as new_signing_secret

Adapter = Source.Adapter

LONGEST_NAME = 100
LONGEST_SLUG = 50
# These name a field of the tool and say which of ours it is; the others name ours and say where it stands.
THEIRS_FIRST = frozenset({Adapter.MAUTIC, Adapter.HUBSPOT, Adapter.SALESFORCE_WEB_TO_LEAD})
SIGNATURES = ("standard", "hmac", "secret")
# What an adapter reads in `options`, and what each must be.
_OPTIONS: Mapping[str, Mapping[str, type]] = {
    Adapter.MAUTIC: {"delete_erases": bool},
    Adapter.HUBSPOT: {"token": str, "base_url": str},
    Adapter.MARKETO: {"header": str},
    Adapter.SALESFORCE_WEB_TO_LEAD: {"return_hosts": list},
    Adapter.GENERIC: {"signature": str, "header": str, "list": str},
}


class InvalidSource(ValueError):
    """A source like this cannot be; `field` says what is wrong and the sentence what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


def may_keep_sources(by: Principal) -> bool:
    """Whether this is somebody who connects tools at all."""
    return by.role in {Role.MARKETING, Role.ADMIN}


def may_change(source: Source, by: Principal) -> bool:
    """Marketing what it made itself, an admin any."""
    return by.role == Role.ADMIN or (by.role == Role.MARKETING and source.created_by_id == by.user_id is not None)


def create_source(
    *,
    adapter: str,
    name: str,
    at: datetime,
    slug: str = "",
    secret: str = "",
    settings_given: Mapping[str, Any] | None = None,
    by: int | None = None,
) -> Source:
    """Make a source with an address that nobody guesses; its secret is made where none is given.

    `settings_given`: `field_map`, `channel_rules`, `options`. `by`: the id of the user who makes it. Raises
    InvalidSource.
    """
    given = dict(settings_given or {})
    name, slug = name.strip(), slug.strip() or slug_of(name)
    _check_words(adapter, name, slug)
    if unknown := sorted(set(given) - {"field_map", "channel_rules", "options"}):
        raise InvalidSource("field_map", f"There is no part “{unknown[0]}”: it has field_map, channel_rules, options.")
    source = Source(
        name=name,
        slug=slug,
        adapter=adapter,
        token=new_token(),
        field_map=given.get("field_map", {}),
        channel_rules=given.get("channel_rules", {}),
        options=given.get("options", {}),
        created_at=at,
        created_by_id=by,
    )
    source.secret = secret.strip() or secret_for(source)
    check_source(source)
    try:
        with transaction.atomic():
            source.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidSource("slug", f"There is a source “{slug}” already; choose another name.") from error
    return source


def switch_source(source: Source, *, on: bool) -> None:
    """Off, its address answers 404 and takes nothing; what came before stays."""
    Source.objects.filter(pk=source.pk).update(is_active=on)
    source.is_active = on


def address_of(source: Source) -> str:
    """Where the tool posts to."""
    return f"{settings.BASE_URL.rstrip('/')}/api/v1/hooks/{source.token}/"


def check_source(source: Source) -> None:
    """Raises InvalidSource for a secret, a field map, rules or options that its adapter could not work with."""
    _check_secret(source)
    _check_field_map(source)
    _check_rules(source.channel_rules)
    _check_options(source)


# --- addresses and secrets ------------------------------------------------------------------------------------


def new_token() -> str:
    """The last part of a hook's address: nobody guesses it."""
    return secrets.token_urlsafe(24)


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_for(source: Source) -> str:
    """A secret as the source's way of signing needs it. Raises InvalidSource where only the tool has it."""
    if source.adapter in {Adapter.HUBSPOT, Adapter.SALESFORCE_WEB_TO_LEAD}:
        what = "the client secret of the private app" if source.adapter == Adapter.HUBSPOT else "the oid of the form"
        raise InvalidSource("secret", f"Give the secret: {what}.")
    return new_signing_secret() if _is_standard(source) else new_secret()


def _is_standard(source: Source) -> bool:
    return source.adapter == Adapter.GENERIC and source.options.get("signature", "standard") == "standard"


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_SLUG].strip("-")


# --- checks ---------------------------------------------------------------------------------------------------


def _check_words(adapter: str, name: str, slug: str) -> None:
    if adapter not in Adapter.values:
        raise InvalidSource("adapter", f"There is no adapter “{adapter}”. Choose from: {', '.join(Adapter.values)}.")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidSource("name", f"Give the source a name of 1 to {LONGEST_NAME} printable characters.")
    if not re.fullmatch(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_SLUG - 1}}}", slug):
        raise InvalidSource("slug", f"Give a slug of 1 to {LONGEST_SLUG} small letters, digits and hyphens.")


def _check_secret(source: Source) -> None:
    if not 8 <= len(source.secret) <= 200 or not source.secret.isprintable():
        raise InvalidSource("secret", "Give a secret of 8 to 200 printable characters.")
    if _is_standard(source) and not source.secret.startswith("whsec_"):
        raise InvalidSource(
            "secret", "A secret of Standard Webhooks begins with whsec_; leave it out to have one made."
        )


def _check_field_map(source: Source) -> None:
    if not _is_texts(source.field_map):
        raise InvalidSource("field_map", "The field map is a table of texts: a name on the left, a name on the right.")
    ours_first = source.adapter not in THEIRS_FIRST
    also: Set[str] = NOT_OF_THE_LEAD if source.adapter == Adapter.GENERIC else frozenset()
    for left, right in source.field_map.items():
        ours = left if ours_first else right
        if ours not in also and (ours in NOT_FROM_HOOKS or kind_of(ours, LEAD_FIELDS) is None):
            raise InvalidSource("field_map", f"“{ours}” is no field of a lead that a message may set.")


def _check_rules(rules: Any) -> None:
    is_table = isinstance(rules, dict) and set(rules) <= {"values", "default"}
    if not is_table or not _is_texts(rules.get("values", {})) or not isinstance(rules.get("default", ""), str):
        raise InvalidSource(
            "channel_rules", 'The channel rules are {"values": {their word: our slug}, "default": slug}.'
        )


def _check_options(source: Source) -> None:
    known = _OPTIONS[source.adapter]
    if not isinstance(source.options, dict):
        raise InvalidSource("options", "The options are a table.")
    for name, value in source.options.items():
        if name not in known:
            these = ", ".join(known)
            raise InvalidSource("options", f"There is no option “{name}” of this adapter. It has: {these}.")
        if not isinstance(value, known[name]):
            raise InvalidSource("options", f"The option “{name}” is not of the right kind: see docs/integrations.")
    if source.options.get("signature", "standard") not in SIGNATURES:
        raise InvalidSource("options", f"The signature is one of: {', '.join(SIGNATURES)}.")


def _is_texts(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(one, str) for pair in table.items() for one in pair)
