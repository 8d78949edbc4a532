"""Trying again what a database refused for the moment: two transactions stood in each other's way."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

TRIES = 4
LONGEST_PAUSE_SECONDS = 0.4
# Whoever has waited this long already is told so, rather than wait as long again.
NO_TRY_AFTER_SECONDS = 3
# SQLSTATE of PostgreSQL: deadlock, serialization failure, lock not available; and what SQLite says.
_PASSING = frozenset({"40P01", "40001", "55P03"})
_SQLITE = "database is locked"

Result = TypeVar("Result")


def retrying(work: Callable[[], Result]) -> Result:
    """The result of `work`, a whole transaction, tried up to four times. Raises what the last try raised."""
    begun = time.monotonic()
    for left in range(TRIES - 1, -1, -1):
        try:
            return work()
        except OperationalError as error:
            if not left or not passes(error) or time.monotonic() - begun > NO_TRY_AFTER_SECONDS:
                raise
            time.sleep(random.uniform(0.05, LONGEST_PAUSE_SECONDS))  # noqa: S311  # so that the two do not meet again
    raise AssertionError("unreachable: the last try returns or raises")


def passes(error: OperationalError) -> bool:
    """Whether the same may well succeed a moment later."""
    return getattr(error.__cause__, "pgcode", None) in _PASSING or _SQLITE in str(error)
