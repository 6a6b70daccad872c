"""Keeps what a database is told about a context, as long as that stays the same."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..context import ChangeContext
from .declarations import WriteMode

__all__ = ["RenderedContext"]

RenderedT = TypeVar("RenderedT")


class RenderedContext(Generic[RenderedT]):
    """Renders a context once, and again when it, its actor or the mode is another.

    Args:
        render: Makes what the database is told.
    """

    def __init__(self, render: Callable[[ChangeContext, WriteMode], RenderedT]) -> None:
        self.render = render
        self._key: tuple[Any, ...] = ()
        self._rendered: RenderedT | None = None

    def find(self, change: ChangeContext, mode: WriteMode) -> RenderedT:
        """Return what is told; the same object as long as nothing is different."""
        # The actor may be asked for each time, or be a user who was saved only now.
        key = (change, mode, change.actor_id, change.actor_label)
        rendered = self._rendered
        # Compared by identity first: to compare two contexts is dearer than to render one.
        if rendered is None or self._key[0] is not change or self._key[1:] != key[1:]:
            rendered = self.render(change, mode)
            self._key, self._rendered = key, rendered
        return rendered
