"""Which rows a message may name to whoever is at work."""

from typing import Any

from django.db.models import Model, QuerySet

from django_modernize.context import get_context

from .access import get_access
from .scopes import list_visible

__all__ = ["list_nameable", "may_name_row"]


def list_nameable(model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a model that a message may name to the person who makes a change.

    Commands and background work, which nobody looks over the shoulder, may be told of every row.

    Costs nothing itself, and two queries for a person whose access was not asked for yet.
    """
    actor = get_context().actor
    rows: QuerySet[Any] = model._default_manager.all()
    return rows if actor is None else list_visible(get_access(actor), model)


def may_name_row(row: Model) -> bool:
    """Tell whether the person who makes a change may be told of a row that is in its way.

    Commands and background work, which nobody looks over the shoulder, may be told of every row.

    Costs a query where there is a person.
    """
    actor = get_context().actor
    if actor is None:
        return True
    return list_visible(get_access(actor), type(row)).filter(pk=row.pk).exists()
