"""Map names of other packages to those of the library, and list those without an equivalent."""

from __future__ import annotations

from typing import Final

__all__ = ["ADVICE", "ATTRIBUTES", "FOREIGN", "IMPORTS", "KEYWORDS", "LIFECYCLE", "STRINGS"]

FOREIGN: Final = frozenset({"dirtyfields", "django_currentuser", "django_lifecycle", "model_utils"})
"""The packages that code is brought over from."""

_DIFF: Final = ("django_modernize.models", "ModelDiffMixin")
_USER: Final = ("django_modernize.stamps.fields", "UserStampField")

IMPORTS: Final = {
    ("dirtyfields", "DirtyFieldsMixin"): _DIFF,
    ("dirtyfields.dirtyfields", "DirtyFieldsMixin"): _DIFF,
    ("model_utils", "FieldTracker"): _DIFF,
    ("model_utils.tracker", "FieldTracker"): _DIFF,
    ("django_lifecycle", "LifecycleModelMixin"): _DIFF,
    ("django_lifecycle.mixins", "LifecycleModelMixin"): _DIFF,
    ("django_lifecycle", "LifecycleModel"): _DIFF,
    ("django_lifecycle.models", "LifecycleModel"): _DIFF,
    ("django_currentuser.db.models", "CurrentUserField"): _USER,
    ("django_currentuser.db.models.fields", "CurrentUserField"): _USER,
}
"""Module and name there, module and name here."""

LIFECYCLE: Final = frozenset({"LifecycleModel", "LifecycleModelMixin"})
"""The bases without which hooks would no longer run."""

KEYWORDS: Final = {("UserStampField", "on_update"): "on_change"}
"""Class here and argument there, argument here."""

ATTRIBUTES: Final = {"FIELDS_TO_CHECK": "diff_fields"}
"""Attribute of a model there, attribute here."""

STRINGS: Final = {
    "django_currentuser.middleware.ThreadLocalUserMiddleware": (
        "django_modernize.middleware.ChangeContextMiddleware"
    )
}
"""Path in the settings there, path here."""

ADVICE: Final = {
    "TimeStampedModel": "its fields are called created and modified: rename them in a migration",
    "get_dirty_fields": "diff gives {name: (old, new)} in place of {name: old}",
    "changed": "diff gives {name: (old, new)} in place of {name: old}",
    "get_current_user": "write django_modernize.context.get_context().actor",
    "get_current_authenticated_user": "write django_modernize.context.get_context().actor",
    "ThreadLocalUserMiddleware": "write django_modernize.middleware.ChangeContextMiddleware",
    "hook": "write receivers that see the diff; until then the model keeps its lifecycle base",
    "bypass_hooks_for": "no receiver is passed by: let it ask for what the block sets",
    "ModelTracker": "write the ModelDiffMixin",
    "ENABLE_M2M_CHECK": "write with track_changes(obj, relations=[...])",
    "compare_function": "drop it: values are the same when the field would store them alike",
    "normalise_function": "drop it: values are the same when the field would store them alike",
}
"""Name there, what to do about it by hand."""
