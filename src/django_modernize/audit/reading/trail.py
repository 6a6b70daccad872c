"""What happened to an object."""

from django.db.models import Model

from ..models import AuditEvent
from ..querysets import AuditEventQuerySet

__all__ = ["history"]


def history(instance: Model) -> AuditEventQuerySet:
    """Return an object's events, the newest first, from the database that it came from.

    Those of its rows in the tables of its parents (multi-table inheritance) are among them.
    Costs one query when it is iterated over, and none before.
    """
    events: AuditEventQuerySet = AuditEvent.objects.using(instance._state.db).for_object(instance)
    return events
