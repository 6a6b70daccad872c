"""What the triggers do when Django tells that something happened."""

from django.apps import AppConfig
from django.db import connections

from .installer import synchronize_triggers

__all__ = ["synchronize_after_migrate"]


def synchronize_after_migrate(
    sender: AppConfig, *, using: str, verbosity: int = 1, **kwargs: object
) -> None:
    """Bring the triggers of a database in line with the models when ``migrate`` is through."""
    report = synchronize_triggers(connections[using])
    if verbosity > 1 and not report.is_clean:
        made, dropped = len(report.to_create), len(report.unexpected)
        print(f"Triggers on {using!r}: {made} made, {dropped} dropped.")  # noqa: T201
