"""Calendars that AriStay reads, and those that it publishes."""

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import CalendarFeed, CalendarShare
from api.services.calendars import (
    CalendarUnreachable,
    FeedReport,
    share_calendar,
    sync_feed,
)

from .serializers import STAMPS, HouseSerializer
from .views import HouseViewSet

__all__ = ["ROUTES"]


class FeedSerializer(HouseSerializer):
    """A platform's calendar of one house; its URL is write-only."""

    class Meta:
        model = CalendarFeed
        fields = [
            "id",
            "property",
            "name",
            "url",
            "source",
            "is_active",
            "cancels_vanished",
            "fetched_at",
            "error_code",
            "error",
            *STAMPS,
        ]
        extra_kwargs = {"url": {"write_only": True}}
        read_only_fields = ["fetched_at", "error_code", "error"]


class FeedReportSerializer(serializers.Serializer):
    """What fetching a calendar changed."""

    created = serializers.IntegerField()
    moved = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.CharField())
    is_unchanged = serializers.BooleanField()
    error_code = serializers.CharField(help_text="Why there is no calendar to be had, if so.")


class FeedViewSet(HouseViewSet):
    """The calendars of platforms."""

    model = CalendarFeed
    serializer_class = FeedSerializer
    filterset_fields = {"property": ["exact"], "is_active": ["exact"]}
    ordering = "name"
    ordering_fields = ["name", "fetched_at", "created_at"]
    action_permissions = {"fetch": "api.change_calendarfeed"}

    def list_locks(self) -> Any:
        """Lock the feed only: its house is locked after the other server has answered."""
        return [] if self.action == "fetch" else super().list_locks()

    @extend_schema(request=None, responses=FeedReportSerializer)
    @action(detail=True, methods=["post"])
    def fetch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Fetch the calendar now. If it is unavailable, that is the other server's error."""
        feed = self.get_object()
        try:
            report = sync_feed(feed, actor=request.user)
        except CalendarUnreachable:
            report = FeedReport()
        return Response(
            FeedReportSerializer({**asdict(report), "error_code": feed.error_code}).data
        )


class ShareSerializer(HouseSerializer):
    """A URL at which others can read when a house is occupied."""

    class Meta:
        model = CalendarShare
        fields = ["id", "property", "name", "read_at", *STAMPS]
        read_only_fields = ["read_at"]


class NewShareSerializer(ShareSerializer):
    """A share with its URL, which is shown only once."""

    address = serializers.CharField(read_only=True)

    class Meta(ShareSerializer.Meta):
        fields = [*ShareSerializer.Meta.fields, "address"]


class ShareViewSet(HouseViewSet):
    """Published calendars."""

    model = CalendarShare
    serializer_class = ShareSerializer
    filterset_fields = {"property": ["exact"]}
    ordering = "name"
    ordering_fields = ["name", "created_at"]
    secret_actions = frozenset({"post", "create"})

    @extend_schema(request=ShareSerializer, responses={201: NewShareSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create a URL; it is in this response and nowhere else."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        share, token = share_calendar(values["property"], values["name"], actor=request.user)
        address = request.build_absolute_uri(reverse("shared_calendar", args=[token]))
        return Response({**self.get_serializer(share).data, "address": address}, status=201)


ROUTES = [("calendar-feeds", FeedViewSet), ("calendar-shares", ShareViewSet)]
