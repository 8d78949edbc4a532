"""Strict JSON: one object in UTF-8, read in one way only. What two readers could understand differently is refused."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from integrations.api.problems import ApiProblem, FieldError, json_pointer

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_KEYS = 1000
MAX_DIGITS = 1000
MAX_EXPONENT = 308
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Numbers with a point become Decimal, so that money keeps its cents."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], *_how: Any, **_context: Any) -> dict[str, Any]:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ApiProblem("too-large", f"The body may have {MAX_BYTES:,} bytes at most.")
        return parse_object(raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    """The object in `raw`; raises ApiProblem for anything else. A byte-order mark is skipped."""
    if not raw.strip():
        raise ApiProblem("malformed-json", "The body is empty; send one JSON object.")
    if (place := raw.find(b"\x00")) >= 0 and _is_utf8(raw):
        raise _forbidden_character((), f"The body has a NUL character: byte {place + 1}.")
    try:
        document = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except UnicodeDecodeError as error:
        raise ApiProblem("not-utf8", f"The body is not UTF-8: byte {error.start + 1} does not fit.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ApiProblem("malformed-json", f"The body is not JSON: {error.msg} at {where}.") from error
    if not isinstance(document, dict):
        raise ApiProblem("not-an-object", "The body has to be one JSON object: {…}.")
    _check_values(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise ApiProblem("too-many-fields", f"An object has {len(pairs)} keys; {MAX_KEYS} are the most.")
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ApiProblem("duplicate-key", f"An object has the key {json.dumps(key[:80])} twice.")
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ApiProblem("malformed-json", f"The body is not JSON: {name} is no number of JSON.")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ApiProblem("out-of-range", f"A number has {len(digits)} digits.")
    return int(digits)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _out_of_range() from error
    if len(text) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        raise _out_of_range()
    return number


def _out_of_range() -> ApiProblem:
    return ApiProblem("malformed-json", "A number is too large, too small or too long.")


def _too_deep() -> ApiProblem:
    return ApiProblem("too-deep", f"The body is nested more than {MAX_DEPTH} levels deep.")


def _check_values(document: dict[str, Any]) -> None:
    """Without recursion: the nesting is the caller's."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if len(path) >= MAX_DEPTH:
            raise _too_deep()
        for name, child in _children(value):
            if _is_forbidden(name) or (isinstance(child, str) and _is_forbidden(child)):
                raise _forbidden_character((*path, name))
            if isinstance(child, dict | list):
                waiting.append(((*path, name), child))


def _children(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    else:
        for number, child in enumerate(value):
            yield str(number), child


def _is_forbidden(text: str) -> bool:
    """NUL and lone surrogates: PostgreSQL can store neither."""
    return _FORBIDDEN.search(text) is not None


def _is_utf8(raw: bytes) -> bool:
    """UTF-16 and UTF-32 are full of NUL bytes: that is another mistake."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _forbidden_character(
    path: tuple[str, ...], message: str = "NUL and half surrogate pairs are not text."
) -> ApiProblem:
    pointer = json_pointer(path).encode(errors="replace").decode().replace("\x00", "?")
    return ApiProblem("forbidden-character", message, [FieldError(pointer, "forbidden-character", message)])
