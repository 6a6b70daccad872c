"""Watch a connection: pass the context of each write to the database, and maintain triggers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic

from ..compat import is_test_run
from ..context import get_context
from .declarations import WriteMode, find_concerned_tables, get_providers
from .failures import explain_failure
from .installer import drop_triggers, synchronize_triggers
from .postgresql_delivery import PostgreSQLDelivery
from .sqlite_delivery import SQLiteDelivery
from .statements import (
    StatementKind,
    classify_statement,
    drops_column_alone,
    find_altered_tables,
    is_flush,
    is_table_drop,
)

__all__ = ["ConnectionWatcher", "find_watcher", "watch_connection"]

Delivery = PostgreSQLDelivery | SQLiteDelivery

DELIVERIES: Final[dict[str, type[Delivery]]] = {
    "postgresql": PostgreSQLDelivery,
    "sqlite": SQLiteDelivery,
}


class ConnectionWatcher:
    """An execute wrapper, installed once for each connection.

    See https://docs.djangoproject.com/en/stable/topics/db/instrumentation/ for the hook.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.delivery = DELIVERIES[connection.vendor](connection)

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Run a statement."""
        self.delivery.look_at_transaction()
        kind = classify_statement(sql)
        if kind is StatementKind.WRITE:
            if is_flush(sql) and is_test_run():
                return self._execute_flush(execute, sql, params, many, context)
            return self._execute_write(execute, sql, params, many, context)
        if kind is StatementKind.SCHEMA:
            return self._execute_schema_change(execute, sql, params, many, context)
        if kind is StatementKind.BEGIN:
            self.delivery.begin()
        elif kind is StatementKind.ROLLBACK:
            self.delivery.forget()
        return execute(sql, params, many, context)

    def _execute_write(self, execute: Callable[..., Any], *statement: Any) -> Any:
        try:
            return self.delivery.execute_write(get_context(), execute, *statement)
        except DatabaseError as error:
            explain_failure(error)
            raise

    def _execute_flush(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Flush a table between tests, including those of the trail, without recording events."""
        with self.unlocked():
            result = self.delivery.execute_write(get_context(), execute, *statement)
            self.delivery.forget_events()
        return result

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Allow changes to the tables of the trail in a block."""
        with self._switched(WriteMode.UNLOCKED):
            yield

    @contextmanager
    def untracked(self) -> Iterator[None]:
        """Record nothing in a block."""
        with self._switched(WriteMode.UNTRACKED):
            yield

    @contextmanager
    def unstamped(self) -> Iterator[None]:
        """Set no stamps by triggers in a block, unless another mode is already active."""
        is_usual = self.delivery.mode is WriteMode.RECORDED
        with self._switched(WriteMode.UNSTAMPED if is_usual else self.delivery.mode):
            yield

    @contextmanager
    def _switched(self, mode: WriteMode) -> Iterator[None]:
        before, self.delivery.mode = self.delivery.mode, mode
        try:
            yield
        finally:
            self.delivery.mode = before

    def _execute_schema_change(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        tables = find_altered_tables(sql)
        concerned = find_concerned_tables(tables)
        is_sqlite = self.connection.vendor == "sqlite"
        # SQLite refuses to drop or rename a column that a trigger speaks of, and PostgreSQL leaves
        # the functions of a dropped table's triggers behind.
        if concerned and (is_sqlite or is_table_drop(sql)):
            drop_triggers(self.connection, concerned)
        # So does PostgreSQL, unless told CASCADE, as Django before 6.1 did. Nobody may write
        # between the two.
        elif concerned and drops_column_alone(sql):
            with atomic(using=self.connection.alias):
                drop_triggers(self.connection, concerned)
                return self._change_schema(execute, sql, arguments, tables, concerned)
        return self._change_schema(execute, sql, arguments, tables, concerned)

    def _change_schema(
        self,
        execute: Callable[..., Any],
        sql: str,
        arguments: tuple[Any, ...],
        tables: set[str],
        concerned: set[str],
    ) -> Any:
        result = execute(sql, *arguments)
        self.delivery.change_schema()
        if tables & _required_tables():
            synchronize_triggers(self.connection)
        elif concerned:
            synchronize_triggers(self.connection, concerned)
        return result


def find_watcher(connection: BaseDatabaseWrapper) -> ConnectionWatcher:
    """Return the watcher of a connection, opening the connection if necessary."""
    connection.ensure_connection()
    return next(
        wrapper for wrapper in connection.execute_wrappers if isinstance(wrapper, ConnectionWatcher)
    )


def watch_connection(*, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Install the watcher. Receiver of ``connection_created``."""
    if connection.vendor not in DELIVERIES:
        return
    watcher = next(
        (
            wrapper
            for wrapper in connection.execute_wrappers
            if isinstance(wrapper, ConnectionWatcher)
        ),
        None,
    )
    if watcher is None:
        watcher = ConnectionWatcher(connection)
        # First, since whoever opened the connection inside ``execute_wrapper()`` takes the last
        # one away afterwards.
        connection.execute_wrappers.insert(0, watcher)
    watcher.delivery.watch_driver()


def _required_tables() -> set[str]:
    return {table for provider in get_providers() for table in provider.required_tables()}
