"""How the API describes itself in OpenAPI 3.1."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from integrations.api.base import ApiView
from integrations.api.idempotency import LONGEST_KEY, REPLAYED, VISIBLE, is_idempotent
from integrations.api.problems import PROBLEM_JSON, PROBLEMS

RATE_HEADERS = [
    OpenApiParameter("RateLimit-Policy", str, OpenApiParameter.HEADER, response=True, description="default;q=600;w=60"),
    OpenApiParameter("RateLimit", str, OpenApiParameter.HEADER, response=True, description="default;r=598;t=12"),
    OpenApiParameter(
        "Retry-After", int, OpenApiParameter.HEADER, response=[409, 429, 503], description="Seconds to wait."
    ),
]
IDEMPOTENCY_HEADERS = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "maxLength": LONGEST_KEY + 2, "pattern": f'^({VISIBLE.pattern}|"{VISIBLE.pattern}")$'},
        OpenApiParameter.HEADER,
        description="Sent again with the same key within 72 hours, the request has one effect and gets one answer.",
    ),
    OpenApiParameter(
        REPLAYED, str, OpenApiParameter.HEADER, response=[200, 201], description="“true”: the answer of the first time."
    ),
]


class ApiSchema(AutoSchema):
    """Adds what every call has: the headers of the rate, and of the Idempotency-Key where it is taken."""

    def get_override_parameters(self) -> list[Any]:
        headers = list(RATE_HEADERS) if isinstance(self.view, ApiView) else []
        method = getattr(self.view, self.method.lower(), None)
        return [*headers, *IDEMPOTENCY_HEADERS] if is_idempotent(method) else headers


class StrictObject(OpenApiSerializerExtension):
    """A key that is not known is refused, and the schema says so."""

    target_class = "integrations.api.strict.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(  # noqa: SLF001  # how its own extensions do it
            self.target, direction, bypass_extensions=True
        )
        return schema | {"additionalProperties": False} | self.target.also_in_schema


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "integrations.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002  # drf-spectacular passes it
        return {"type": "http", "scheme": "bearer", "description": "A key made by `manage.py create_api_key`."}


class FieldErrorAnswer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901) to what is wrong; empty: the request itself.")
    code = serializers.CharField(help_text="Stable; for programs.")
    message = serializers.CharField(help_text="For people.")


class Problem(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.ChoiceField(choices=sorted(PROBLEMS), help_text="Stable; for programs.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    request_id = serializers.CharField(help_text="Also the header X-Request-Id; name it when you ask for help.")
    errors = FieldErrorAnswer(many=True)  # type: ignore[assignment]  # a declared field, taken off the class


_OF_EVERY_CALL = (
    *("bad-request", "unauthenticated", "missing-scope", "not-acceptable", "too-many-requests"),
    *("server-error", "unavailable", "forbidden-character"),
)
_OF_EVERY_IDEMPOTENT_CALL = ("invalid-idempotency-key", "in-progress", "key-reused")
_OF_EVERY_BODY = (
    *(
        "malformed-json",
        "not-an-object",
        "duplicate-key",
        "too-deep",
        "too-many-fields",
        "not-utf8",
        "forbidden-character",
    ),
    *("out-of-range", "invalid-fields", "length-required", "too-large", "unsupported-media-type"),
)


def problems(*types: str, body: bool = False, again: bool = False) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses for these types of problem, and for those that any call may have.

    `body`: it takes a body, and so an Idempotency-Key too. `again`: it takes an Idempotency-Key, and no body.
    """
    of_status: dict[int, list[str]] = {}
    of_body = _OF_EVERY_BODY if body else ()
    of_key = _OF_EVERY_IDEMPOTENT_CALL if body or again else ()
    for name in dict.fromkeys((*_OF_EVERY_CALL, "unknown-parameter", *of_body, *of_key, *types)):
        of_status.setdefault(PROBLEMS[name][0], []).append(name)
    return {
        (status, PROBLEM_JSON): OpenApiResponse(
            Problem,
            description="; ".join(f"`{name}`: {PROBLEMS[name][1]}" for name in names),
            examples=[_example(name) for name in names[:1]],
        )
        for status, names in sorted(of_status.items())
    }


def _example(name: str) -> OpenApiExample:
    status, title = PROBLEMS[name]
    return OpenApiExample(
        name,
        media_type=PROBLEM_JSON,
        status_codes=[str(status)],
        response_only=True,
        value={
            "type": name,
            "title": title,
            "status": status,
            "detail": f"{title}.",
            "request_id": "5f2c8e0b7d9a4c1e8b3f6a2d9c0e7b14",
            "errors": [{"pointer": "", "code": name, "message": f"{title}."}],
        },
    )
