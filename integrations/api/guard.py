"""What is settled before a request reaches the API's views, and the last word on its errors."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from integrations.api.parsers import MAX_BYTES
from integrations.api.problems import PROBLEM_JSON, ApiProblem, problem_for_status, problem_response

UTF8_NAMES = frozenset({"utf-8", "utf8"})
KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


class ApiGuardMiddleware:
    """Refuses under /api/ what no view should read, gives each request an id, and makes every error a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by problem_response
        problem = _refusal(request)
        response = problem_response(problem, request) if problem else self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != PROBLEM_JSON:
            response = _as_problem(response, request)
        response.headers["X-Request-Id"] = request_id
        return response


def _refusal(request: HttpRequest) -> ApiProblem | None:
    if "\x00" in request.META.get("QUERY_STRING", "") or "%00" in request.META.get("QUERY_STRING", ""):
        return ApiProblem("forbidden-character", "The URL has a NUL character.")
    if "://" in request.META.get("RAW_URI", "").partition("?")[0]:  # as one writes to a proxy, which this is not
        return ApiProblem("bad-request", "Send the path alone in the request line.")
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return ApiProblem("length-required", "Send the body with a Content-Length.")
    return _length_refusal(request.META.get("CONTENT_LENGTH") or "0") or _encoding_refusal(request)


def _length_refusal(length: str) -> ApiProblem | None:
    if not (length.isascii() and length.isdigit()):
        return ApiProblem("bad-request", "Content-Length is not a number.")
    if len(length) > 18 or int(length) > MAX_BYTES:
        return ApiProblem("too-large", f"The body may have {MAX_BYTES:,} bytes at most.")
    return None


def _encoding_refusal(request: HttpRequest) -> ApiProblem | None:
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity")
    if encoding.strip().lower() != "identity":
        return ApiProblem("unsupported-media-type", "Send the body as it is: Content-Encoding is not supported.")
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip().lower() not in UTF8_NAMES:
        return ApiProblem("not-utf8", "Send the body in UTF-8.")
    return None


def _as_problem(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """An error page of Django's or a middleware's, said again as a problem."""
    problem = problem_response(problem_for_status(response.status_code), request)
    for header in KEPT_HEADERS:
        if header in response.headers:
            problem.headers[header] = response.headers[header]
    return problem
