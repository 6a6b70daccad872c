"""What the caller was told, and the phones that are told."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import DeviceToken, Notification
from api.services.notification import (
    count_unread,
    describe_notice,
    forget_device,
    mark_all_read,
    mark_read,
    mark_unread,
    register_device,
)

from .serializers import BodySerializer, HouseSerializer
from .views import RowViewSet, read_values

__all__ = ["ROUTES"]

READ = "api.view_notification"
MARK = "api.change_notification"


class NoticeSerializer(HouseSerializer):
    """A word about one matter; while it is unread there is no second."""

    text = serializers.SerializerMethodField(help_text="One line in the caller's language.")
    changes = serializers.JSONField(read_only=True)

    class Meta:
        model = Notification
        fields = [
            "id",
            "recipient",
            "actor",
            "task",
            "property",
            "verb",
            "matter",
            "text",
            "changes",
            "count",
            "created_at",
            "changed_at",
            "read_at",
        ]
        read_only_fields = fields

    def get_text(self, notice: Notification) -> str:
        """Return what it says."""
        return describe_notice(notice)


class NumberSerializer(serializers.Serializer):
    """How many there are."""

    number = serializers.IntegerField()


class PhoneSerializer(BodySerializer):
    """A phone that wants to be told."""

    token = serializers.CharField(max_length=500)
    platform = serializers.ChoiceField(DeviceToken._meta.get_field("platform").choices)


class TokenSerializer(BodySerializer):
    """A phone that is to be forgotten."""

    token = serializers.CharField(max_length=500)


class NoticeViewSet(RowViewSet):
    """What people are told; everybody sees the own notices, an administrator all."""

    model = Notification
    serializer_class = NoticeSerializer
    select_related = ["task", "property"]
    filterset_fields = {
        "recipient": ["exact"],
        "verb": ["exact", "in"],
        "task": ["exact"],
        "property": ["exact"],
        "read_at": ["isnull"],
        "changed_at": ["gte", "lt"],
    }
    ordering = "changed_at"
    ordering_fields = ["changed_at", "created_at"]
    action_permissions = {
        "read": MARK,
        "unread": MARK,
        "read_all": MARK,
        "unread_count": READ,
        "register_phone": MARK,
        "forget_phone": MARK,
    }

    def get_queryset(self) -> Any:
        """Return the live rows that the caller sees."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark one of the own notices as read."""
        notice = self.get_object()
        mark_read(actor=request.user, keys=[notice.pk])
        return self.show_row(notice)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark one of the own notices as not read, unless there is a newer one that is not."""
        notice = self.get_object()
        mark_unread(actor=request.user, keys=[notice.pk])
        return self.show_row(notice)

    @extend_schema(request=None, responses=NumberSerializer, filters=False)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark all of the own notices as read, and tell how many were not."""
        return Response({"number": mark_all_read(actor=request.user)})

    @extend_schema(responses=NumberSerializer, filters=False)
    @action(detail=False, url_path="unread-count", pagination_class=None, filter_backends=[])
    def unread_count(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tell how many of the own notices are not read."""
        return Response({"number": count_unread(actor=request.user)})

    @extend_schema(request=PhoneSerializer, responses={204: None}, filters=False)
    @action(detail=False, methods=["post"], url_path="register-phone")
    def register_phone(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Have a phone told too."""
        register_device(actor=request.user, **read_values(self, PhoneSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=TokenSerializer, responses={204: None}, filters=False)
    @action(detail=False, methods=["post"], url_path="forget-phone")
    def forget_phone(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tell a phone no more."""
        forget_device(actor=request.user, **read_values(self, TokenSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES = [("notifications", NoticeViewSet)]
