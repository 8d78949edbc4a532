"""Below which id of a growing table nothing can appear any more, so that a reader who goes by ids misses nothing.

Of two writers the one with the lower id may commit later. On PostgreSQL each begins its transaction before its row gets
an id: once all have ended that had begun when the last row was `watched_id`, nothing below it can come. On SQLite there
is one writer at a time.
"""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Horizon:
    """All rows up to `settled_id` are there; those up to `watched_id` once `watched_transaction` is the oldest."""

    settled_id: int = 0
    watched_id: int = 0
    watched_transaction: int = 0


def oldest_running() -> int | None:
    """The oldest transaction under way; None where there is one writer at a time. Ask before the rows are read."""
    return _asked("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def moved_up(horizon: Horizon, *, last: int, running: int | None) -> Horizon:
    """The horizon once all rows up to `last` have been read; `running` is `oldest_running` from before the reading."""
    if running is None:
        return Horizon(settled_id=last)
    following = _asked("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    assert following is not None
    is_settled = running >= horizon.watched_transaction
    settled_id = max(horizon.settled_id, horizon.watched_id) if is_settled else horizon.settled_id
    # A watch from beyond the present is of a database that was restored elsewhere: it begins anew.
    if not is_settled and horizon.watched_transaction <= following:
        return horizon
    return Horizon(settled_id, watched_id=last, watched_transaction=following)


def _asked(question: str) -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(question)
        answer: int = cursor.fetchone()[0]
    return answer
