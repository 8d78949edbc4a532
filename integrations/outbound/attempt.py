"""One try to deliver: an HTTP request and what came of it. Knows no database, for it runs in a thread of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpcore
import httpx

from integrations.outbound.guard import ANSWER_SECONDS, NotAllowed, UrlNotAllowed, check_form

__all__ = ["ANSWER_SECONDS", "Outcome", "Request", "attempt"]

READ_BYTES = 64_000
KEPT_CHARACTERS = 1_000


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """`status` is the answer's; none where there was none, and `error` says why. `answer`: the body's beginning."""

    status: int | None = None
    error: str = ""
    answer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error


def attempt(http: httpx.Client, request: Request) -> Outcome:
    """POST it. Whatever happens is an outcome: a sender never dies of a receiver."""
    try:
        check_form(request.url)
        with http.stream("POST", request.url, headers=request.headers, content=request.body) as response:
            answer = _beginning(response, time.monotonic() + ANSWER_SECONDS)
            is_success = 200 <= response.status_code < 300
            error = "" if is_success else f"It answered {response.status_code}."
            return Outcome(response.status_code, error, answer, dict(response.headers))
    except UrlNotAllowed as refused:
        return Outcome(error=f"Destination not allowed: {refused}")
    except httpx.TimeoutException:
        return Outcome(error=f"It did not answer within {ANSWER_SECONDS:.0f} seconds.")
    except httpx.ConnectError as error:
        return Outcome(error=_why_not_connected(error))
    except (httpx.HTTPError, httpx.InvalidURL, httpcore.ProtocolError) as error:
        return Outcome(error=f"The connection broke: {type(error).__name__}.")


def _beginning(response: httpx.Response, ends_at: float) -> str:
    """What is kept of an answer: of one that has no end, no more than that is read. Raises ReadTimeout."""
    read = bytearray()
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= READ_BYTES:
            break
        if time.monotonic() > ends_at:
            raise httpx.ReadTimeout("the answer did not end")
    return bytes(read).decode("utf-8", "replace").replace("\x00", "")[:KEPT_CHARACTERS]


def _why_not_connected(error: httpx.ConnectError) -> str:
    refused = error.__cause__ if isinstance(error.__cause__, NotAllowed) else None
    if refused:
        return f"Destination not allowed: {refused}."
    return f"It could not be reached: {error}."[:300]
