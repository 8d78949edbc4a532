"""The API keys as their page lists them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.principals import Principal
from integrations.models import ApiKey
from integrations.pages.forms import SCOPE_LABELS
from integrations.services.keys import may_change

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Standing:
    """A key as its row shows it. `old_until`: till then the key before the last renewal is good too."""

    key: ApiKey
    is_good: bool
    expires_soon: bool
    old_until: datetime | None
    may_change: bool

    @property
    def scopes(self) -> str:
        return ", ".join(SCOPE_LABELS.get(scope, scope) for scope in self.key.scopes)


def standings(by: Principal, *, now: datetime) -> list[Standing]:
    """Those that are good first. One query."""
    found = [_standing(key, by, now) for key in ApiKey.objects.select_related("created_by").order_by("name")]
    return sorted(found, key=lambda one: not one.is_good)


def _standing(key: ApiKey, by: Principal, now: datetime) -> Standing:
    is_good = key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
    return Standing(
        key=key,
        is_good=is_good,
        expires_soon=bool(is_good and key.expires_at and key.expires_at - now <= SOON),
        old_until=key.old_until if is_good and key.old_until and key.old_until > now else None,
        may_change=may_change(key, by),
    )
