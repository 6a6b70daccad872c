"""Unlock the tables of the trail for operations that may change them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from ..triggers.connection import find_watcher

__all__ = ["unlocked"]


@contextmanager
def unlocked(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Allow events to be changed and deleted in a block, which runs in a transaction.

    The lock guards against mistakes only: the owner of the tables can drop the triggers.
    ``verify()`` detects that.
    """
    connection = connections[using]
    with transaction.atomic(using=using), find_watcher(connection).unlocked():
        yield
