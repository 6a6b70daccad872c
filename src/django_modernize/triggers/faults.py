"""Find faults of the triggers for the system checks, except those about to be repaired."""

import sys
from dataclasses import replace

from django.db.backends.base.base import BaseDatabaseWrapper

from .installer import TriggerReport, compare_triggers

__all__ = ["find_faults", "is_migrating"]


def is_migrating() -> bool:
    """Return whether ``migrate`` is running. It ends by repairing the triggers."""
    return sys.argv[1:2] == ["migrate"]


def find_faults(connection: BaseDatabaseWrapper) -> TriggerReport:
    """Compare a database's triggers with what the models need, for a system check.

    Django's ``migrate`` stops if a check reports an error. It creates missing triggers, for example
    of a newly tracked model, so these are not reported while it runs.
    """
    report = compare_triggers(connection)
    return replace(report, missing=(), stale=(), disabled=()) if is_migrating() else report
