"""Signal receivers that maintain the triggers."""

from django.apps import AppConfig
from django.db import connections

from .installer import synchronize_triggers

__all__ = ["synchronize_after_migrate"]


def synchronize_after_migrate(
    sender: AppConfig, *, using: str, verbosity: int = 1, **kwargs: object
) -> None:
    """Synchronize the triggers of a database with the models after ``migrate``."""
    report = synchronize_triggers(connections[using])
    if verbosity > 1 and not report.is_clean:
        made, dropped = len(report.to_create), len(report.unexpected)
        print(f"Triggers on {using!r}: {made} made, {dropped} dropped.")  # noqa: T201
