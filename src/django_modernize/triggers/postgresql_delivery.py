"""Pass the context of a write to PostgreSQL, in a setting local to the transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, InternalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import (
    can_return_to_result,
    driver_cursor,
    is_pipelined,
    read_last_result,
    sends_one_message,
    show_next_result,
    transaction_status,
)
from ..context import ChangeContext, get_context
from .context_caches import KeptNumber
from .declarations import WriteMode
from .rendering import RenderedContext
from .statements import find_written_table

__all__ = ["CONTEXT_SEPARATOR", "CONTEXT_SETTING", "TOLD_MODE", "PostgreSQLDelivery"]

CONTEXT_SETTING: Final = "django_modernize.context"
"""Holds, with :data:`CONTEXT_SEPARATOR` between them: a :class:`WriteMode`, the actor's key, the
source, the number under which the details were recorded in this transaction, and the details. A
trigger that records the details puts their number in place of them."""

CONTEXT_SEPARATOR: Final = "\x1f"

TOLD_MODE: Final = f"split_part(current_setting('{CONTEXT_SETTING}', true), E'\\x1f', 1)"
"""SQL for the mode that the client told; NULL or empty for a client that tells nothing."""

TOLD_NUMBER: Final = f"split_part(current_setting('{CONTEXT_SETTING}'), E'\\x1f', 4)"
"""SQL for the number that the details were recorded under in this transaction."""

DETAILS: Final = ("actor_label", "reason", "request_id", "ip_address", "user_agent")

COMMITS_ITSELF: Final = "2D000"
"""PostgreSQL's code for a procedure or block that commits, in a message with other statements."""

WRITTEN_RESULT: Final = -2
"""Where the result of a statement is: before the answer, whatever others put in front of both."""

IDLE: Final = 0
"""libpq's PQTRANS_IDLE: the connection is in no transaction."""


class Announcement(NamedTuple):
    """The statement that tells a context."""

    sql: str
    escaped: str
    """The same, in front of a statement with parameters."""

    summary: tuple[str, str, str]
    """The mode, the actor and the source, which are told each time."""

    has_details: bool
    """Whether there are any to record."""


class PostgreSQLDelivery:
    """Pass the context of a write to PostgreSQL for the duration of its transaction.

    If a pooler reuses the session for another client, nothing is passed on with it.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.delivered: Announcement | None = None
        self.mode = WriteMode.RECORDED
        self.rendered = RenderedContext(render_announcement)
        self.kept: KeptNumber[Announcement] = KeptNumber()

    def watch_driver(self) -> None:
        """Have what Django's cursor hands to the driver as it is carry the context."""
        self.kept.forget()
        driver = self.connection.connection
        if hasattr(driver, "cursor_factory") and hasattr(driver.cursor_factory, "copy"):
            driver.cursor_factory = make_telling_cursor(driver.cursor_factory, self)

    def look_at_transaction(self) -> None:
        """Notice that the transaction which was told a context is over.

        Django commits and rolls back without a statement that could be seen; what is seen is that
        the next one, a read as well, finds no transaction.
        """
        if self.delivered is not None and not self._in_transaction():
            self.delivered = None

    def begin(self) -> None:
        """Note that a transaction was opened."""
        self.delivered = None

    def forget(self) -> None:
        """Note that what was said may have been rolled back."""
        self.delivered = None

    def change_schema(self) -> None:
        """Note that tables came or went."""

    def read_transaction_id(self) -> int:
        """Return the number of the current transaction. Costs a query."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            return int(cursor.fetchone()[0])

    def forget_events(self) -> None:
        """Note that tables were emptied between two tests: there are no events of it."""
        self.kept.forget()

    def execute_write(
        self,
        change: ChangeContext,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Run a statement with its context known to the triggers.

        Costs no statement where the transaction knows the context already; else it travels in the
        same message as the statement, or in one of its own where the driver binds parameters in
        the server. Details that are known to be recorded are told by their number.
        """
        announcement = self.rendered.find(change, self.mode)
        in_transaction = self._in_transaction()
        if in_transaction and announcement is self.delivered:
            return execute(sql, params, many, context)
        self.delivered = None
        try:
            result = self._execute_told(announcement, execute, sql, params, many, context)
        except InternalError as error:
            if in_transaction or find_sqlstate(error) != COMMITS_ITSELF:
                raise
            # Nothing of it was kept. What it is to change cannot carry a context, but can be made.
            return execute(sql, params, many, context)
        if self._in_transaction() and not is_pipelined(self.connection):
            self.delivered = announcement
        return result

    def _execute_told(
        self,
        announcement: Announcement,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        told = self.kept.find(announcement)
        if isinstance(sql, str) and not many and sends_one_message(self.connection):
            if told is announcement and self._wants_number(announcement, sql, context):
                return self._execute_and_ask(announcement, execute, sql, params, context)
            return execute_together(told, execute, sql, params, context)
        is_open = self._in_transaction() or is_pipelined(self.connection)
        if is_open or not self.connection.get_autocommit():
            self._send(told)
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.connection.alias):
            self._send(told)
            return execute(sql, params, many, context)

    def _wants_number(self, announcement: Announcement, sql: str, context: dict[str, Any]) -> bool:
        """Return whether a context is told again outside of a transaction.

        What a transaction has recorded it may still undo.
        """
        return (
            announcement.has_details
            and not self._in_transaction()
            and self.connection.get_autocommit()
            and self.kept.is_repeated(announcement)
            and find_written_table(sql) is not None
            and ";" not in sql  # of several statements each has a result
            and can_return_to_result(driver_cursor(context))
        )

    def _execute_and_ask(
        self,
        announcement: Announcement,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        context: dict[str, Any],
    ) -> Any:
        """Run a statement that commits by itself, and learn what the details were recorded under.

        The answer comes with the result; it is empty if the statement left no event.
        """
        # On a line of its own, since the statement may end with a comment.
        asked = f"{sql}\n; SELECT {TOLD_NUMBER}"
        result = execute_together(announcement, execute, asked, params, context)
        (number,) = read_last_result(driver_cursor(context), back_to=WRITTEN_RESULT)
        if number:
            self.kept.keep(make_announcement(*announcement.summary, number))
        return result

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Open a transaction that knows the context, for what no execute wrapper sees."""
        with transaction.atomic(using=self.connection.alias):
            self._send(self.rendered.find(get_context(), self.mode))
            yield
        self.delivered = None

    def _in_transaction(self) -> bool:
        return bool(transaction_status(self.connection) != IDLE)

    def _send(self, announcement: Announcement) -> None:
        with (
            self.connection.wrap_database_errors,
            self.connection.connection.cursor() as cursor,
        ):
            cursor.execute(announcement.sql)


def execute_together(
    announcement: Announcement,
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    context: dict[str, Any],
) -> Any:
    """Run a statement in one message with what tells its context."""
    told = announcement.sql if params is None else announcement.escaped
    result = execute(f"{told}; {sql}", params, False, context)
    show_next_result(driver_cursor(context))
    return result


def make_telling_cursor(factory: type[Any], delivery: PostgreSQLDelivery) -> type[Any]:
    """Return a class of psycopg cursors that tell the context where no execute wrapper can."""

    class TellingCursor(factory):  # type: ignore[misc]
        """See https://www.psycopg.org/psycopg3/docs/basic/copy.html for ``copy()``."""

        @contextmanager
        def copy(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            """Copy rows from or to the server."""
            with delivery.telling(), super().copy(*args, **kwargs) as rows:
                yield rows

        def callproc(self, *args: Any, **kwargs: Any) -> Any:
            """Call a function."""
            with delivery.telling():
                return super().callproc(*args, **kwargs)

    return TellingCursor


def find_sqlstate(error: DatabaseError) -> str:
    """Return PostgreSQL's code of an error, empty where there is none."""
    details: Any = getattr(error.__cause__, "diag", None)
    return getattr(details, "sqlstate", None) or ""


def render_announcement(change: ChangeContext, mode: WriteMode) -> Announcement:
    """Return the statement that tells a context."""
    values = change.to_dict()
    actor_id = values["actor_id"]
    details = [values[name] or "" for name in DETAILS]
    return make_announcement(
        mode.value,
        "" if actor_id is None else str(actor_id),
        values["source"],
        "",
        [detail.replace(CONTEXT_SEPARATOR, " ") for detail in details] if any(details) else [],
    )


def make_announcement(
    mode: str, actor_id: str, source: str, number: str, details: Sequence[str] = ()
) -> Announcement:
    """Return the statement that tells what :data:`CONTEXT_SETTING` holds."""
    told = CONTEXT_SEPARATOR.join((mode, actor_id, source, number, *details))
    # A statement like this is planned by nobody, so it costs half of a call of set_config().
    sql = f"SET LOCAL {CONTEXT_SETTING} = {quote_value(told)}"
    return Announcement(
        sql=sql,
        escaped=sql.replace("%", "%%"),
        summary=(mode, actor_id, source),
        has_details=bool(details),
    )


def quote_value(text: str) -> str:
    """Return any text as an SQL literal, whatever ``standard_conforming_strings`` says.

    >>> print(quote_value("it's"))
    'it''s'
    """
    quoted = "'" + text.replace("'", "''") + "'"
    return f"E{quoted.replace(chr(92), chr(92) * 2)}" if "\\" in quoted else quoted
