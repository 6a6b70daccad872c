"""Opens the trail's own tables for the few who may change them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from ..triggers.connection import find_watcher

__all__ = ["unlocked"]


@contextmanager
def unlocked(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let events be changed and removed in a block, which is a transaction.

    A guard against mistakes: whoever owns the tables can drop their triggers. What shows that
    somebody did is ``verify()``.
    """
    connection = connections[using]
    with transaction.atomic(using=using), find_watcher(connection).unlocked():
        yield
