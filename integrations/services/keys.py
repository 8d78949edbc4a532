"""API keys: made, found, rotated, revoked. A key is shown once; what is kept is its SHA-256."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.prepared import Prepared
from accounts.principals import Principal
from accounts.roles import Role
from integrations.models import ApiKey

PREFIX_LENGTH = 11
LONGEST_TEXT = 50
USE_NOTED_EVERY = timedelta(minutes=1)
LONGEST_OVERLAP = timedelta(days=30)
_A_DIGEST = "the digest of some key"
_A_TIME = datetime(1999, 1, 1, microsecond=1, tzinfo=UTC)


class Scope(StrEnum):
    """What a key may do. Which leads it may do it to is `Lead.objects.visible_to`: those known to its source."""

    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    DISPOSITIONS_WRITE = "dispositions:write"
    REPORTS_READ = "reports:read"
    ENDPOINTS_WRITE = "endpoints:write"


# Marketing may give these. To speak for a rep is the admin's to give.
MARKETING_SCOPES = (Scope.LEADS_READ, Scope.LEADS_WRITE, Scope.REPORTS_READ, Scope.ENDPOINTS_WRITE)


class InvalidKeyRequest(ValueError):
    """A key like this cannot be made; the sentence says what to change."""


def scopes_to_give(by: Principal) -> tuple[Scope, ...]:
    """What this user may let a key do; nothing where he makes no keys."""
    if by.role == Role.ADMIN:
        return tuple(Scope)
    return MARKETING_SCOPES if by.role == Role.MARKETING else ()


def may_change(key: ApiKey, by: Principal) -> bool:
    """Rotate and revoke: marketing what it made itself, an admin any."""
    return by.role == Role.ADMIN or (by.role == Role.MARKETING and key.created_by_id == by.user_id is not None)


def create_key(
    *,
    name: str,
    source: str,
    scopes: Collection[str],
    at: datetime,
    expires_at: datetime | None = None,
    by: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; answers its row and the key itself, which nobody can read again. `by`: the id of its maker.

    Raises InvalidKeyRequest.
    """
    name, source = name.strip(), source.strip()
    _check_text("name", name)
    _check_text("source", source)
    _check_scopes(scopes)
    key = _new_key()
    row = ApiKey(
        name=name,
        source=source,
        scopes=sorted(set(scopes)),
        prefix=key[:PREFIX_LENGTH],
        digest=_digest(key),
        created_at=at,
        expires_at=expires_at,
        created_by_id=by,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidKeyRequest(f"There is a key named “{name}” already; choose another name.") from error
    return row, key


def find_key(key: str, *, at: datetime) -> ApiKey | None:
    """The row of a key that is good at `at`: not revoked, not expired, or replaced and still good for a while.

    Asked anew for each request.
    """
    meant = {_A_DIGEST: _digest(key), _A_TIME: at}
    return _usable(connection.vendor, now=True).first(meant) or _usable(connection.vendor, now=False).first(meant)


@lru_cache(maxsize=4)
def _usable(vendor: str, *, now: bool) -> Prepared[ApiKey]:  # noqa: ARG001  # each has its own
    """The key of a digest, or the one that it was before."""
    usable = ApiKey.objects.order_by().filter(Q(expires_at=None) | Q(expires_at__gt=_A_TIME), revoked_at=None)
    if now:
        return Prepared(usable.filter(digest=_A_DIGEST))
    return Prepared(usable.filter(old_digest=_A_DIGEST, old_until__gt=_A_TIME))


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Remember when the key was last used, at most once a minute: a busy key does not write on each request."""
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)


def revoke_keys(keys: QuerySet[ApiKey], *, at: datetime) -> int:
    """Revoke the keys from their next request on; answers how many were good until now."""
    return keys.filter(revoked_at=None).update(revoked_at=at)


@transaction.atomic
def rotate_key(key_id: int, *, at: datetime, keep_old: timedelta = timedelta()) -> tuple[ApiKey, str]:
    """A new key in the place of the old, which is good for `keep_old` more; answers the row and the new key, once.

    One that was being replaced already ends at once. Raises InvalidKeyRequest, ApiKey.DoesNotExist.
    """
    row = ApiKey.objects.select_for_update().get(pk=key_id)
    if row.revoked_at:
        raise InvalidKeyRequest(f"The key “{row.name}” is revoked; make a new one.")
    if not timedelta() <= keep_old <= LONGEST_OVERLAP:
        raise InvalidKeyRequest(f"The old key may stay good for 0 to {LONGEST_OVERLAP.days * 24} hours.")
    key = _new_key()
    row.old_digest, row.old_until = (row.digest, at + keep_old) if keep_old else ("", None)
    row.digest, row.prefix = _digest(key), key[:PREFIX_LENGTH]
    row.save(update_fields=["old_digest", "old_until", "digest", "prefix"])
    return row, key


def _new_key() -> str:
    return f"lf_{secrets.token_urlsafe(32)}"


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
