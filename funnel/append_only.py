"""Database triggers that refuse to change or delete history and what was signed, on PostgreSQL and on SQLite.

Whoever owns the tables can still drop them: in production the web role does not (deploy/postgres-roles.sh).
"""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunPython

from funnel import fixed_terms

TABLES = (
    "funnel_leadevent",
    "funnel_stagechange",
    "funnel_assignment",
    "funnel_sourceruling",
    "dispositions_disposition",
    "dispositions_forecast",
    "reports_targetchange",
    *fixed_terms.TABLES,
)

# A row of these is known by its lead and seq too.
_NUMBERED = frozenset({"funnel_leadevent", "funnel_stagechange", "funnel_sourceruling", "dispositions_disposition"})

_FUNCTION = """
CREATE OR REPLACE FUNCTION leadflow_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: correct it with a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def create_triggers(connection: BaseDatabaseWrapper, tables: Iterable[str] = TABLES) -> None:
    statements = [_FUNCTION] if connection.vendor == "postgresql" else []
    for table in tables:
        statements += _postgresql(table) if connection.vendor == "postgresql" else _sqlite(table)
    _execute(connection, statements)


def drop_triggers(connection: BaseDatabaseWrapper, tables: Iterable[str] = TABLES) -> None:
    """For migrations backwards, and for tests that have to empty the tables."""
    on_table = connection.vendor == "postgresql"
    names = ("rows", "truncate") if on_table else ("update", "delete", "replace")
    for table in tables:
        _execute(
            connection,
            [f"DROP TRIGGER IF EXISTS {table}_{name}_refused" + (f" ON {table}" if on_table else "") for name in names]
            + fixed_terms.drop_statements(table, connection.vendor),
        )


def append_only(*tables: str) -> Operation:
    """The migration operation that protects these tables from now on."""

    def create(_apps: Any, editor: Any) -> None:
        create_triggers(editor.connection, tables)

    def drop(_apps: Any, editor: Any) -> None:
        drop_triggers(editor.connection, tables)

    return RunPython(create, drop)


def _postgresql(table: str) -> list[str]:
    refuse = "EXECUTE FUNCTION leadflow_append_only()"
    rows = f"CREATE OR REPLACE TRIGGER {table}_rows_refused BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}"
    whole = f"CREATE OR REPLACE TRIGGER {table}_truncate_refused BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
    if table in fixed_terms.TABLES:
        return [*fixed_terms.create_statements(table, "postgresql"), whole]
    return [rows, whole]


def _sqlite(table: str) -> list[str]:
    if table in fixed_terms.TABLES:
        return fixed_terms.create_statements(table, "sqlite")
    refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: correct it with a new row'); END"
    # REPLACE deletes the row that is in its way without asking the trigger for deletions.
    same = "id = NEW.id OR (lead_id = NEW.lead_id AND seq = NEW.seq)" if table in _NUMBERED else "id = NEW.id"
    in_the_way = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # our own names
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_update_refused BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_delete_refused BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_replace_refused BEFORE INSERT ON {table} WHEN {in_the_way} {refused}",
    ]


def _execute(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
