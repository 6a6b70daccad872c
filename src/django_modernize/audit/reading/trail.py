"""The history of an object."""

from django.db.models import Model

from ..models import AuditEvent
from ..querysets import AuditEventQuerySet

__all__ = ["history"]


def history(instance: Model) -> AuditEventQuerySet:
    """Return an object's events, newest first, from the database that it came from.

    With multi-table inheritance, the events of its parent rows are included.
    Costs one query when it is iterated over, and none before.

    Raises:
        TypeError: It is not a model instance. For all events of a model, use
            ``AuditEvent.objects.for_model(Model)``.
    """
    if not isinstance(instance, Model):
        raise TypeError(
            f"history() needs a model instance, not {instance!r}. The events of all objects of a "
            "model "
            "are AuditEvent.objects.for_model(Model)."
        )
    events: AuditEventQuerySet = AuditEvent.objects.using(instance._state.db).for_object(instance)
    return events
