"""What guests left behind."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import LostFoundItem, LostFoundPhoto
from api.models.inventory import LostFoundStatus
from api.services.lost_found import add_photo, report_item, set_status
from django_modernize.uploads.serving import serve_file

from .serializers import STAMPS, BodySerializer, HouseSerializer
from .views import CreateRowMixin, HouseViewSet, RowViewSet, read_values

__all__ = ["ROUTES"]

SIDES = {"320": 320}
"""The thumbnails that there are, by what the address asks for."""


class LostFoundSerializer(HouseSerializer):
    """An item that was found; its ``status`` says what happened to it."""

    property_name = serializers.CharField(source="property.name", read_only=True)

    class Meta:
        model = LostFoundItem
        fields = [
            "id",
            "property",
            "property_name",
            "booking",
            "task",
            "title",
            "description",
            "status",
            "found_on",
            "found_by",
            "found_where",
            "value",
            "storage_place",
            "claimed_by",
            "claimed_on",
            "disposed_on",
            "disposal_note",
            *STAMPS,
        ]
        read_only_fields = [
            "status",
            "found_by",
            "claimed_by",
            "claimed_on",
            "disposed_on",
            "disposal_note",
        ]
        extra_kwargs = {"found_on": {"required": False}}


class LostFoundStatusSerializer(BodySerializer):
    """What happened to an item."""

    status = serializers.ChoiceField(LostFoundStatus.choices)
    claimed_by = serializers.CharField(max_length=200, default="", allow_blank=True)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    on = serializers.DateField(default=None, allow_null=True)


class PhotoSerializer(HouseSerializer):
    """A photo of an item; ``file/`` below its URL serves the file."""

    image = serializers.FileField(write_only=True)

    class Meta:
        model = LostFoundPhoto
        fields = ["id", "item", "image", "size", "width", "height", *STAMPS]
        read_only_fields = ["size", "width", "height"]

    def validate_candidate(self, candidate: Any) -> None:
        """Leave validation to the service, which reads the file once."""


class LostFoundViewSet(HouseViewSet):
    """Items that were found in the houses, and what happened to them."""

    model = LostFoundItem
    serializer_class = LostFoundSerializer
    select_related = ["property"]
    filterset_fields = {
        "property": ["exact"],
        "status": ["exact", "in"],
        "booking": ["exact"],
        "task": ["exact"],
        "title": ["icontains"],
        "found_on": ["gte", "lt"],
    }
    ordering_fields = ["found_on", "created_at", "modified_at"]
    action_permissions = {"settle": "api.change_lostfounditem"}

    def save_row(self, serializer: Any) -> None:
        """Record a found item, or change its details."""
        if serializer.instance is not None:
            super().save_row(serializer)
            return
        values = dict(serializer.validated_data)
        house = values.pop("property")
        serializer.instance = report_item(actor=self.request.user, house=house, **values)

    @extend_schema(request=LostFoundStatusSerializer, responses=LostFoundSerializer)
    @action(detail=True, methods=["post"], url_path="status")
    def settle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record what happened to an item."""
        item = self.get_object()
        values = read_values(self, LostFoundStatusSerializer, request)
        set_status(actor=request.user, item=item, **values)
        return self.show_row(item)


class PhotoViewSet(CreateRowMixin, mixins.DestroyModelMixin, RowViewSet):
    """The photos of found items."""

    model = LostFoundPhoto
    serializer_class = PhotoSerializer
    parser_classes = [MultiPartParser]
    filterset_fields = {"item": ["exact"], "item__property": ["exact"]}
    ordering_fields = ["created_at"]

    def get_queryset(self) -> Any:
        """Return the live rows that the caller can see."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    def perform_create(self, serializer: Any) -> None:
        """Add a photo."""
        serializer.instance = add_photo(actor=self.request.user, **serializer.validated_data)

    @extend_schema(
        parameters=[OpenApiParameter("side", enum=list(SIDES), description="A thumbnail.")],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    @action(detail=True)
    def file(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the picture."""
        side = SIDES.get(request.query_params.get("side", ""))
        return serve_file(request._request, self.get_object().image, side=side)


ROUTES = [("lost-found", LostFoundViewSet), ("lost-found-photos", PhotoViewSet)]
