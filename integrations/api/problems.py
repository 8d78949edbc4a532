"""Errors of the API as RFC 9457 problems: the kinds there are, and which exception becomes which. The one place."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request

from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed, StaleVersion

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
MAX_ERRORS = 100
RETRY_AFTER_SECONDS = 5

# Each type with its status and title; the first of a status stands for it. docs/api.md explains them.
PROBLEMS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be read"),
    "malformed-json": (400, "The body is not JSON"),
    "not-an-object": (400, "The body is not an object"),
    "duplicate-key": (400, "A key is there twice"),
    "too-deep": (400, "The body is nested too deeply"),
    "too-many-fields": (400, "An object has too many keys"),
    "not-utf8": (400, "The body is not UTF-8"),
    "forbidden-character": (400, "A character is not allowed"),
    "out-of-range": (400, "A number is out of range"),
    "unknown-parameter": (400, "The URL has a parameter that is not known"),
    "invalid-fields": (400, "The body has fields that are wrong"),
    "missing-needs": (400, "Something is missing"),
    "invalid-idempotency-key": (400, "The Idempotency-Key cannot be used"),
    "invalid-if-match": (400, "The header If-Match cannot be read"),
    "invalid-parameter": (400, "A parameter of the URL is wrong"),
    "invalid-cursor": (400, "The cursor is none of this list"),
    "unauthenticated": (401, "A valid API key is needed"),
    "not-allowed": (403, "This is somebody else's to do"),
    "missing-scope": (403, "The key may not do this"),
    "bad-signature": (401, "The message is not signed as this source signs"),
    "foreign-source": (403, "The key belongs to another source"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This cannot be done here"),
    "not-acceptable": (406, "Answers are JSON"),
    "ambiguous-key": (409, "The keys name two different leads"),
    "illegal-transition": (409, "The lead cannot be moved there"),
    "other-body": (409, "This id was another message's before"),
    "changed-meanwhile": (409, "Somebody else changed the lead"),
    "length-required": (411, "The body's length is missing"),
    "stale-version": (412, "The lead has changed since it was read"),
    "too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body is not of a kind that is read here"),
    "in-progress": (409, "The same request is being answered"),
    "key-reused": (422, "The Idempotency-Key was another request's before"),
    "suppressed": (422, "This address was erased and must not come back"),
    "version-required": (428, "Say which version of the lead you know"),
    "too-many-requests": (429, "Too many requests"),
    "server-error": (500, "Something went wrong on our side"),
    "unavailable": (503, "The database is not available"),
}

# What DRF calls an error of a field, where we have another word for it.
_FIELD_CODES = {
    "max_length": "too-long",
    "max_string_length": "out-of-range",
    "min_value": "out-of-range",
    "max_value": "out-of-range",
    "null": "wrong-type",
    "not_a_list": "wrong-type",
}


@dataclass(frozen=True)
class FieldError:
    """`pointer`: RFC 6901, from the root of the body; "" is the body itself."""

    pointer: str
    code: str
    message: str


@dataclass(eq=False)
class ApiProblem(Exception):
    """An answer of the API that is an error. `type` is a key of PROBLEMS, `detail` a sentence for people."""

    type: str
    detail: str
    errors: Iterable[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return PROBLEMS[self.type][0]

    def body(self, request_id: str) -> dict[str, Any]:
        errors = [asdict(error) for error in self.errors][:MAX_ERRORS]
        return {
            "type": self.type,
            "title": PROBLEMS[self.type][1],
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            "errors": errors or [asdict(FieldError("", self.type, self.detail))],
        }


def problem_response(problem: ApiProblem, request: HttpRequest | Request) -> JsonResponse:
    body = problem.body(getattr(request, "request_id", ""))
    return JsonResponse(body, status=problem.status, content_type=PROBLEM_JSON, headers=dict(problem.headers))


def problem_for_status(status: int) -> ApiProblem:
    """The problem that stands for an error page with this status."""
    of_status = {known: name for name, (known, _) in reversed(PROBLEMS.items())}
    fallback = "server-error" if status >= 500 else "bad-request"
    return ApiProblem(of_status.get(status, fallback), f"{HTTPStatus(status).phrase}.")


def problem_handler(exception: Exception, context: Mapping[str, Any]) -> JsonResponse:
    """REST framework's EXCEPTION_HANDLER. What nobody foresaw is logged and answered 500, without its text."""
    request: Request = context["request"]
    return problem_response(_problem(exception, request), request)


def _problem(exception: Exception, request: Request) -> ApiProblem:
    if isinstance(exception, ApiProblem):
        return exception
    if isinstance(exception, StaleVersion):
        return _stale(exception, request)
    for kind, translate in _TRANSLATIONS.items():
        if isinstance(exception, kind):
            return translate(exception)
    logger.error("%s %s failed", request.method, request.path, exc_info=exception)
    return ApiProblem("server-error", "It has been logged under this request's id.")


def _stale(error: StaleVersion, request: Request) -> ApiProblem:
    """412 to a caller that said which version he knew, 409 to one that did not."""
    return ApiProblem("stale-version" if "If-Match" in request.headers else "changed-meanwhile", str(error))


def _invalid_fields(error: exceptions.ValidationError) -> ApiProblem:
    errors = list(field_errors(error.detail, ()))
    count = "One field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return ApiProblem("invalid-fields", f"{count} wrong; nothing was changed.", errors)


def field_errors(detail: Any, path: tuple[str, ...]) -> Iterator[FieldError]:
    """DRF's nested errors, one by one: dicts by field, lists of errors or of dicts by position."""
    if isinstance(detail, exceptions.ErrorDetail):
        code = _FIELD_CODES.get(detail.code or "", detail.code or "invalid").replace("_", "-")
        yield FieldError(json_pointer(path), code, str(detail))
    elif isinstance(detail, dict):
        for name, inner in detail.items():
            yield from field_errors(inner, path if name == "non_field_errors" else (*path, str(name)))
    else:
        for number, inner in enumerate(detail):
            is_error = isinstance(inner, exceptions.ErrorDetail)
            yield from field_errors(inner, path if is_error else (*path, str(number)))


def json_pointer(path: Iterable[str]) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)


def _missing_needs(error: MissingNeeds) -> ApiProblem:
    errors = [FieldError(f"/{name}", "required", sentence) for name, sentence in error.fields.items()]
    return ApiProblem("missing-needs", str(error), errors)


def _unauthenticated(_error: Exception) -> ApiProblem:
    """One text for every reason, so that it tells nothing of the keys there are."""
    return ApiProblem(
        "unauthenticated", "Send a valid key: Authorization: Bearer KEY.", headers={"WWW-Authenticate": "Bearer"}
    )


def _throttled(error: Any) -> ApiProblem:
    wait = str(max(1, round(error.wait or 1)))
    return ApiProblem("too-many-requests", f"Ask again in {wait} seconds.", headers={"Retry-After": wait})


def _unavailable(error: Exception) -> ApiProblem:
    logger.warning("The database is not available: %s", error)
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ApiProblem("unavailable", "Nothing was changed; send the same again in a few seconds.", headers=retry)


def _says_itself(problem_type: str) -> Callable[[Any], ApiProblem]:
    return lambda error: ApiProblem(problem_type, str(error))


def _says(problem_type: str, sentence: str) -> Callable[[Any], ApiProblem]:
    return lambda _error: ApiProblem(problem_type, sentence)


_NOT_FOUND = _says("not-found", "There is nothing at this address, or nothing that this key may know of.")

_TRANSLATIONS: dict[type[Exception], Callable[[Any], ApiProblem]] = {
    exceptions.ValidationError: _invalid_fields,
    exceptions.NotAuthenticated: _unauthenticated,
    exceptions.AuthenticationFailed: _unauthenticated,
    exceptions.PermissionDenied: _says("not-allowed", "This key may not do this."),
    DjangoPermissionDenied: _says("not-allowed", "This key may not do this."),
    Http404: _NOT_FOUND,
    ObjectDoesNotExist: _NOT_FOUND,
    exceptions.MethodNotAllowed: _says("method-not-allowed", "The header Allow says which methods there are."),
    exceptions.NotAcceptable: _says("not-acceptable", "Ask for application/json."),
    exceptions.UnsupportedMediaType: _says("unsupported-media-type", "Send application/json, in UTF-8."),
    exceptions.ParseError: _says("bad-request", "The body could not be read."),
    exceptions.Throttled: _throttled,
    InvalidTransition: _says_itself("illegal-transition"),
    MissingNeeds: _missing_needs,
    NotAllowed: _says_itself("not-allowed"),
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
}
