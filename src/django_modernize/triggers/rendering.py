"""Cache what is passed to a database about a context as long as it does not change."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..context import ChangeContext
from .declarations import WriteMode

__all__ = ["RenderedContext"]

RenderedT = TypeVar("RenderedT")


class RenderedContext(Generic[RenderedT]):
    """Render a context once, and again only if it, its actor or the mode changes.

    Args:
        render: Renders what is passed to the database.
    """

    def __init__(self, render: Callable[[ChangeContext, WriteMode], RenderedT]) -> None:
        self.render = render
        self._change: ChangeContext | None = None
        self._key: tuple[Any, ...] = ()
        self._rendered: RenderedT | None = None

    def find(self, change: ChangeContext, mode: WriteMode) -> RenderedT:
        """Return what is told; the same object as long as nothing is different."""
        # The actor may be asked for each time, or be a user who was saved only now.
        key = (mode, change.identify_actor())
        rendered = self._rendered
        # Compared by identity: to compare two contexts is dearer than to render one.
        if rendered is None or self._change is not change or self._key != key:
            rendered = self.render(change, mode)
            self._change, self._key, self._rendered = change, key, rendered
        return rendered
