"""Triggers that refuse to hard-delete protected rows, except by ``hard_delete()`` and purge."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.catalogue import Catalogue
from ...triggers.declarations import SOFT_DELETE_PREFIX, Trigger, WriteMode
from ...triggers.identifiers import quote_literal
from ...triggers.postgresql_delivery import TOLD_MODE
from ...triggers.postgresql_functions import build_function_trigger
from ...triggers.sqlite import build_row_trigger
from ...triggers.sqlite_slot import IS_UNLOCKED
from .passage import CREATE_PASSAGE, IS_OPEN, is_protected

__all__ = ["DeletionGuards", "guards_deletion"]

PURPOSE: Final = "keep"

DELETE_BITS: Final = 1 | 2 | 8
"""pg_trigger.tgtype of a row-level BEFORE DELETE trigger."""

TRUNCATE_BITS: Final = 2 | 32
"""pg_trigger.tgtype of a statement-level BEFORE TRUNCATE trigger."""

RAISE: Final = (
    "\nBEGIN\n  RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = {message};\nEND\n"
)

# Tests may empty their tables.
IS_REFUSED: Final = (
    f"NOT {IS_OPEN['postgresql']} AND {TOLD_MODE} IS DISTINCT FROM '{WriteMode.UNLOCKED}'"
)


class DeletionGuards:
    """The trigger provider for tables with protected rows."""

    def required_tables(self) -> set[str]:
        """Return nothing: whatever the triggers need is created with them."""
        return set()

    def target_tables(self) -> set[str]:
        """Return the tables of the protected models."""
        return set(_list_protected())

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return nothing: no trigger reads a table of a model."""
        return set()

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return nothing: no trigger reads a table of a model."""
        return set()

    def build_triggers(
        self,
        connection: BaseDatabaseWrapper,
        columns: Mapping[str, set[str]],
        catalogue: Catalogue,
    ) -> Iterable[Trigger]:
        """Return the triggers for the given tables."""
        heirs = catalogue.list_heirs(columns.keys())
        for table, label in _list_protected().items():
            if table in columns:
                for one in (table, *(heir for heir, above in heirs.items() if above == table)):
                    yield from BUILDERS[connection.vendor](connection, one, label)


def guards_deletion(trigger: Trigger) -> bool:
    """Return whether a trigger protects rows from deletion."""
    return trigger.name.startswith(SOFT_DELETE_PREFIX) and f"_{PURPOSE}_" in trigger.name


def _list_protected() -> dict[str, str]:
    return {
        model._meta.db_table: model._meta.label
        for model in apps.get_models()
        if is_protected(model) and model._meta.managed and not model._meta.proxy
    }


def _describe_refusal(label: str, event: str) -> str:
    return (
        f"{label} keeps its rows: {event} was refused. delete() hides rows; hard_delete() and "
        "softdelete_purge remove them for good."
    )


def _build_postgresql(connection: BaseDatabaseWrapper, table: str, label: str) -> Iterator[Trigger]:
    for event, level, bits in (
        ("DELETE", "ROW", DELETE_BITS),
        ("TRUNCATE", "STATEMENT", TRUNCATE_BITS),
    ):
        yield build_function_trigger(
            connection,
            prefix=SOFT_DELETE_PREFIX,
            table=table,
            purpose=f"{PURPOSE}_{event.lower()}",
            event=f"BEFORE {event}",
            level=level,
            condition=IS_REFUSED,
            body=RAISE.format(message=quote_literal(_describe_refusal(label, event))),
            bits=bits,
        )


def _build_sqlite(connection: BaseDatabaseWrapper, table: str, label: str) -> Iterator[Trigger]:
    trigger = build_row_trigger(
        connection,
        table=table,
        event="delete",
        timing="BEFORE",
        purpose=f"{PURPOSE}_delete",
        prefix=SOFT_DELETE_PREFIX,
        condition=f"NOT {IS_OPEN['sqlite']} AND NOT {IS_UNLOCKED}",
        body=f"SELECT RAISE(ABORT, {quote_literal(_describe_refusal(label, 'DELETE'))})",
    )
    yield replace(trigger, statements=(CREATE_PASSAGE, *trigger.statements))


BUILDERS: Final = {"postgresql": _build_postgresql, "sqlite": _build_sqlite}
