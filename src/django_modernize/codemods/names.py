"""What the names of other packages are here, and what has no name of its own."""

from __future__ import annotations

from typing import Final

__all__ = ["ADVICE", "IMPORTS", "KEYWORDS"]

IMPORTS: Final = {
    ("dirtyfields", "DirtyFieldsMixin"): ("django_modernize.models", "ModelDiffMixin"),
    ("model_utils", "FieldTracker"): ("django_modernize.models", "ModelDiffMixin"),
    ("model_utils.tracker", "FieldTracker"): ("django_modernize.models", "ModelDiffMixin"),
    ("django_lifecycle", "LifecycleModelMixin"): ("django_modernize.models", "ModelDiffMixin"),
    ("django_currentuser.db.models", "CurrentUserField"): (
        "django_modernize.stamps.fields",
        "UserStampField",
    ),
}
"""Module and name there, module and name here."""

KEYWORDS: Final = {("UserStampField", "on_update"): "on_change"}
"""Class here and argument there, argument here."""

ADVICE: Final = {
    "TimeStampedModel": "its fields are called created and modified: rename them in a migration",
    "get_dirty_fields": "diff gives {name: (old, new)} in place of {name: old}",
    "changed": "diff gives {name: (old, new)} in place of {name: old}",
    "get_current_user": "write django_modernize.context.get_context().actor",
    "get_current_authenticated_user": "write django_modernize.context.get_context().actor",
    "ThreadLocalUserMiddleware": "write django_modernize.middleware.ChangeContextMiddleware",
    "hook": "write a receiver of post_save, which still sees the diff",
    "LifecycleModel": "write the ModelDiffMixin, and receivers for the hooks",
}
"""Name there, what to do about it by hand."""
