"""Which rows a message may name to the current user."""

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
    """Return whether the current user may be told about a row that is in the way.

    Commands and background work have no user, and may be told about every row.

    Costs a query if there is a user.
    """
    actor = get_context().actor
    if actor is None:
        return True
    return list_visible(get_access(actor), type(row)).filter(pk=row.pk).exists()
