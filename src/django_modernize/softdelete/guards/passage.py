"""The permission to hard-delete protected rows.

On PostgreSQL it is a setting of the transaction. On SQLite it is a row that no other connection
can see, since it is inserted and removed in one transaction and there is only one writer.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Final
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from ..journal import is_journal_installed
from ..relations import find_relations, find_relatives, is_soft_deletable
from ..rules import Rule

__all__ = [
    "CREATE_PASSAGE",
    "IS_OPEN",
    "allow_hard_deletes",
    "is_protected",
    "removing_rows",
]

PASSAGE_SETTING: Final = "django_modernize.passage"
PASSAGE_TABLE: Final = "modernize_passage"

CREATE_PASSAGE: Final = (
    f'CREATE TABLE IF NOT EXISTS "{PASSAGE_TABLE}" '
    "(passage integer PRIMARY KEY CHECK (passage = 1))"
)

IS_OPEN: Final = {
    "postgresql": f"(coalesce(current_setting('{PASSAGE_SETTING}', true), '') = 'open')",
    "sqlite": f'EXISTS (SELECT 1 FROM "{PASSAGE_TABLE}")',
}
"""SQL that is true if protected rows may be deleted."""

OPEN: Final = {
    "postgresql": f"SET LOCAL {PASSAGE_SETTING} = 'open'",
    "sqlite": f'INSERT OR IGNORE INTO "{PASSAGE_TABLE}" VALUES (1)',
}
CLOSE: Final = {
    "postgresql": f"SET LOCAL {PASSAGE_SETTING} = ''",
    "sqlite": f'DELETE FROM "{PASSAGE_TABLE}"',
}

_open_connections: "WeakSet[BaseDatabaseWrapper]" = WeakSet()


@contextmanager
def allow_hard_deletes(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Allow hard deletes of protected rows in a block, which runs in a transaction.

    ``hard_delete()`` and ``softdelete_purge`` do this themselves. Use it for your own SQL and for
    the models in a migration, which have no ``hard_delete()``.

    Args:
        using: The alias of the database.

    Costs two statements.
    """
    connection = connections[using]
    if connection in _open_connections or connection.vendor not in OPEN:
        yield
        return
    # A rollback of the block or of an outer one revokes the permission too.
    with transaction.atomic(using=using):
        _open_connections.add(connection)
        try:
            if connection.vendor == "sqlite":
                # Bypass Django's cursor, whose watcher would take this for a migration.
                connection.connection.execute(CREATE_PASSAGE)
            with connection.cursor() as cursor:
                cursor.execute(OPEN[connection.vendor])
            yield
        finally:
            _open_connections.discard(connection)
        with connection.cursor() as cursor:
            cursor.execute(CLOSE[connection.vendor])


def removing_rows(model: type[Model], using: str) -> AbstractContextManager[None]:
    """Return a context manager in which a model's rows can be hard-deleted with cascades."""
    if is_journal_installed() and _reaches_protected(model):
        return allow_hard_deletes(using)
    return nullcontext()


def is_protected(model: type[Model]) -> bool:
    """Return whether the database refuses to delete a model's rows."""
    return is_soft_deletable(model) and bool(getattr(model, "refuses_raw_delete", False))


@cache
def _reaches_protected(model: type[Model]) -> bool:
    seen: set[type[Model]] = set()
    pending = [model]
    while pending:
        one = pending.pop()
        if is_protected(one):
            return True
        if one not in seen:
            seen.add(one)
            pending += find_relatives(one)
            pending += [
                relation.child for relation in find_relations(one) if relation.rule is Rule.CASCADE
            ]
    return False
