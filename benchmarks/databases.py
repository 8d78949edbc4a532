"""A database of its own for each measurement, made beside the one in the settings and dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def empty_database() -> Iterator[None]:
    """Migrated, with LeadFlow's own lists. Nothing is ever written to the database of the settings."""
    kept = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = _name(str(kept))
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(kept, verbosity=0)


def analyze() -> None:
    """PostgreSQL looks by itself at what is there, a minute later; SQLite does not, and plans without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _name(name: str) -> str:
    return str(Path(name).with_name("bench.sqlite3")) if connection.vendor == "sqlite" else f"{name}_bench"
