"""Block writers of events for the moment in which partitions are added or removed."""

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
    """Open transactions that write or read events would have blocked everybody."""


@contextmanager
def locked_table(
    connection: BaseDatabaseWrapper, wait: float, part: str = "", *, mode: str = ALONE
) -> Iterator[None]:
    """Keep others off the table of events, or off a part of it, for a block: a transaction.

    Two who change partitions are never both in such a block. What is made in it belongs to the
    owner of the table of events.

    Args:
        connection: The database.
        wait: For how many seconds to wait for open transactions; others queue up meanwhile.
        part: One partition; by default the whole table with all of them.
        mode: ``ALONE`` keeps everybody off, ``BESIDE_WRITERS`` those alone who change the table.

    Raises:
        EventsBusy: They took longer. Nothing was changed.
    """
    with transaction.atomic(using=connection.alias):
        owner = fetch_rows(connection, OWNER, [EVENT_TABLE])
        roles = [f"SET LOCAL ROLE {role}" for (role,) in owner]
        run_script(connection, [*roles, f"SET LOCAL lock_timeout = {max(1, int(wait * 1000))}"])
        try:
            run_script(connection, _list_locks(connection, part, mode))
        except OperationalError as error:
            raise EventsBusy(
                f"Nothing was changed: after {wait:g} seconds other transactions still use "
                f"{part or EVENT_TABLE}. Try again when long transactions have ended, or wait "
                "longer."
            ) from error
        yield


def _list_locks(connection: BaseDatabaseWrapper, part: str, mode: str) -> list[str]:
    quote = connection.ops.quote_name
    if not part:
        return [f"LOCK TABLE {quote(EVENT_TABLE)} IN {mode} MODE"]
    return [
        # To read the bounds takes a lock of every part, so two who hold one each and then read
        # would wait for one another: first who changes parts, then which one.
        f"LOCK TABLE ONLY {quote(EVENT_TABLE)} IN {BESIDE_WRITERS} MODE",
        f"LOCK TABLE {quote(part)} IN {mode} MODE",
    ]


def run_script(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    """Run statements that change tables of events.

    By the driver's cursor: Django's would take a table that is given another name for one that is
    gone, and drop all triggers.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
