"""Pages of a list by keyset: as fast on the last page as on the first, and nothing is skipped while others write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.core.signing import BadSignature, dumps, loads
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from integrations.api.problems import ApiProblem, FieldError

MOST = 200
USUAL = 50
SALT = "leadflow.api.cursor"
CURSOR_GOOD_FOR = timedelta(days=7)
LIMIT = OpenApiParameter(
    "limit", {"type": "integer", "minimum": 1}, description=f"{USUAL} where it is left out, {MOST} at most."
)
PAGING = [LIMIT, OpenApiParameter("cursor", {"type": "string", "minLength": 1}, description="As `next` has it.")]

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """By one field that is never null, then by id. `name` as the caller writes it, with - for downwards."""

    name: str

    @property
    def field(self) -> str:
        return self.name.removeprefix("-")

    @property
    def is_down(self) -> bool:
        return self.name.startswith("-")

    @property
    def columns(self) -> tuple[str, str]:
        sign = "-" if self.is_down else ""
        return f"{sign}{self.field}", f"{sign}pk"

    def beyond(self, value: Any, pk: int) -> Q:
        after = "lt" if self.is_down else "gt"
        return Q(**{f"{self.field}__{after}": value}) | Q(**{self.field: value, f"pk__{after}": pk})


def page_of(rows: "QuerySet[Row]", order: Order, request: Request) -> tuple[list[Row], str | None]:
    """The rows of this page, and the address of the next; None on the last one. Raises ApiProblem."""
    limit = limit_of(request)
    found = rows.order_by(*order.columns)
    if cursor := request.query_params.get("cursor"):
        place = _read(cursor, order, request)
        found = found.filter(order.beyond(place[0], place[1]))
    page = list(found[: limit + 1])
    if len(page) <= limit:
        return page, None
    last = page[limit - 1]
    value = getattr(last, order.field)
    text = value.isoformat() if hasattr(value, "isoformat") else value
    return page[:limit], address(request, cursor=_sign([order.name, text, last.pk], request))


def address(request: Request, **changed: str) -> str:
    """This request's own address with other parameters."""
    parameters = request.query_params.copy()
    for name, value in changed.items():
        parameters[name] = value
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


def limit_of(request: Request) -> int:
    """How many a page has: 50, or as asked for up to 200. Raises ApiProblem."""
    text = request.query_params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdecimal() and int(text[:10]) > 0):
        raise invalid_parameter("limit", f"Give a whole number from 1 to {MOST}.")
    return min(int(text[:10]), MOST)


def invalid_parameter(name: str, message: str) -> ApiProblem:
    return ApiProblem("invalid-parameter", f"{name}: {message}", [FieldError("", "invalid-parameter", message)])


def check_once(request: Request) -> None:
    """Raises ApiProblem for a parameter that is given twice, which one is meant?, or with nothing in it."""
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise invalid_parameter(name, "Give it once.")
        if not values[0].strip():
            raise invalid_parameter(name, "It is empty: leave it out, or say what you look for.")


def _sign(place: list[Any], request: Request) -> str:
    return dumps(place, salt=f"{SALT}.{_owner(request)}", compress=True)


def _read(cursor: str, order: Order, request: Request) -> tuple[Any, int]:
    """Raises ApiProblem for a cursor that is altered, too old, somebody else's, or of another order."""
    try:
        name, value, pk = loads(cursor, salt=f"{SALT}.{_owner(request)}", max_age=CURSOR_GOOD_FOR)
    except (BadSignature, ValueError) as error:
        raise _invalid_cursor() from error
    if name != order.name:
        raise _invalid_cursor()
    at = parse_datetime(value) if isinstance(value, str) else None
    return at or value, pk


def _owner(request: Request) -> str:
    return str(getattr(request.user, "key_id", ""))


def _invalid_cursor() -> ApiProblem:
    message = "Take the cursor from the last answer's “next”, and change nothing else in its address."
    return ApiProblem("invalid-cursor", message, [FieldError("", "invalid-cursor", message)])


def listed(results: list[Mapping[str, Any]], following: str | None) -> dict[str, Any]:
    return {"results": results, "next": following}
