"""API keys: made, found, revoked. A key is shown once; what is kept is its SHA-256."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from integrations.models import ApiKey

PREFIX_LENGTH = 11
LONGEST_TEXT = 50
USE_NOTED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a key may do. Which leads it may do it to is `Lead.objects.visible_to`: those known to its source."""

    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    DISPOSITIONS_WRITE = "dispositions:write"
    REPORTS_READ = "reports:read"
    ENDPOINTS_WRITE = "endpoints:write"


class InvalidKeyRequest(ValueError):
    """A key like this cannot be made; the sentence says what to change."""


def create_key(
    *, name: str, source: str, scopes: Collection[str], at: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key; answers its row and the key itself, which nobody can read again. Raises InvalidKeyRequest."""
    name, source = name.strip(), source.strip()
    _check_text("name", name)
    _check_text("source", source)
    _check_scopes(scopes)
    key = f"lf_{secrets.token_urlsafe(32)}"
    row = ApiKey(
        name=name,
        source=source,
        scopes=sorted(set(scopes)),
        prefix=key[:PREFIX_LENGTH],
        digest=_digest(key),
        created_at=at,
        expires_at=expires_at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidKeyRequest(f"There is a key named “{name}” already; choose another name.") from error
    return row, key


def find_key(key: str, *, at: datetime) -> ApiKey | None:
    """The row of a key that is good at `at`: not revoked, not expired. Asked anew for each request."""
    usable = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))
    return ApiKey.objects.filter(usable, digest=_digest(key)).first()


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Remember when the key was last used, at most once a minute: a busy key does not write on each request."""
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)


def revoke_keys(keys: QuerySet[ApiKey], *, at: datetime) -> int:
    """Revoke the keys from their next request on; answers how many were good until now."""
    return keys.filter(revoked_at=None).update(revoked_at=at)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _check_text(field: str, text: str) -> None:
    if not text or len(text) > LONGEST_TEXT or not text.isprintable():
        raise InvalidKeyRequest(f"Give the key a {field} of 1 to {LONGEST_TEXT} printable characters.")


def _check_scopes(scopes: Collection[str]) -> None:
    unknown = sorted(set(scopes) - set(Scope))
    if unknown:
        raise InvalidKeyRequest(f"There is no scope “{unknown[0]}”. Choose from: {', '.join(Scope)}.")
    if not scopes:
        raise InvalidKeyRequest(f"Give the key at least one scope of: {', '.join(Scope)}.")
