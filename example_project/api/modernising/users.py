"""What Django keeps about ``auth.User`` goes to the project's own user model, and back."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import QuerySet

__all__ = ["give_types_back", "take_types_over"]


def take_types_over(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let permissions and the admin's log of the old user model be those of the new one."""
    _move_type(apps, schema_editor, "auth", "api")


def give_types_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let them be those of ``auth.User`` again."""
    _move_type(apps, schema_editor, "api", "auth")


def _move_type(
    apps: StateApps, schema_editor: BaseDatabaseSchemaEditor, old: str, new: str
) -> None:
    model: Any = apps.get_model("contenttypes", "ContentType")
    types: QuerySet[Any] = QuerySet(model, using=schema_editor.connection.alias)
    if not types.filter(app_label=new, model="user").exists():
        types.filter(app_label=old, model="user").update(app_label=new)
