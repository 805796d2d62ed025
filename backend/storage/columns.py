"""A migration step that SQLite's rebuild of tables would make at the price of their constraints and indexes."""

from typing import Any

from tortoise.migrations import operations as ops


class DropColumn(ops.RemoveField):
    """Remove a field by `ALTER TABLE ... DROP COLUMN`, which SQLite knows since 3.35 and PostgreSQL always has."""

    async def database_forward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any | None = None
    ) -> None:
        """Drop the column, and nothing else."""
        if state_editor is None:
            return
        table = old_state.apps.get_model(f"{app_label}.{self.model_name}")._meta.db_table  # noqa: SLF001 - where Tortoise keeps it
        await state_editor.client.execute_script(f'ALTER TABLE "{table}" DROP COLUMN "{self.name}"')
