"""The exceptions that the library raises.

They share one base class, and each also extends the built-in or Django exception that callers
expect.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import DatabaseError, IntegrityError
from django.db.models import Model

__all__ = [
    "AppendOnly",
    "HeldByDeleted",
    "InvalidContext",
    "JournalUnavailable",
    "ModernizeError",
    "RestoreConflict",
    "SettingsError",
    "SheetMissing",
    "TrackingError",
    "TrailUnavailable",
    "UnjudgedUpload",
    "UploadRejected",
]


class ModernizeError(Exception):
    """The base class of all exceptions that the library raises."""


class SettingsError(ModernizeError, ImproperlyConfigured):
    """The ``MODERNIZE`` setting has an unknown key or an invalid value."""


class InvalidContext(ModernizeError, ValueError):
    """A change context has a value that cannot be passed to the database."""


class TrackingError(ModernizeError, ImproperlyConfigured):
    """A model is declared as tracked in a way that cannot work."""


class AppendOnly(ModernizeError, TypeError):
    """An audit event cannot be changed from Python: only the database writes events."""

    def __init__(self, verb: str) -> None:
        super().__init__(
            f"An AuditEvent cannot be {verb}: the database writes events itself. Change the "
            "object that the event describes instead."
        )


class TrailUnavailable(ModernizeError, DatabaseError):
    """A change could not be recorded, so nothing was changed.

    Args:
        reason: The message of the database.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Nothing was changed, because the audit trail could not record it: {reason}. "
            "To see what is wrong, run: python manage.py modernize_triggers --check. If a table "
            "of the trail is missing, full or not accessible to this database user, fix that."
        )


class JournalUnavailable(ModernizeError, DatabaseError):
    """A deletion or a restore needs the journal of deletions, which is missing or closed.

    Args:
        alias: The alias of the database.
        reason: The message of the database.
    """

    def __init__(self, alias: str, reason: str) -> None:
        super().__init__(
            f"The journal of deletions in database {alias!r} cannot be used: {reason}. Without "
            "it, nothing can be restored, nor deleted where foreign keys are to be replaced. If "
            f"its table is missing, run: python manage.py migrate modernize_softdelete "
            f"--database {alias}"
        )


class HeldByDeleted(ModernizeError, IntegrityError):
    """A row cannot be created because a soft-deleted row still holds a unique value.

    Args:
        holder: The soft-deleted row.
    """

    def __init__(self, holder: Model) -> None:
        self.holder = holder
        super().__init__(
            f"The deleted {holder._meta.verbose_name} {holder} ({holder.pk}) still holds a value "
            "that must be unique: restore it, purge it, or use UniqueAlive, which counts live "
            "rows only."
        )


class RestoreConflict(ModernizeError, ValidationError):
    """Rows cannot be restored because what they need is taken or still deleted.

    Args:
        conflicts: One complete sentence for each conflict.
    """

    def __init__(self, conflicts: list[str]) -> None:
        self.conflicts = conflicts
        super().__init__(conflicts, code="restore_conflict")


class UploadRejected(ModernizeError, ValidationError):
    """A file does not comply with its upload policy. Nothing was stored.

    ``code`` is one of :class:`~django_modernize.uploads.codes.RefusalCode`.

    Args:
        message: What is wrong, with placeholders for the parameters.
        code: The machine-readable reason.
        params: The values of the placeholders.
    """

    def __init__(self, message: str, *, code: str, params: dict[str, Any]) -> None:
        super().__init__(message, code=code, params=params)


class UnjudgedUpload(ModernizeError, TypeError):
    """A file was about to be written in a way that bypasses inspection or storage.

    Args:
        field: The field, as ``app.Model.field``.
        problem: What was attempted, and what to do instead.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


class SheetMissing(ModernizeError, LookupError):
    """A workbook has no sheet with the requested name.

    Args:
        wanted: The requested name.
        found: The names of the sheets in the workbook.
    """

    def __init__(self, wanted: str, found: Sequence[str]) -> None:
        self.wanted = wanted
        self.found = list(found)
        names = ", ".join(f"“{name}”" for name in found)
        super().__init__(f"The workbook has no sheet “{wanted}”. Its sheets are {names}.")
