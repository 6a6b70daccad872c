"""The calendar, and reports as CSV."""

from datetime import timedelta
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.services.calendar import HouseCalendar, read_calendar
from api.services.days import EARLIEST, LATEST
from api.services.reports import REPORTS, make_report, write_csv

from .filters import LARGEST_KEY, refuse_unknown
from .problems import InvalidParameter

__all__ = ["PATHS"]

MOST_CALENDAR_DAYS: Final = 92
MOST_REPORT_DAYS: Final = 732


class SpanSerializer(serializers.Serializer):
    """The range of days."""

    first = serializers.DateField(help_text="The first day.")
    last = serializers.DateField(help_text="The last day, shown as well.")


class CalendarSpanSerializer(SpanSerializer):
    """The range of days, and the house."""

    property = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_KEY, help_text="One house alone."
    )


class DaySerializer(serializers.Serializer):
    """The state of a house on one day."""

    day = serializers.DateField()
    state = serializers.ChoiceField(["free", "arrival", "taken", "departure", "turnover"])
    bookings = serializers.ListField(child=serializers.IntegerField(), source="booking_ids")


class StaySerializer(serializers.Serializer):
    """A booking with its days in the house's time zone."""

    booking = serializers.IntegerField(source="booking_id")
    guest_name = serializers.CharField()
    status = serializers.CharField()
    arrival = serializers.DateField()
    departure = serializers.DateField()


class HouseCalendarSerializer(serializers.Serializer):
    """A house with its days."""

    property = serializers.IntegerField(source="house.pk")
    name = serializers.CharField(source="house.name")
    taken_nights = serializers.IntegerField()
    stays = StaySerializer(many=True)
    days = serializers.SerializerMethodField()

    @extend_schema_field(DaySerializer(many=True))
    def get_days(self, calendar: HouseCalendar) -> Any:
        """Return each day."""
        return DaySerializer(calendar.list_days(), many=True).data


class CalendarSerializer(serializers.Serializer):
    """Houses by days."""

    first = serializers.DateField()
    last = serializers.DateField()
    houses = HouseCalendarSerializer(many=True)


class CalendarView(APIView):
    """Which house is occupied on which day."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="calendar",
        parameters=[CalendarSpanSerializer],
        responses=CalendarSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the houses that you can see with their state on each day, for at most 92 days."""
        if not request.user.has_perm("api.view_booking"):
            raise PermissionDenied
        span = read_span(CalendarSpanSerializer, request, MOST_CALENDAR_DAYS)
        first, last = span["first"], span["last"]
        houses = read_calendar(
            actor=request.user, first=first, last=last, house_id=span.get("property")
        )
        return Response(CalendarSerializer({"first": first, "last": last, "houses": houses}).data)


class CsvRenderer(JSONRenderer):
    """Lets a caller ask for CSV; only problems are rendered, as JSON."""

    media_type = "text/csv"
    format = "csv"


class ReportView(APIView):
    """Rows for a spreadsheet."""

    permission_classes = [IsAuthenticated]
    renderer_classes = [CsvRenderer, JSONRenderer]
    name = ""

    @extend_schema(
        parameters=[SpanSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Return a report as CSV, for at most two years; no cell is a formula."""
        span = read_span(SpanSerializer, request, MOST_REPORT_DAYS)
        report = make_report(
            actor=request.user, name=self.name, first=span["first"], last=span["last"]
        )
        answer = StreamingHttpResponse(write_csv(report), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return answer


def read_span(serializer: type[Any], request: Request, most_days: int) -> dict[str, Any]:
    """Return the requested days.

    Raises:
        InvalidParameter: The last one is before the first, or there are too many.
        ValidationError: They are not valid dates.
    """
    refuse_unknown(request, {*serializer().fields})
    asked = serializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    span: dict[str, Any] = asked.validated_data
    if not EARLIEST <= span["first"] <= LATEST:
        raise InvalidParameter("first", f"It is from {EARLIEST} to {LATEST}.")
    if not timedelta(0) <= span["last"] - span["first"] < timedelta(days=most_days):
        raise InvalidParameter("last", f"It is the first day or later, {most_days} days at most.")
    return span


PATHS = [
    path("calendar/", CalendarView.as_view(), name="calendar"),
    *(
        path(f"reports/{name}/", ReportView.as_view(name=name), name=f"report-{name}")
        for name in REPORTS
    ),
]
