"""How many calls a key may make a minute, told with every answer. Where the counter is away, calls are let through."""

import logging
import time
from dataclasses import dataclass

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
COUNTER = "calls"


@dataclass(frozen=True)
class Rate:
    """`left` of `limit` calls until `seconds` from now. Told as in the IETF draft “RateLimit header fields”."""

    limit: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f"default;q={self.limit};w={WINDOW_SECONDS}",
            "RateLimit": f"default;r={max(self.left, 0)};t={self.seconds}",
        }

    @property
    def is_exceeded(self) -> bool:
        return self.left < 0


def _counted(counter: BaseCache, name: str) -> int:
    try:
        return counter.incr(name)
    except ValueError:  # the first of its minute
        counter.add(name, 0, timeout=WINDOW_SECONDS * 2)
        return counter.incr(name)


def count_call(key_id: int, limit: int) -> Rate | None:
    """Count one call of this key. None where nobody could count."""
    now = int(time.time())
    window, gone = divmod(now, WINDOW_SECONDS)
    name = f"{key_id}:{window}"
    counter = caches[COUNTER]
    try:
        calls = _counted(counter, name)
    except (RedisError, OSError, ValueError) as error:  # ValueError: the counter was emptied in between
        logger.warning("Calls are not counted: %s", type(error).__name__)
        return None
    return Rate(limit, limit - calls, WINDOW_SECONDS - gone)
