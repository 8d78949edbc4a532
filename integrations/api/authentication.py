"""Who calls: an API key in the header `Authorization: Bearer KEY`, looked up anew for each request."""

from dataclasses import dataclass

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.principals import Kind, Principal
from integrations.models import ApiKey
from integrations.services.keys import find_key, note_use

SCHEME = "Bearer"


@dataclass(frozen=True)
class KeyHolder:
    """`request.user` of the API: a machine, never a row of users."""

    name: str
    key_id: int
    calls_a_minute: int
    is_authenticated: bool = True
    is_active: bool = True

    def __str__(self) -> str:
        return self.name


class ApiKeyAuthentication(BaseAuthentication):
    """Unknown, revoked and expired keys are refused alike: the answer tells nothing of why."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, Principal] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        now = timezone.now()
        key = find_key(token.strip(), at=now)
        if key is None:
            raise AuthenticationFailed
        note_use(key, at=now)
        return KeyHolder(key.name, key.pk, key.calls_a_minute), principal_of(key)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  # REST framework passes it
        return SCHEME


def principal_of(key: ApiKey) -> Principal:
    return Principal(kind=Kind.API_KEY, name=key.name, source=key.source, scopes=frozenset(key.scopes))
