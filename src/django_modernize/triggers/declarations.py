"""Declarations of triggers, and the registry of their providers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from .catalogue import Catalogue

__all__ = [
    "MANAGED_PREFIXES",
    "SOFT_DELETE_PREFIX",
    "STAMP_PREFIX",
    "TRIGGER_PREFIX",
    "InstalledTrigger",
    "Trigger",
    "TriggerProvider",
    "WriteMode",
    "find_concerned_tables",
    "get_providers",
    "list_target_tables",
    "name_trigger",
    "register_provider",
]

TRIGGER_PREFIX: Final = "modernize_audit_"
"""The prefix of the names of the audit trail's triggers."""

SOFT_DELETE_PREFIX: Final = "modernize_softdelete_"

STAMP_PREFIX: Final = "modernize_stamps_"

MANAGED_PREFIXES: Final = (TRIGGER_PREFIX, SOFT_DELETE_PREFIX, STAMP_PREFIX)
"""The prefix of the names of all managed triggers. Others are never touched."""

MAX_NAME_LENGTH: Final = 63
"""PostgreSQL truncates longer identifiers."""


class WriteMode(StrEnum):
    """What triggers do for the writes of a connection."""

    RECORDED = ""
    """Changes are recorded, and the trail's own tables are locked."""

    UNLOCKED = "unlocked"
    """The tables of the trail may be changed."""

    UNTRACKED = "untracked"
    """Nothing is recorded."""

    UNSTAMPED = "unstamped"
    """Changes are recorded, but do not set stamps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """A trigger that a table should have."""

    name: str
    table: str
    statements: tuple[str, ...]
    """The SQL statements that create it, in order."""

    definition: str
    """What the database's catalog returns for it as long as it is unchanged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledTrigger:
    """A trigger according to the database's catalog."""

    name: str
    table: str
    definition: str
    enabled: bool


class TriggerProvider(Protocol):
    """A feature that installs triggers on tables."""

    def required_tables(self) -> set[str]:
        """Return the tables that all triggers of the feature require."""

    def target_tables(self) -> set[str]:
        """Return the tables that should have triggers."""

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return the tables whose triggers read the given tables, other than required ones.

        Args:
            tables: The tables that are read.
        """

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return the tables that the triggers on the given tables read, other than required ones.

        Args:
            tables: The tables that have the triggers.
        """

    def build_triggers(
        self,
        connection: BaseDatabaseWrapper,
        columns: Mapping[str, set[str]],
        catalogue: "Catalogue",
    ) -> Iterable[Trigger]:
        """Return the triggers for those of the tables that are given; asks no query for a table.

        Args:
            connection: The database that they are for; its vendor decides about the SQL.
            columns: Table to the columns that it has now, which may be fewer than the model's in
                the middle of a migration.
            catalogue: What the database knows of these tables, of the required ones and of the
                sources.
        """


# By type, since the applications get ready again where the list of them is changed for a while.
_providers: dict[type, TriggerProvider] = {}


def register_provider(provider: TriggerProvider) -> None:
    """Register a provider of triggers, replacing one of the same type."""
    _providers[type(provider)] = provider


def get_providers() -> tuple[TriggerProvider, ...]:
    """Return the registered providers."""
    return tuple(_providers.values())


def list_target_tables() -> set[str]:
    """Return all tables that should have triggers."""
    # A schema can be changed while applications are still loading, before models are tracked.
    if not apps.models_ready:
        return set()
    return {table for provider in _providers.values() for table in provider.target_tables()}


def find_concerned_tables(tables: set[str]) -> set[str]:
    """Return the tables whose triggers are affected by a change of the given tables."""
    readers = {
        reader for provider in _providers.values() for reader in provider.find_readers(tables)
    }
    return (tables & list_target_tables()) | readers


def name_trigger(table: str, purpose: str, digest: str, prefix: str = TRIGGER_PREFIX) -> str:
    """Return a trigger's name, truncated for PostgreSQL but still unique through its digest.

    >>> name_trigger("api_booking", "update", "1f2e3d")
    'modernize_audit_api_booking_update'
    """
    name = f"{prefix}{table}_{purpose}"
    if len(name) <= MAX_NAME_LENGTH:
        return name
    room = MAX_NAME_LENGTH - len(prefix) - len(purpose) - len(digest) - 2
    return f"{prefix}{table[:room]}_{digest}_{purpose}"
