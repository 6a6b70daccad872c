"""Bookings."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import Booking, Property
from api.services.booking import cancel_booking, change_booking, create_booking, move_booking
from api.services.days import EARLIEST, LATEST

from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import HouseViewSet, read_values

__all__ = ["ROUTES"]


class BookingSerializer(HouseSerializer):
    """A stay in a house."""

    property_name = serializers.CharField(source="property.name", read_only=True)

    class Meta:
        model = Booking
        fields = [
            "id",
            "property",
            "property_name",
            "check_in",
            "check_out",
            "nights",
            "status",
            "guest_name",
            "guest_contact",
            "adults",
            "children",
            "infants",
            "source",
            "external_code",
            "external_status",
            "listing_name",
            "earnings",
            "currency",
            "booked_on",
            "same_day_flag",
            "same_day_note",
            "property_label_raw",
            "last_import_update",
            "import_log",
            *STAMPS,
        ]
        read_only_fields = [
            "nights",
            "external_status",
            "listing_name",
            "booked_on",
            "same_day_flag",
        ]

    def validate(self, attrs: Any) -> Any:
        """Leave validation across fields to the service, which every entry point uses."""
        return attrs


class MoveSerializer(BodySerializer):
    """The new dates and house of a stay; times of day are those of the house."""

    property = VisibleKeyField(
        queryset=Property.objects.all(), required=False, help_text="Without one its house stays."
    )
    first_day = serializers.DateField(help_text="The day of check-in, by the house's clock.")
    last_day = serializers.DateField(help_text="The day of check-out.")

    def validate(self, attrs: Any) -> Any:
        """Refuse dates outside the supported calendar.

        Raises:
            ValidationError: A date is outside the calendar.
        """
        for name in ("first_day", "last_day"):
            if not EARLIEST <= attrs[name] <= LATEST:
                message = f"It is from {EARLIEST} to {LATEST}."
                raise serializers.ValidationError({name: message})
        return attrs


class CancelSerializer(BodySerializer):
    """Why a stay is cancelled."""

    reason = serializers.CharField(
        max_length=200, required=False, help_text="It stands in the history."
    )


class BookingViewSet(HouseViewSet):
    """Bookings; the database refuses overlapping stays in one house."""

    locks_rules = True
    model = Booking
    serializer_class = BookingSerializer
    select_related = ["property"]
    filterset_fields = {
        "property": ["exact"],
        "status": ["exact", "in"],
        "source": ["exact"],
        "external_code": ["exact"],
        "guest_name": ["icontains"],
        "check_in": ["gte", "lt"],
        "check_out": ["gt", "lte"],
        "import_log": ["exact"],
        "modified_at": ["gte", "lt"],
    }
    ordering = "check_in"
    ordering_fields = ["check_in", "check_out", "created_at", "modified_at", "guest_name"]

    def save_row(self, serializer: Any) -> None:
        """Create or change a booking."""
        old, values = serializer.instance, serializer.validated_data
        serializer.instance = (
            create_booking(actor=self.request.user, values=values)
            if old is None
            else change_booking(actor=self.request.user, booking=old, values=values)
        )

    @extend_schema(request=MoveSerializer, responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Move a stay to other dates or to another house; it keeps its times of day."""
        booking, values = self.get_object(), read_values(self, MoveSerializer, request)
        house = values.pop("property", booking.property)
        return self.show_row(
            move_booking(actor=request.user, booking=booking, house=house, **values)
        )

    @extend_schema(request=CancelSerializer, responses=BookingSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel a stay. Its dates become free, and the booking remains visible."""
        booking, values = self.get_object(), read_values(self, CancelSerializer, request)
        return self.show_row(cancel_booking(actor=request.user, booking=booking, **values))


ROUTES = [("bookings", BookingViewSet)]
