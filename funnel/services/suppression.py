"""The list of what was erased and must not come back: kept as keyed digests, so that it names nobody.

The key is made of SECRET_KEY and the salt below. Under another SECRET_KEY the list knows nobody any more.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from hmac import HMAC

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.prepared import Prepared
from funnel.identity import OWN_NAME_PREFIX
from funnel.models import Lead, LeadIdentity, Suppression
from funnel.one_of import OneOf

SALT = "leadflow.suppression"
_TWO = ("one digest", "another digest")
CODE = "suppressed"
SENTENCE = "This person was erased and must not come back. An admin can lift that."


class Suppressed(Exception):
    """An address or an id that was erased. The sentence names nobody."""

    def __init__(self) -> None:
        super().__init__(SENTENCE)


def of_email(key: str) -> str:
    """The digest of an e-mail key; 64 hexadecimal digits."""
    return _digest(f"email\n{key}")


def of_identity(source: str, external_id: str) -> str:
    """The digest of another system's id."""
    return _digest(f"identity\n{source}\n{external_id}")


def _digest(value: str) -> str:
    digest = _keyed(settings.SECRET_KEY).copy()
    digest.update(value.encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _keyed(secret: str) -> HMAC:
    """With its key, of nothing yet: to derive that takes most of the time."""
    return salted_hmac(SALT, "", secret=secret, algorithm="sha256")


def known_among(digests: Collection[str]) -> frozenset[str]:
    """Those on the list. One query, none for none."""
    if not digests:
        return frozenset()
    if len(digests) <= 2:  # those of one person
        asked = [*digests, *digests][:2]
        return frozenset(_on_the_list(connection.vendor).ask(dict(zip(_TWO, asked, strict=True))))
    return frozenset(Suppression.objects.filter(OneOf("digest", digests)).values_list("digest", flat=True))


@lru_cache(maxsize=2)
def _on_the_list(vendor: str) -> Prepared[str]:  # noqa: ARG001  # each has its own
    return Prepared(Suppression.objects.order_by().filter(digest__in=_TWO).values_list("digest", flat=True))


def check_key(email_key: str | None) -> None:
    """Raises Suppressed."""
    if email_key and known_among([of_email(email_key)]):
        raise Suppressed


def suppress(leads: Iterable[Lead], identities: Iterable[LeadIdentity], *, of: Lead, at: datetime) -> int:
    """Put the addresses and ids of a person on the list; answers how many. `of`: the lead that he is."""
    digests = {of_email(lead.email_key) for lead in leads if lead.email_key}
    digests |= {
        of_identity(one.source, one.external_id)
        for one in identities
        if not one.external_id.startswith(OWN_NAME_PREFIX)
    }
    rows = [Suppression(digest=digest, lead=of, at=at) for digest in sorted(digests)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def lift(lead: Lead) -> int:
    """Let this erased person come back, as somebody new; answers how many keys were taken off the list."""
    return Suppression.objects.filter(lead=lead).delete()[0]


def lift_email(key: str) -> int:
    """As `lift`, by the address: whatever else was suppressed with it."""
    found = Suppression.objects.filter(digest=of_email(key)).values_list("lead", flat=True).first()
    if found is None:
        return Suppression.objects.filter(digest=of_email(key)).delete()[0]
    return Suppression.objects.filter(lead=found).delete()[0]
