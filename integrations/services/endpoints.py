"""Endpoints of outbound webhooks: made, changed, their secrets rotated, their deliveries sent once more."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import ApiKey, Delivery, Endpoint, FeedEntry
from integrations.outbound.events import KINDS
from integrations.outbound.fan_out import deliveries_of
from integrations.outbound.guard import UrlNotAllowed, check_url

SECRET_BYTES = 32
OLD_SECRET_KEPT = timedelta(days=1)
LONGEST_NAME = 100
CAUGHT_UP_AT_ONCE = 20_000


class InvalidEndpoint(ValueError):
    """An endpoint like this cannot be; `field` says what is wrong and the sentence what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


def create_endpoint(
    *, name: str, url: str, kinds: Collection[str], source: str, at: datetime, key: ApiKey | None = None
) -> tuple[Endpoint, str]:
    """Make an endpoint; answers its row and its secret, which is shown once. Raises InvalidEndpoint."""
    secret = new_secret()
    endpoint = Endpoint(
        name=_name(name),
        url=_url(url),
        kinds=_kinds(kinds),
        source=source,
        secret=secret,
        created_at=at,
        created_by_key=key,
    )
    endpoint.save(force_insert=True)
    return endpoint, secret


def change_endpoint(
    endpoint: Endpoint, *, name: str | None = None, url: str | None = None, kinds: Collection[str] | None = None
) -> Endpoint:
    """Raises InvalidEndpoint."""
    if name is not None:
        endpoint.name = _name(name)
    if url is not None:
        endpoint.url = _url(url)
    if kinds is not None:
        endpoint.kinds = _kinds(kinds)
    endpoint.save(update_fields=["name", "url", "kinds"])
    return endpoint


@transaction.atomic
def switch(endpoint: Endpoint, *, on: bool, at: datetime) -> None:
    """Off: what happens meanwhile is not sent. On again: what waited from before is, and failures are forgotten."""
    endpoint.is_active, endpoint.failing_since = on, None
    endpoint.disabled_because = "" if on else "Switched off."
    endpoint.save(update_fields=["is_active", "failing_since", "disabled_because"])
    if on:
        waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITING)
        waiting.update(next_attempt_at=at, attempts=0, leased_until=None)


def rotate_secret(endpoint: Endpoint, *, at: datetime) -> str:
    """A new secret, shown once; for a day deliveries are signed with the old one too."""
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, at + OLD_SECRET_KEPT
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return endpoint.secret


def send_again(deliveries: QuerySet[Delivery], *, at: datetime) -> int:
    """Put what was sent or given up back into the queue, under its old id; answers how many."""
    over = deliveries.exclude(state=Delivery.State.WAITING)
    return over.update(state=Delivery.State.WAITING, attempts=0, next_attempt_at=at, done_at=None, leased_until=None)


@transaction.atomic
def send_since(endpoint: Endpoint, *, since: datetime, at: datetime) -> int:
    """Deliver what happened since, also what the endpoint missed while it was off; answers how many.

    Raises InvalidEndpoint where that is more than can be looked through at once.
    """
    entries = FeedEntry.objects.filter(event__recorded_at__gte=since).order_by("pk")
    ids = list(entries.values_list("pk", flat=True)[: CAUGHT_UP_AT_ONCE + 1])
    if len(ids) > CAUGHT_UP_AT_ONCE:
        sentence = (
            f"More than {CAUGHT_UP_AT_ONCE:,} events happened since then: name a later time, or read the change feed."
        )
        raise InvalidEndpoint("since", sentence)
    again = send_again(Delivery.objects.filter(endpoint=endpoint, event__recorded_at__gte=since), at=at)
    before = Delivery.objects.filter(endpoint=endpoint).count()
    for start in range(0, len(ids), 500):
        page = list(FeedEntry.objects.filter(pk__in=ids[start : start + 500]).select_related("event").order_by("pk"))
        Delivery.objects.bulk_create(deliveries_of(page, [endpoint], now=at), ignore_conflicts=True)
    return again + Delivery.objects.filter(endpoint=endpoint).count() - before


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidEndpoint("name", f"Give it a name of 1 to {LONGEST_NAME} characters.")
    return name


def _url(url: str) -> str:
    url = url.strip()
    try:
        check_url(url)
    except UrlNotAllowed as refused:
        raise InvalidEndpoint("url", str(refused)) from refused
    return url


def _kinds(kinds: Collection[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InvalidEndpoint("kinds", f"There is no kind “{unknown[0]}”. Choose of: {', '.join(KINDS)}.")
    return sorted(set(kinds))
