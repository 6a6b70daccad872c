"""Whether a message may name a row to whoever is at work."""

from django.db.models import Model

from django_modernize.context import get_context

from .access import get_access
from .scopes import list_visible

__all__ = ["may_name_row"]


def may_name_row(row: Model) -> bool:
    """Tell whether the person who makes a change may be told of a row that is in its way.

    Commands and background work, which nobody looks over the shoulder, may be told of every row.

    Costs a query where there is a person.
    """
    actor = get_context().actor
    if actor is None:
        return True
    return list_visible(get_access(actor), type(row)).filter(pk=row.pk).exists()
