"""The caller's notifications, and the phones that receive them."""

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
    """A notification about one matter; while it is unread, there is no second one."""

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
        """Return its text."""
        return describe_notice(notice)


class NumberSerializer(serializers.Serializer):
    """How many there are."""

    number = serializers.IntegerField()


class PhoneSerializer(BodySerializer):
    """A phone that receives push notifications."""

    token = serializers.CharField(max_length=500)
    platform = serializers.ChoiceField(DeviceToken._meta.get_field("platform").choices)


class TokenSerializer(BodySerializer):
    """A phone to remove."""

    token = serializers.CharField(max_length=500)


class NoticeViewSet(RowViewSet):
    """Notifications; everybody sees their own, an administrator sees all."""

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
        """Return the live rows that the caller can see."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark one of your notifications as read."""
        notice = self.get_object()
        mark_read(actor=request.user, keys=[notice.pk])
        return self.show_row(notice)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark one of your notifications as unread, unless there is a newer unread one."""
        notice = self.get_object()
        mark_unread(actor=request.user, keys=[notice.pk])
        return self.show_row(notice)

    @extend_schema(request=None, responses=NumberSerializer, filters=False)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark all of your notifications as read, and return how many were unread."""
        return Response({"number": mark_all_read(actor=request.user)})

    @extend_schema(responses=NumberSerializer, filters=False)
    @action(detail=False, url_path="unread-count", pagination_class=None, filter_backends=[])
    def unread_count(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Count your unread notifications."""
        return Response({"number": count_unread(actor=request.user)})

    @extend_schema(request=PhoneSerializer, responses={204: None}, filters=False)
    @action(detail=False, methods=["post"], url_path="register-phone")
    def register_phone(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send push notifications to a phone."""
        register_device(actor=request.user, **read_values(self, PhoneSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=TokenSerializer, responses={204: None}, filters=False)
    @action(detail=False, methods=["post"], url_path="forget-phone")
    def forget_phone(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Stop sending push notifications to a phone."""
        forget_device(actor=request.user, **read_values(self, TokenSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES = [("notifications", NoticeViewSet)]
