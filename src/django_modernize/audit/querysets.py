"""Questions about many events."""

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

if TYPE_CHECKING:
    from .models import AuditEvent  # noqa: F401 - of what the querysets are

__all__ = ["AuditEventManager", "AuditEventQuerySet"]

SCATTERED: Final = frozenset({"actor", "actor_id", "action", "source"})
"""What has the same few values all over the table, and others hardly anywhere."""


class AuditEventQuerySet(QuerySet["AuditEvent"]):
    """Events, narrowed down."""

    def filter(self, *args: Any, **kwargs: Any) -> Self:
        """Return the events for which some conditions hold, as any queryset does."""
        is_scattered = not SCATTERED.isdisjoint(kwargs)
        return super().filter(*args, *([AtAnyTime()] if is_scattered else ()), **kwargs)

    def for_object(self, instance: Model) -> Self:
        """Return the events of one object, also of a deleted one, the newest first.

        By their time, since events that were carried over from elsewhere are older than their
        numbers say. Those of the rows that it has in the tables of its parents (multi-table
        inheritance) are among them.
        """
        tables = [instance._meta.concrete_model or type(instance), *instance._meta.all_parents]
        wanted = [
            Q(object_type=table._meta.label_lower, object_id=stored_key(instance, table))
            for table in tables
            if not table._meta.proxy
        ]
        return self.filter(reduce(or_, wanted)).order_by("-created_at", "-id")

    def for_model(self, model: type[Model]) -> Self:
        """Return the events of all objects of a model."""
        concrete = model._meta.concrete_model or model
        return self.filter(object_type=concrete._meta.label_lower)

    def changed(self, name: str, **values: Any) -> Self:
        """Return the events in which a field got another value.

        >>> AuditEvent.objects.changed("status", old="open", new="done")  # doctest: +SKIP

        Args:
            name: The field's name at that time.
            **values: ``old``, ``new`` or both: values as the field holds them in Python, such as
                ``Decimal("2.50")``, a ``UUID`` or a ``datetime``; of a foreign key the object or
                its key, of a many-to-many field the object or a list; ``None`` for nothing. Also
                the JSON values that ``event.changes`` shows. They are compared as each model with
                a field of that name writes them.

        Costs one query when it is iterated over, and none before.

        Raises:
            TypeError: A value is neither JSON nor one that any model's field of that name holds.
            ValueError: It is an object that has no key yet.
        """
        if unknown := set(values) - {"old", "new"}:
            raise TypeError(f"changed() knows old and new, not {sorted(unknown)}.")
        vendor = connections[self.db].vendor
        found = self.filter(mentions_field(name, vendor))
        for side, value in values.items():
            found = found.filter(had_value(name, side, value, vendor))
        return found

    def during(self, since: datetime, until: datetime) -> Self:
        """Return the events from a moment up to before another one, the newest first.

        Ordered by time and not, as others are, by number: PostgreSQL cannot know that the two go
        together, and would read backwards from today until it has found enough.
        """
        found = self.filter(created_at__gte=since, created_at__lt=until)
        return found.order_by("-created_at", "-id")

    def same_transaction(self, event: Model) -> Self:
        """Return all events of the transaction that an event is of."""
        return self.filter(transaction_id=event.transaction_id)  # type: ignore[attr-defined]

    def with_context(self) -> Self:
        """Add what the events' contexts hold, as attributes and as names to filter by."""
        return self.annotate(
            actor_label=Coalesce(F("context__actor_label"), Value("")),
            reason=Coalesce(F("context__reason"), Value("", output_field=TextField())),
            request_id=F("context__request_id"),
            ip_address=F("context__ip_address"),
            user_agent=Coalesce(F("context__user_agent"), Value("")),
        )


class AuditEventManager(Manager.from_queryset(AuditEventQuerySet)):  # type: ignore[misc]
    """Gives events together with their circumstances."""

    def get_queryset(self) -> Any:
        """Return all events, each with its context."""
        return super().get_queryset().with_context()
