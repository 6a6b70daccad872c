"""Tells the system checks what is wrong with the triggers, and not what is about to be repaired."""

import sys
from dataclasses import replace

from django.db.backends.base.base import BaseDatabaseWrapper

from .installer import TriggerReport, compare_triggers

__all__ = ["find_faults", "is_migrating"]


def is_migrating() -> bool:
    """Return whether ``migrate`` is running. It ends by repairing the triggers."""
    return sys.argv[1:2] == ["migrate"]


def find_faults(connection: BaseDatabaseWrapper) -> TriggerReport:
    """Compare a database's triggers with what the models ask for, on behalf of a system check.

    Django's ``migrate`` stops at errors of the checks. It makes the triggers that are missing, for
    instance of a model that is tracked from now on, so these are no faults while it runs.
    """
    report = compare_triggers(connection)
    return replace(report, missing=(), stale=(), disabled=()) if is_migrating() else report
