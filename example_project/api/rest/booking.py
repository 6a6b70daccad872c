"""Bookings."""

from typing import Any

from rest_framework import serializers

from api.models import Booking
from api.services.booking import change_booking, create_booking

from .serializers import STAMPS, HouseSerializer
from .views import HouseViewSet

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
        """Leave what spans fields to the service, which every door goes through."""
        return attrs


class BookingViewSet(HouseViewSet):
    """Who stays where, and when; the database refuses a second stay in a house at one time."""

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
        """Make a booking, or change one."""
        old, values = serializer.instance, serializer.validated_data
        serializer.instance = (
            create_booking(actor=self.request.user, values=values)
            if old is None
            else change_booking(actor=self.request.user, booking=old, values=values)
        )


ROUTES = [("bookings", BookingViewSet)]
