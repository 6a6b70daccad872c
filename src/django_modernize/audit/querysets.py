"""The queryset and manager of audit events."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final, Self

from django.db import connections
from django.db.models import F, Manager, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from .expressions import AtAnyTime, mentions_field
from .keys import stored_key
from .searching import had_value
from .tracking import of_model

if TYPE_CHECKING:
    from .models import AuditEvent  # noqa: F401 - of what the querysets are

__all__ = ["AuditEventManager", "AuditEventQuerySet"]

SCATTERED: Final = frozenset({"actor", "actor_id", "action", "source"})
"""Fields with a few values that are common throughout the table and others that are rare."""


class AuditEventQuerySet(QuerySet["AuditEvent"]):
    """A queryset of audit events."""

    def filter(self, *args: Any, **kwargs: Any) -> Self:
        """Return the events that match the conditions, as for any queryset."""
        is_scattered = not SCATTERED.isdisjoint(kwargs)
        return super().filter(*args, *([AtAnyTime()] if is_scattered else ()), **kwargs)

    def for_object(self, instance: Model) -> Self:
        """Return the events of an object, which may be deleted, newest first.

        They are ordered by time, since imported events are older than their primary keys suggest.
        With multi-table inheritance, the events of its parent rows are included.
        """
        tables = [instance._meta.concrete_model or type(instance), *instance._meta.all_parents]
        wanted = [
            of_model(table) & Q(object_id=stored_key(instance, table))
            for table in tables
            if not table._meta.proxy
        ]
        return self.filter(reduce(or_, wanted)).order_by("-created_at", "-id")

    def for_model(self, model: type[Model]) -> Self:
        """Return the events of all objects of a model."""
        return self.filter(of_model(model))

    def changed(self, name: str, **values: Any) -> Self:
        """Return the events that changed a field.

        >>> AuditEvent.objects.changed("status", old="open", new="done")  # doctest: +SKIP

        Args:
            name: The field's name at that time.
            **values: ``old``, ``new`` or both, as Python values of the field, such as
                ``Decimal("2.50")``, a ``UUID`` or a ``datetime``; the object or its key for a
                foreign key; the object or a list for a many-to-many field; ``None`` for no value.
                JSON values as shown in ``event.changes`` work too. They are compared in the form
                in which each model with a field of that name writes them.

        Costs one query when it is iterated over, and none before.

        Raises:
            TypeError: A value is neither JSON nor valid for any model's field of that name.
            ValueError: The value is an object without a primary key.
        """
        if unknown := set(values) - {"old", "new"}:
            raise TypeError(f"changed() accepts old and new, not {sorted(unknown)}.")
        vendor = connections[self.db].vendor
        found = self.filter(mentions_field(name, vendor))
        for side, value in values.items():
            found = found.filter(had_value(name, side, value, vendor))
        return found

    def during(self, since: datetime, until: datetime) -> Self:
        """Return the events from ``since`` up to but excluding ``until``, newest first.

        They are ordered by time rather than by primary key: PostgreSQL does not know that the two
        are correlated, and would scan backwards from today until it has found enough rows.
        """
        found = self.filter(created_at__gte=since, created_at__lt=until)
        return found.order_by("-created_at", "-id")

    def same_transaction(self, event: Model) -> Self:
        """Return all events of the same transaction as an event."""
        return self.filter(transaction_id=event.transaction_id)  # type: ignore[attr-defined]

    def with_context(self) -> Self:
        """Add the fields of the events' contexts, as attributes and as names to filter by."""
        return self.annotate(
            actor_label=Coalesce(F("context__actor_label"), Value("")),
            reason=Coalesce(F("context__reason"), Value("", output_field=TextField())),
            request_id=F("context__request_id"),
            ip_address=F("context__ip_address"),
            user_agent=Coalesce(F("context__user_agent"), Value("")),
        )


class AuditEventManager(Manager.from_queryset(AuditEventQuerySet)):  # type: ignore[misc]
    """A manager that returns events together with their contexts."""

    def get_queryset(self) -> Any:
        """Return all events, each with its context."""
        return super().get_queryset().with_context()
