"""Cache which context already has its details in the database."""

import time
from typing import Final, Generic, TypeVar

__all__ = ["KeptDetails", "KeptNumber"]

ToldT = TypeVar("ToldT")

LASTING_SECONDS: Final = 60
"""How long the details of a context are taken for granted that no transaction of ours protects:
somebody may prune the trail. What is that young, nobody prunes."""


class KeptDetails:
    """The last context whose details were found in the database, and whether that is still valid.

    Django commits and rolls back without a statement that the wrapper sees. So what was found in a
    transaction is discarded as soon as it ends or is rolled back to a savepoint.
    """

    def __init__(self) -> None:
        self._context_id: int | None = None
        self._deadline: float | None = None
        """When to look again; ``None`` within the transaction that wrote them."""

    def has(self, context_id: int) -> bool:
        """Return whether the details of a context are certain to exist."""
        if context_id != self._context_id:
            return False
        return self._deadline is None or time.monotonic() < self._deadline

    def find(self, context_id: int) -> None:
        """Record that the details were found, in a transaction that may not be committed."""
        self._context_id, self._deadline = context_id, None

    def commit(self) -> None:
        """Record a commit."""
        if self._deadline is None:
            self._deadline = time.monotonic() + LASTING_SECONDS

    def end_transaction(self) -> None:
        """Record the end or partial rollback of the transaction, whatever the outcome."""
        if self._deadline is None:
            self._context_id = None

    def forget(self) -> None:
        """Note that anything may be different now."""
        self._context_id = None


class KeptNumber(Generic[ToldT]):
    """The last context that was told outside of a transaction, and what stands for it by now.

    What is told to PostgreSQL gets its number there, which is asked for when the same is to be told
    again: most contexts are told once.
    """

    def __init__(self) -> None:
        self._told: ToldT | None = None
        self._instead: ToldT | None = None
        self._deadline = 0.0

    def find(self, told: ToldT) -> ToldT:
        """Return what can be told instead, for as long as nobody can have removed what it means."""
        if told is self._told and self._instead is not None and time.monotonic() < self._deadline:
            return self._instead
        return told

    def is_repeated(self, told: ToldT) -> bool:
        """Return whether the same has been told before; note that it is."""
        if told is self._told:
            return True
        self._told, self._instead = told, None
        return False

    def keep(self, instead: ToldT) -> None:
        """Note what stands for the context that was told last, now that it is committed."""
        self._instead, self._deadline = instead, time.monotonic() + LASTING_SECONDS

    def forget(self) -> None:
        """Note that anything may be different now."""
        self._told = self._instead = None
