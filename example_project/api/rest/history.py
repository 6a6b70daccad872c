"""The history of a row, for those who may read the audit trail."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from django_modernize.audit import AuditEvent, history

from .filters import refuse_unknown
from .pagination import Order, PositionPagination

__all__ = ["EventSerializer", "HistoryMixin"]


@extend_schema_field(
    {
        "type": "object",
        "description": "The name of each field that changed, with the old and the new value.",
        "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
    }
)
class ChangesField(serializers.JSONField):
    """The changes of an event as stored in the trail, where secrets are masked already."""


class EventSerializer(serializers.ModelSerializer):
    """An audit event."""

    actor_label = serializers.CharField(help_text="The actor's name at that time.")
    reason = serializers.CharField()
    request_id = serializers.UUIDField(allow_null=True)
    changes = ChangesField()

    class Meta:
        model = AuditEvent
        fields = [
            "id",
            "created_at",
            "action",
            "actor",
            "actor_label",
            "source",
            "reason",
            "request_id",
            "transaction_id",
            "changes",
        ]
        read_only_fields = fields


class NewestFirst(PositionPagination):
    """Pages of events, newest first; there is no other order."""

    def find_order(self, model: type[Model], view: Any) -> Order:
        """Return the order of the events."""
        return Order(field=model._meta.get_field("created_at"), is_descending=True)

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Any, view: Any = None
    ) -> list[Any]:
        """Return the requested page of events; there are no other parameters."""
        refuse_unknown(request, {"limit", "cursor"})
        return super().paginate_queryset(queryset, request, view)

    def list_orderings(self, view: Any) -> list[str]:
        """Return the available orders: none."""
        return []


class HistoryMixin:
    """Adds the history of a row to a view set of a tracked model."""

    @extend_schema(responses=EventSerializer(many=True))
    @action(
        detail=True,
        pagination_class=NewestFirst,
        filter_backends=[],
        serializer_class=EventSerializer,
    )
    def history(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the history of a row, newest first."""
        page = self.paginate_queryset(history(self.get_object()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
