"""Remembers which context has its details in the database already."""

import time
from typing import Final

__all__ = ["KeptDetails"]

LASTING_SECONDS: Final = 60
"""How long the details of a context are taken for granted that no transaction of ours protects:
somebody may prune the trail. What is that young, nobody prunes."""


class KeptDetails:
    """The last context whose details were found in the database, and whether they are there still.

    Django commits and rolls back without a statement that could be seen. So what was found in a
    transaction is forgotten as soon as that is over, or rolled back to a savepoint.
    """

    def __init__(self) -> None:
        self._context_id: int | None = None
        self._deadline: float | None = None
        """When to look again; ``None`` within the transaction that wrote them."""

    def has(self, context_id: int) -> bool:
        """Tell whether a context's details are sure to be there."""
        if context_id != self._context_id:
            return False
        return self._deadline is None or time.monotonic() < self._deadline

    def find(self, context_id: int) -> None:
        """Note that the details were found, in a transaction that may not be committed."""
        self._context_id, self._deadline = context_id, None

    def commit(self) -> None:
        """Note that the transaction was committed."""
        if self._deadline is None:
            self._deadline = time.monotonic() + LASTING_SECONDS

    def end_transaction(self) -> None:
        """Note that the transaction is over, or part of it undone, whatever became of it."""
        if self._deadline is None:
            self._context_id = None

    def forget(self) -> None:
        """Note that anything may be different now."""
        self._context_id = None
