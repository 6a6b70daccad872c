"""Triggers that stamp what Django does not write: raw SQL, ``DB_SET_NULL``, other programs.

They act only on changes that leave the change stamps as they were, so they do not touch what
Django has already stamped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from ..triggers.catalogue import Catalogue
from ..triggers.connection import find_watcher
from ..triggers.declarations import STAMP_PREFIX, Trigger, WriteMode
from ..triggers.postgresql_delivery import CONTEXT_SETTING, TOLD_MODE
from ..triggers.postgresql_functions import build_function_trigger
from ..triggers.sqlite import build_row_trigger
from ..triggers.sqlite_slot import SLOT_TABLE, render_answer
from ..triggers.vendors import is_supported
from .fields import StampField, TimeStampField, UserStampField

__all__ = ["StampTriggers", "unstamped"]

UPDATE_BITS: Final = 1 | 2 | 16
"""pg_trigger.tgtype of a row-level BEFORE UPDATE trigger."""

OUTSIDE: Final = "'database'"
"""The source of a change without a context, as made by another program; same as in the audit."""

TOLD_ACTOR, TOLD_SOURCE = (
    f"NULLIF(split_part(current_setting('{CONTEXT_SETTING}', true), E'\\x1f', {place}), '')"
    for place in (2, 3)
)

# The format that Django writes, so that comparing text compares times.
SQLITE_TIME: Final = (
    f"COALESCE({render_answer('event_at')}, strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StampedTable:
    """A table whose rows a trigger stamps, with the fields of the table."""

    model: type[models.Model]
    stamps: tuple[Any, ...]
    values: tuple[Any, ...]
    """The fields whose change counts as a change of the row."""

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.model._meta.db_table


class StampTriggers:
    """The trigger provider of the stamps."""

    def required_tables(self) -> set[str]:
        """Return nothing: triggers read only the users' table, and only for user stamps."""
        return set()

    def target_tables(self) -> set[str]:
        """Return the tables of the models that set ``stamped_by_database``."""
        return {table.name for table in _list_tables()}

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return the tables that are stamped with a user whose table is among those given."""
        return {
            table.name
            for table in _list_tables()
            for stamp in table.stamps
            if isinstance(stamp, UserStampField) and _table_of(stamp) in tables
        }

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return nothing: triggers read only the primary key of the users, which always exists."""
        return set()

    def build_triggers(
        self,
        connection: BaseDatabaseWrapper,
        columns: Mapping[str, set[str]],
        catalogue: Catalogue,
    ) -> Iterable[Trigger]:
        """Return the triggers for the given tables."""
        build = {"postgresql": _build_postgresql, "sqlite": _build_sqlite}[connection.vendor]
        for table in _list_tables():
            present = columns.get(table.name, set())
            # In the middle of a migration a column may not exist yet.
            values = [field.column for field in table.values if field.column in present]
            if values and present.issuperset(stamp.column for stamp in table.stamps):
                yield build(connection, table, values)


@contextmanager
def unstamped(using: str) -> Iterator[None]:
    """Disable the stamp triggers for what a block writes.

    Args:
        using: The alias of the database.
    """
    if _list_tables() and is_supported(connections[using]):
        with find_watcher(connections[using]).unstamped():
            yield
    else:
        yield


def _list_tables() -> list[StampedTable]:
    return _find_tables(tuple(apps.get_models()))


@lru_cache(maxsize=1)
def _find_tables(every: tuple[type[models.Model], ...]) -> list[StampedTable]:
    return [
        table
        for model in every
        if getattr(model, "stamped_by_database", False)
        and model._meta.managed
        and not model._meta.proxy
        and (table := _describe_table(model)).stamps
    ]


def _describe_table(model: type[models.Model]) -> StampedTable:
    fields: list[Any] = list(model._meta.local_concrete_fields)
    stamps = [field for field in fields if isinstance(field, StampField)]
    return StampedTable(
        model=model,
        stamps=tuple(stamp for stamp in stamps if stamp.on_change and _can_be_told(stamp)),
        values=tuple(one for one in fields if one not in stamps and not one.generated),
    )


def _can_be_told(stamp: Any) -> bool:
    """Return whether the context provides the stamp's value: users only of the project's model."""
    return (
        not isinstance(stamp, UserStampField)
        or stamp.related_model._meta.label == apps.get_model(settings.AUTH_USER_MODEL)._meta.label
    )


def _build_postgresql(
    connection: BaseDatabaseWrapper, table: StampedTable, values: list[str]
) -> Trigger:
    quote = connection.ops.quote_name
    unchanged = [
        f"NEW.{quote(stamp.column)} IS NOT DISTINCT FROM OLD.{quote(stamp.column)}"
        for stamp in table.stamps
    ]
    new, old = (
        f"CAST(ROW({', '.join(f'{row}.{quote(column)}' for column in values)}) AS record)"
        for row in ("NEW", "OLD")
    )
    # Compare the stored representation, since not every type has an equality operator.
    conditions = [
        *unchanged,
        f"{new} *<> {old}",
        f"{TOLD_MODE} IS DISTINCT FROM '{WriteMode.UNSTAMPED}'",
    ]
    settings_of_stamps = [
        f"  NEW.{quote(stamp.column)} := {_render_postgresql(connection, stamp)};\n"
        for stamp in table.stamps
    ]
    return build_function_trigger(
        connection,
        prefix=STAMP_PREFIX,
        table=table.name,
        purpose="update",
        event="BEFORE UPDATE",
        level="ROW",
        condition=" AND ".join(conditions),
        body=f"\nBEGIN\n{''.join(settings_of_stamps)}  RETURN NEW;\nEND\n",
        bits=UPDATE_BITS,
    )


def _render_postgresql(connection: BaseDatabaseWrapper, stamp: Any) -> str:
    if isinstance(stamp, TimeStampField):
        # The same for all rows of a statement, like Django's Now().
        return "statement_timestamp()"
    if isinstance(stamp, UserStampField):
        return _find_user(connection, stamp, f"{TOLD_ACTOR}::{stamp.db_type(connection)}")
    return f"COALESCE({TOLD_SOURCE}, {OUTSIDE})"


def _build_sqlite(
    connection: BaseDatabaseWrapper, table: StampedTable, values: list[str]
) -> Trigger:
    quote = connection.ops.quote_name
    unchanged = [
        f"NEW.{quote(stamp.column)} IS OLD.{quote(stamp.column)}" for stamp in table.stamps
    ]
    changed = " OR ".join(f"NEW.{quote(column)} IS NOT OLD.{quote(column)}" for column in values)
    is_open = f"NOT EXISTS (SELECT 1 FROM \"{SLOT_TABLE}\" WHERE mode = '{WriteMode.UNSTAMPED}')"
    sets = ", ".join(
        f"{quote(stamp.column)} = {_render_sqlite(connection, stamp)}" for stamp in table.stamps
    )
    keys: list[Any] = list(table.model._meta.pk_fields)
    same_row = " AND ".join(f"{quote(key.column)} = NEW.{quote(key.column)}" for key in keys)
    return build_row_trigger(
        connection,
        prefix=STAMP_PREFIX,
        table=table.name,
        event="update",
        condition=" AND ".join([*unchanged, f"({changed})", is_open]),
        body=f"UPDATE {quote(table.name)} SET {sets} WHERE {same_row}",
    )


def _render_sqlite(connection: BaseDatabaseWrapper, stamp: Any) -> str:
    if isinstance(stamp, TimeStampField):
        return SQLITE_TIME
    if isinstance(stamp, UserStampField):
        # SQLite stores a UUID without dashes.
        is_uuid = isinstance(stamp.target_field, models.UUIDField)
        actor = render_answer("actor_id")
        key = f"replace({actor}, '-', '')" if is_uuid else actor
        return _find_user(connection, stamp, key)
    return f"COALESCE({render_answer('source')}, {OUTSIDE})"


def _find_user(connection: BaseDatabaseWrapper, stamp: Any, key: str) -> str:
    """Return SQL for the key of a user, which is NULL for one who is being deleted."""
    quote = connection.ops.quote_name
    column = quote(stamp.target_field.column)
    return f"(SELECT u.{column} FROM {quote(_table_of(stamp))} u WHERE u.{column} = {key})"


def _table_of(stamp: Any) -> str:
    return str(stamp.target_field.model._meta.db_table)
