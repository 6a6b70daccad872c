"""The packages whose records can be imported, with one module for each."""

from importlib import import_module
from typing import Any, Final, Protocol

from django.apps import apps
from django.db.models import Model, QuerySet

from django_modernize.audit.recording import RecordedEvent
from django_modernize.exceptions import ModernizeError

__all__ = ["SOURCES", "Source", "SourceError", "load_source", "require_tables"]

SOURCES: Final = {
    "auditlog": "auditlog",
    "pghistory": "pghistory",
    "reversion": "reversion",
    "simple_history": "simple_history",
}
"""Name to the application that must be installed."""


class SourceError(ModernizeError):
    """The records of a package cannot be read."""


class Source(Protocol):
    """How the records of one package are read. A module is one."""

    order: tuple[str, ...]
    """The fields that put the records of a table in order, ``pk`` the last."""

    def list_tables(self, model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
        """Return the records of each table, of one model's objects or of all."""

    def describe_records(self, records: list[Any], using: str) -> list[list[RecordedEvent]]:
        """Return the events that each of some records tells of; they follow one another."""


def load_source(name: str) -> Source:
    """Return a source.

    Raises:
        SourceError: Its package is not among the installed applications.
    """
    if not apps.is_installed(SOURCES[name]):
        raise SourceError(
            f"{SOURCES[name]!r} is not in INSTALLED_APPS, but its tables are read through its "
            "models. Add it for the import, and remove it afterwards."
        )
    source: Any = import_module(f"{__name__}.{name}")
    return source  # type: ignore[no-any-return]


def require_tables(
    tables: "list[QuerySet[Any]]", declared: str, model: type[Model] | None
) -> "list[QuerySet[Any]]":
    """Return the tables that were found, of which there has to be one.

    Args:
        tables: Those of one model, or of all.
        declared: What in the project's models makes them.
        model: The one that was asked for.

    Raises:
        SourceError: There is none, so that nothing would be carried over.
    """
    if tables:
        return tables
    lacking = (
        f"No model has {declared}" if model is None else f"{model._meta.label} lacks {declared}"
    )
    raise SourceError(
        f"{lacking}, which is needed to find its records. Restore it for the import, and remove "
        "it afterwards."
    )
