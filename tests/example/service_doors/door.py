"""What a door to a service is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api import models
from tests.example.rows import Corner


@dataclass(frozen=True, kw_only=True)
class Door:
    """One service, and who may go through it."""

    go: Callable[..., Any]
    """Calls it: for an actor, about a row, with the corner that the row is of."""

    asks: tuple[str, ...] = ()
    """The permissions, all of which it takes."""

    model: Any = None
    """Whose row it is about; somebody who does not see that may not go through."""

    make: Callable[[Corner], Any] | None = None
    """Makes the row; without it the corner does."""

    needs: tuple[Any, ...] = ()
    """The tables of which the corner has to have a row too."""

    did: Callable[[Any, Any], bool] = lambda result, row: True
    """Tells by the result, and the row, whether it did what it is for."""

    is_of_people: bool = False
    """Whether the row is a person: ``own`` is one of a low rank, ``foreign`` one of the highest."""

    is_personal: bool = False
    """Whether it is about what is the actor's own, whatever the role."""

    def make_row(self, corner: Corner) -> Any:
        """Make the row that it is about, in a corner."""
        for model in self.needs:
            corner.get(model)
        if self.make is not None:
            return self.make(corner)
        if self.is_of_people:
            return corner.get(models.User)
        if self.model is None:
            return None
        return corner.house if self.model is models.Property else corner.make(self.model)


def about_people(name: str, go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to what people are."""
    return Door(go=go, asks=(name,), is_of_people=True, **options)


def about_task(name: str, go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to tasks."""
    return Door(go=go, asks=(name,), model=models.Task, **options)


def about_own(go: Callable[..., Any], **options: Any) -> Door:
    """Return a door to what is the actor's own."""
    return Door(go=go, is_personal=True, **options)


def holds(result: Any, row: Any) -> bool:
    """Tell whether a row is in a list."""
    return row in result


def delete(corner: Corner, model: Any = models.Booking) -> Any:
    """Make a deleted row."""
    row = corner.make(model)
    row.delete()
    return model.all_objects.get(pk=row.pk)
