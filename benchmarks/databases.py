"""A database of its own for each measurement, made beside the one in the settings; dropped afterwards, or kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def own_database(*, keep: bool = False) -> Iterator[None]:
    """Empty but for LeadFlow's own lists, or as it was kept. The database of the settings is never written to."""
    settings = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = _name(str(settings))
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(settings, verbosity=0, keepdb=keep)


def analyze() -> None:
    """PostgreSQL looks by itself at what is there, a minute later; SQLite does not, and plans without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _name(name: str) -> str:
    return str(Path(name).with_name("bench.sqlite3")) if connection.vendor == "sqlite" else f"{name}_bench"
