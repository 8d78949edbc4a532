"""A migration's operation: a foreign key keeps no index of its own where another begins with it."""

from typing import Any

from django.db.migrations.operations import AlterField


class SpareIndex(AlterField):
    """The field with `db_index=False`. Drops the index alone.

    On SQLite Django would make the table anew for it, without its triggers.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: Any,
        from_state: Any,
        to_state: Any,  # noqa: ARG002
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            column = model._meta.get_field(self.name).column
            name = schema_editor._create_index_name(model._meta.db_table, [column])  # noqa: SLF001  # as it was given
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: Any,
        from_state: Any,  # noqa: ARG002
        to_state: Any,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            field = model._meta.get_field(self.name)
            schema_editor.execute(schema_editor._create_index_sql(model, fields=[field]))  # noqa: SLF001  # as Django makes it
