"""How the API describes itself in OpenAPI 3.1."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from integrations.api.problems import PROBLEM_JSON, PROBLEMS


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


_OF_EVERY_CALL = ("bad-request", "unauthenticated", "missing-scope", "not-acceptable", "server-error", "unavailable")
_OF_EVERY_BODY = (
    *("malformed-json", "not-an-object", "duplicate-key", "too-deep", "not-utf8", "forbidden-character"),
    *("out-of-range", "invalid-fields", "length-required", "too-large", "unsupported-media-type"),
)


def problems(*types: str, body: bool = False) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses for these types of problem, and for those that any call, or any call with a body, may have."""
    of_status: dict[int, list[str]] = {}
    for name in (*_OF_EVERY_CALL, "unknown-parameter", *(_OF_EVERY_BODY if body else ()), *types):
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
