"""System checks of the stamps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connections, models

from ..triggers.declarations import STAMP_PREFIX
from ..triggers.faults import find_faults

__all__ = ["check_choice", "check_stamp_triggers"]


def check_choice(model: type[models.Model]) -> list[CheckMessage]:
    """Return an error if the model lacks what its stamp options require.

    ``stamps_only_changes`` requires ``ModelDiffMixin``, and ``stamped_by_database`` requires
    ``django_modernize`` in ``INSTALLED_APPS`` to install the triggers.

    Args:
        model: A stamped model.
    """
    stamped: Any = model
    if stamped.stamped_by_database and not apps.is_installed("django_modernize"):
        return [
            Error(
                f"{model.__name__} asks the database to set its stamps, but the triggers that do "
                "so are never installed.",
                hint='Add "django_modernize" to INSTALLED_APPS.',
                obj=model,
                id="modernize.E303",
            )
        ]
    if not stamped.stamps_only_changes or stamped.watches_in_place:
        return []
    return [
        Error(
            f"{model.__name__} stamps only changes, but nothing tells what changed.",
            hint=f"Write: class {model.__name__}(ModelDiffMixin, ...)",
            obj=model,
            id="modernize.E302",
        )
    ]


def check_stamp_triggers(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Compare the installed stamp triggers with those that the models need.

    Args:
        databases: The aliases of the databases to check.
        **kwargs: The other arguments that Django passes to every check.
    """
    return [message for alias in databases or () for message in _check_database(alias)]


def _check_database(alias: str) -> list[CheckMessage]:
    try:
        report = find_faults(connections[alias])
    except DatabaseError:
        # Without a connection, other checks report more; an error here would hide them.
        return []
    return [
        Error(
            f"The trigger {trigger.name} on table {trigger.table} of database {alias!r} is "
            "missing, disabled or out of date with the models: rows that are not written through "
            "Django are not stamped.",
            hint=f"Run: python manage.py modernize_triggers --install --database {alias}",
            id="modernize.E304",
        )
        for trigger in report.to_create
        if trigger.name.startswith(STAMP_PREFIX)
    ]
