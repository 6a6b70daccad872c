"""Questions about many events."""

from typing import Self

from django.db.models import Model, QuerySet

__all__ = ["AuditEventQuerySet"]


class AuditEventQuerySet(QuerySet["AuditEvent"]):  # type: ignore[name-defined]
    """Events, narrowed down."""

    def for_object(self, instance: Model) -> Self:
        """Return the events of one object, also of a deleted one."""
        return self.for_model(type(instance)).filter(object_id=str(instance.pk))

    def for_model(self, model: type[Model]) -> Self:
        """Return the events of all objects of a model."""
        concrete = model._meta.concrete_model or model
        return self.filter(object_type=concrete._meta.label_lower)
