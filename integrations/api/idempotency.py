"""`Idempotency-Key`: a request told again has one effect and gets one answer, for 72 hours."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.authentication import KeyHolder
from integrations.api.problems import ApiProblem
from integrations.models import IdempotentRequest

LONGEST_KEY = 255
VISIBLE = re.compile(r"[!#-+\--~]+")  # a comma would be two keys, sent in two headers
REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = ("ETag", "Location")

P = ParamSpec("P")
Method = Callable[Concatenate[Any, Request, P], HttpResponse]


def idempotent(method: "Method[P]") -> "Method[P]":
    """Wraps a view's method. Answers 2xx are kept; a refused request may be mended and sent under the same key."""

    @wraps(method)
    def once(view: Any, request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = key_of(request)
        if key is None:
            return method(view, request, *args, **kwargs)
        return _answer_once(request, key, lambda: method(view, request, *args, **kwargs), at=timezone.now())

    once.is_idempotent = True  # type: ignore[attr-defined]  # read by is_idempotent
    return once  # type: ignore[return-value]  # what it wraps has the same arguments


def is_idempotent(method: Any) -> bool:
    """Whether a view's method takes an Idempotency-Key."""
    return getattr(method, "is_idempotent", False)


def key_of(request: Request) -> str | None:
    """The key, bare or as a quoted string; none where none is sent. Raises ApiProblem for one that cannot be used."""
    raw = request.headers.get("Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not VISIBLE.fullmatch(key) or len(key) > LONGEST_KEY:
        message = (
            f"Send one key of 1 to {LONGEST_KEY} visible ASCII characters, without commas or quotation marks in it."
        )
        raise ApiProblem("invalid-idempotency-key", message)
    return key


def _answer_once(request: Request, key: str, work: Callable[[], HttpResponse], *, at: datetime) -> HttpResponse:
    """Key and work are written in one transaction: a killed process leaves neither."""
    holder = request.user
    assert isinstance(holder, KeyHolder)  # the only ones who get this far
    mine = IdempotentRequest(api_key_id=holder.key_id, key=key, fingerprint=fingerprint(request), created_at=at)
    try:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    mine.save(force_insert=True)
            except IntegrityError:
                return _replay(mine)
            response = work()
            assert isinstance(response, Response)
            mine.status = response.status_code
            mine.body = JSONRenderer().render(response.data).decode()
            mine.headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            mine.save(update_fields=["status", "body", "headers"])
    except OperationalError as error:
        # PostgreSQL waited as long as it may for the twin that holds the key.
        if "lock timeout" in str(error):
            raise _in_progress() from error
        raise
    return _http(mine)


def _replay(mine: IdempotentRequest) -> HttpResponse:
    known = IdempotentRequest.objects.filter(api_key=mine.api_key_id, key=mine.key).first()
    if known is None:  # the twin was rolled back at this moment
        raise _in_progress()
    if known.fingerprint != mine.fingerprint:
        raise ApiProblem("key-reused", "This key was sent with another request: take a new one for each.")
    response = _http(known)
    response.headers[REPLAYED] = "true"
    return response


def _in_progress() -> ApiProblem:
    return ApiProblem(
        "in-progress", "The first request with this key is still at work; ask again.", headers={"Retry-After": "1"}
    )


def _http(known: IdempotentRequest) -> HttpResponse:
    return HttpResponse(known.body, status=known.status, content_type="application/json", headers=known.headers)


def fingerprint(request: Request) -> str:
    """SHA-256 of method, path with parameters, and raw body."""
    plain = request._request  # noqa: SLF001  # the bytes, not what is parsed of them
    head = f"{plain.method} {plain.get_full_path()}\n".encode()
    return hashlib.sha256(head + plain.body).hexdigest()
