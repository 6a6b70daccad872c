"""Triggers that keep the rows of a ledger from being changed or deleted, such as that of the stock.

A model lists the fields in ``append_only_fields``. The library installs the triggers, follows
the migrations of the table, and reports missing ones, as it does with its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from django_modernize.triggers.catalogue import Catalogue
from django_modernize.triggers.declarations import TRIGGER_PREFIX, Trigger, WriteMode
from django_modernize.triggers.identifiers import quote_literal
from django_modernize.triggers.postgresql_delivery import TOLD_MODE
from django_modernize.triggers.postgresql_functions import build_function_trigger
from django_modernize.triggers.sqlite import build_row_trigger
from django_modernize.triggers.sqlite_slot import IS_UNLOCKED

__all__ = ["AppendOnlyGuards"]

UPDATE_BITS: Final = 1 | 2 | 16
"""pg_trigger.tgtype of a row-level BEFORE UPDATE trigger."""

DELETE_BITS: Final = 1 | 2 | 8
TRUNCATE_BITS: Final = 2 | 32

RAISE: Final = (
    "\nBEGIN\n  RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = {message};\nEND\n"
)

# The library lets tests truncate their tables.
IS_REFUSED: Final = f"{TOLD_MODE} IS DISTINCT FROM '{WriteMode.UNLOCKED}'"


class AppendOnlyGuards:
    """Declares the tables of append-only models as targets of triggers."""

    def required_tables(self) -> set[str]:
        """Return nothing: each trigger concerns only its own table."""
        return set()

    def target_tables(self) -> set[str]:
        """Return the tables of the models that set ``append_only_fields``."""
        return set(_list_models())

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
        """Return the triggers for those of the given tables that need them."""
        for table, model in _list_models().items():
            kept = [one for one in _list_columns(model) if one in columns.get(table, ())]
            # In the middle of a migration a table may be incomplete.
            if kept:
                yield from BUILDERS[connection.vendor](connection, table, kept)


def _list_models() -> dict[str, type[Model]]:
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if getattr(model, "append_only_fields", ())
    }


def _list_columns(model: Any) -> list[str]:
    return [model._meta.get_field(name).column for name in model.append_only_fields]


def _describe_refusal(table: str, event: str) -> str:
    return f"{table} is append-only: {event} was refused. Write another row that makes it good."


def _build_postgresql(
    connection: BaseDatabaseWrapper, table: str, columns: list[str]
) -> Iterator[Trigger]:
    for event, watched, level, bits in (
        ("UPDATE", columns, "ROW", UPDATE_BITS),
        ("DELETE", (), "ROW", DELETE_BITS),
        ("TRUNCATE", (), "STATEMENT", TRUNCATE_BITS),
    ):
        yield build_function_trigger(
            connection,
            prefix=TRIGGER_PREFIX,
            table=table,
            purpose=f"append_{event.lower()}",
            event=f"BEFORE {event}",
            columns=watched,
            level=level,
            condition=IS_REFUSED,
            body=RAISE.format(message=quote_literal(_describe_refusal(table, event))),
            bits=bits,
        )


def _build_sqlite(
    connection: BaseDatabaseWrapper, table: str, columns: list[str]
) -> Iterator[Trigger]:
    for event, which in (("update", columns), ("delete", ())):
        yield build_row_trigger(
            connection,
            table=table,
            event=event,
            columns=which,
            timing="BEFORE",
            purpose=f"append_{event}",
            condition=f"NOT {IS_UNLOCKED}",
            body=f"SELECT RAISE(ABORT, {quote_literal(_describe_refusal(table, event.upper()))})",
        )


BUILDERS: Final = {"postgresql": _build_postgresql, "sqlite": _build_sqlite}
