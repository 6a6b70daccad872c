"""Triggers as values, and the registry of who asks for them."""

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
"""What the names of the audit trail's triggers begin with."""

SOFT_DELETE_PREFIX: Final = "modernize_softdelete_"

STAMP_PREFIX: Final = "modernize_stamps_"

MANAGED_PREFIXES: Final = (TRIGGER_PREFIX, SOFT_DELETE_PREFIX, STAMP_PREFIX)
"""What the names of all managed triggers begin with; others are never touched."""

MAX_NAME_LENGTH: Final = 63
"""PostgreSQL cuts longer identifiers off."""


class WriteMode(StrEnum):
    """What the triggers do about the writes of a connection."""

    RECORDED = ""
    """Changes are recorded, and the trail's own tables are locked."""

    UNLOCKED = "unlocked"
    """The tables of the trail may be changed."""

    UNTRACKED = "untracked"
    """Nothing is recorded."""

    UNSTAMPED = "unstamped"
    """Changes are recorded, but are no changes to the stamps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """A trigger that should stand on a table."""

    name: str
    table: str
    statements: tuple[str, ...]
    """The SQL that makes it, in order."""

    definition: str
    """What the database's catalogue gives back for it while nobody changed it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledTrigger:
    """A trigger as the database's catalogue has it."""

    name: str
    table: str
    definition: str
    enabled: bool


class TriggerProvider(Protocol):
    """A feature that wants triggers on tables."""

    def required_tables(self) -> set[str]:
        """Return the tables without which none of the feature's triggers can work."""

    def target_tables(self) -> set[str]:
        """Return the tables that want triggers."""

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return the tables whose triggers read some other tables, the required ones aside.

        Args:
            tables: The tables that are read.
        """

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return the tables that the triggers on some tables read, the required ones aside.

        Args:
            tables: The tables that want the triggers.
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
    """Add a feature to those that are asked for triggers; one of a type is asked, the latest."""
    _providers[type(provider)] = provider


def get_providers() -> tuple[TriggerProvider, ...]:
    """Return the features that want triggers."""
    return tuple(_providers.values())


def list_target_tables() -> set[str]:
    """Return all tables that want triggers."""
    # A schema can be changed while applications are still loading, before models are tracked.
    if not apps.models_ready:
        return set()
    return {table for provider in _providers.values() for table in provider.target_tables()}


def find_concerned_tables(tables: set[str]) -> set[str]:
    """Return the tables whose triggers have to follow a change of some tables."""
    readers = {
        reader for provider in _providers.values() for reader in provider.find_readers(tables)
    }
    return (tables & list_target_tables()) | readers


def name_trigger(table: str, purpose: str, digest: str, prefix: str = TRIGGER_PREFIX) -> str:
    """Return a trigger's name, cut to what PostgreSQL keeps and still unique by its digest.

    >>> name_trigger("api_booking", "update", "1f2e3d")
    'modernize_audit_api_booking_update'
    """
    name = f"{prefix}{table}_{purpose}"
    if len(name) <= MAX_NAME_LENGTH:
        return name
    room = MAX_NAME_LENGTH - len(prefix) - len(purpose) - len(digest) - 2
    return f"{prefix}{table[:room]}_{digest}_{purpose}"
