"""Has the journal of deletions follow the models and fields that migrations rename."""

from collections.abc import Iterable
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from .journal import DeletionJournal

__all__ = ["follow_renames"]

Names = dict[str, str]


class RenameInJournal(migrations.RunPython):
    """Gives what the journal holds another name, there and back.

    Args:
        old: Fields of the journal to the names that they hold.
        new: The same fields to the names that they get.
    """

    def __init__(self, old: Names, new: Names) -> None:
        super().__init__(self._rename_to(old, new), self._rename_to(new, old))

    def _rename_to(self, old: Names, new: Names) -> Any:
        def rename(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
            connection = schema_editor.connection
            if DeletionJournal._meta.db_table in connection.introspection.table_names():
                journal = DeletionJournal._base_manager.using(connection.alias)
                journal.filter(**old).update(**new)

        return rename


def follow_renames(plan: Iterable[tuple[Any, bool]] | None = None, **kwargs: Any) -> None:
    """Put into the migrations that are about to run what keeps the journal true.

    The names of content types are kept true in the same way.

    Args:
        plan: The migrations, each with whether it is taken back.
        **kwargs: What else ``pre_migrate`` says.
    """
    for migration, _is_backwards in plan or ():
        migration.operations = [
            part
            for operation in migration.operations
            for part in (operation, *_list_followers(migration.app_label, operation))
        ]


def _list_followers(app_label: str, operation: Operation) -> list[Operation]:
    if isinstance(operation, migrations.RenameModel):
        names = (operation.old_name_lower, operation.new_name_lower)
        old, new = ({"model": f"{app_label}.{name}"} for name in names)
    elif isinstance(operation, migrations.RenameField):
        model = f"{app_label}.{operation.model_name_lower}"
        old, new = ({"model": model, "field": n} for n in (operation.old_name, operation.new_name))
    else:
        return []
    return [RenameInJournal(old, new)]
