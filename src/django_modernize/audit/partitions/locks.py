"""Stops the writers of events for the moment in which partitions come or go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .catalog import EVENT_TABLE
from .tables import PartitionError, fetch_rows

__all__ = ["ALONE", "BESIDE_WRITERS", "EventsBusy", "locked_table", "run_script"]

ALONE: Final = "ACCESS EXCLUSIVE"
BESIDE_WRITERS: Final = "SHARE UPDATE EXCLUSIVE"

OWNER: Final = (
    "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class"
    " WHERE oid = to_regclass(%s) AND pg_get_userbyid(relowner) <> current_user"
)


class EventsBusy(PartitionError):
    """Transactions that write or read events are open, and would have held up everybody."""


@contextmanager
def locked_table(
    connection: BaseDatabaseWrapper, wait: float, table: str = EVENT_TABLE, *, mode: str = ALONE
) -> Iterator[None]:
    """Keep others off a table of events for a block, which is a transaction.

    What is made in it belongs to the owner of the table of events.

    Args:
        connection: The database.
        wait: For how many seconds to wait for open transactions; others queue up meanwhile.
        table: The table; all parts with the whole.
        mode: ``ALONE`` keeps everybody off, ``BESIDE_WRITERS`` those alone who change the table.

    Raises:
        EventsBusy: They took longer. Nothing was changed.
    """
    with transaction.atomic(using=connection.alias):
        owner = fetch_rows(connection, OWNER, [EVENT_TABLE])
        roles = [f"SET LOCAL ROLE {role}" for (role,) in owner]
        run_script(connection, [*roles, f"SET LOCAL lock_timeout = {max(1, int(wait * 1000))}"])
        try:
            run_script(
                connection, [f"LOCK TABLE {connection.ops.quote_name(table)} IN {mode} MODE"]
            )
        except OperationalError as error:
            raise EventsBusy(
                f"Nothing was changed: after {wait:g} seconds other transactions still use "
                f"{table}. Try again when long ones are through, or wait longer."
            ) from error
        yield


def run_script(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    """Run statements that change tables of events.

    By the driver's cursor: Django's would take a table that is given another name for one that is
    gone, and drop all triggers.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
