"""What machines noted of a file or a calendar is told in the language of whoever reads it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy
from rest_framework.test import APIClient

from api.models import (
    Booking,
    BookingImportPlan,
    CalendarEvent,
    CalendarFeed,
    Task,
    TaskDependency,
)
from api.models.import_reasons import Saying, read_refusal
from api.services.calendars import CalendarUnreachable
from api.services.excel_import.errors import (
    AmbiguousColumn,
    MissingColumn,
    MissingSheet,
    RefusedText,
    RefusedWorkbook,
    TooManyBookings,
)
from api.services.import_plan.calendar_file import RefusedCalendar
from django_modernize.uploads import SPREADSHEETS, UploadRejected, inspect
from tests.example.calendar_feeds import FIRST, sync, write_event

pytestmark = pytest.mark.django_db


def reject_workbook():
    with pytest.raises(UploadRejected) as caught:
        inspect(SimpleUploadedFile("a.xlsx", b""), SPREADSHEETS).raise_refusal()
    return caught.value


REFUSALS = {
    "many": (
        lambda: TooManyBookings(5000),
        "The sheet has more than 5,000 bookings.",
        "5.000 Buchungen",
    ),
    "sheet": (
        lambda: MissingSheet("Stays", ["A", "100 %(x)s"]),
        "no sheet “Stays”. Its sheets are “A”, “100 %(x)s”.",
        "kein Blatt „Stays“. Ihre Blätter sind „A“, „100 %(x)s“.",
    ),
    "column": (
        lambda: MissingColumn("A", ["Status"], row=3),
        "has no column “Status” (looked in row 3).",
        "hat keine Spalte „Status“ (gesucht in Zeile 3).",
    ),
    "columns": (
        lambda: MissingColumn("A", ["Status", "Code"], row=None),
        "has no columns “Status”, “Code” (looked in its first rows).",
        "hat keine Spalten „Status“, „Code“ (gesucht in den ersten Zeilen).",
    ),
    "twice": (
        lambda: AmbiguousColumn("A", "Status", ["B", "C"]),
        "has the header “Status” in columns B and C.",
        "hat die Überschrift „Status“ in den Spalten B und C.",
    ),
    "text": (
        lambda: RefusedText("empty", Saying("It is empty.")),
        "The file cannot be imported. It is empty.",
        "Datei kann nicht importiert werden.",
    ),
    "workbook": (
        lambda: RefusedWorkbook(reject_workbook()),
        "The workbook cannot be imported. The file is empty.",
        "Die Arbeitsmappe kann nicht importiert werden. Die Datei ist leer.",
    ),
    "calendar": (
        lambda: RefusedCalendar(CalendarUnreachable("damaged", "It is no calendar.")),
        "The calendar cannot be imported. It is no calendar.",
        "Der Kalender kann nicht importiert werden. Es ist kein Kalender.",
    ),
}


def tell(record, name, language):
    with translation.override(language):
        return str(getattr(type(record).objects.get(pk=record.pk), name))


@pytest.mark.parametrize("raised_in", ["en", "de"])
@pytest.mark.parametrize("name", REFUSALS)
def test_why_a_file_is_refused_is_told_in_the_readers_language(name, raised_in):
    make, english, german = REFUSALS[name]
    plan = BookingImportPlan.objects.create(
        file_type="excel", file_name="a.xlsx", file_digest="0" * 64, request_id="0" * 32
    )
    with translation.override(raised_in):
        refusal = make()
        BookingImportPlan.objects.filter(pk=plan.pk).update(error=refusal.saying)
    assert english in tell(plan, "error", "en")
    assert german in tell(plan, "error", "de")
    assert english in str(refusal)


@pytest.mark.usefixtures("work_at_once")
def test_the_pages_of_an_import_tell_a_refused_file_in_the_readers_language(
    client, owl, administrator
):
    client.force_login(administrator)
    file = SimpleUploadedFile("a.csv", b"a,b\n1,2\n")
    client.post(reverse("portal:imports"), {"file": file}, headers={"accept-language": "de"})
    plan = BookingImportPlan.objects.get()
    api = APIClient()
    api.force_authenticate(administrator)
    for language, words in (("en", "has no columns"), ("de", "hat keine Spalten")):
        headers = {"accept-language": language}
        page = client.get(reverse("portal:import_plan", args=[plan.pk]), headers=headers)
        assert words in page.content.decode()
    assert "has no columns" in api.get(f"/api/v1/imports/{plan.pk}/").json()["error"]


@pytest.mark.parametrize(
    "text",
    ["", "Der Server antwortet mit 500.", "100 %(x)s", '{"text": oh', '{"text": "only"}'],
)
def test_what_an_earlier_release_noted_is_told_as_it_is(feed, text):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_calendarfeed SET error = %s", [text])
    stored = CalendarFeed.objects.get()
    assert (str(stored.error), bool(stored.error)) == (text, bool(text))
    stored.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT error FROM api_calendarfeed")
        assert cursor.fetchone() == (text,)


def test_why_a_calendar_is_not_to_be_had_is_told_in_the_readers_language(
    client,
    boss,
    feed,
):
    class Silent:
        def fetch(self, url, *, etag=""):
            said = Saying("The server answers with %(status)d.", {"status": 503})
            raise CalendarUnreachable("status", said)

    from api.services.calendars import sync_feed

    with translation.override("de"), pytest.raises(CalendarUnreachable):
        sync_feed(feed, fetcher=Silent())
    address = reverse("admin:api_calendarfeed_changelist")
    for language, words in (
        ("en", "The server answers with 503."),
        ("de", "Der Server antwortet mit 503."),
    ):
        page = client.get(address, headers={"accept-language": language})
        assert words in page.content.decode()


def test_what_is_in_the_way_of_an_event_is_told_with_the_readers_days(owl, feed):
    days = FIRST + timedelta(days=1), FIRST + timedelta(days=9)
    Booking.objects.create(
        property=owl,
        guest_name="Ada",
        check_in=owl.check_in_at(days[0]),
        check_out=owl.check_out_at(days[1]),
    )
    with translation.override("de"):
        report = sync(feed, write_event("a@x"))
    event = CalendarEvent.objects.get()
    assert tell(event, "problem", "en") == (
        f"it overlaps the booking Ada, {days[0]:%Y-%m-%d} to {days[1]:%Y-%m-%d}"
    )
    german = f"er überschneidet sich mit der Buchung Ada, {days[0]:%d.%m.%Y} bis {days[1]:%d.%m.%Y}"
    assert tell(event, "problem", "de") == german
    assert report.problems[0].endswith(german)


def test_a_refusal_is_read_with_what_it_is_translated_by():
    late = ValidationError(
        [
            ValidationError(gettext_lazy("It is empty.")),
            ValidationError(
                gettext_lazy("The server answers with %(status)d."), params={"status": 7}
            ),
        ]
    )
    with translation.override("de"):
        told = read_refusal(late)
    assert str(told) == "It is empty. The server answers with 7."


def test_what_tasks_may_not_is_told_in_german(owl, crane):
    stay = Booking.objects.create(
        property=crane,
        guest_name="Ada",
        check_in=crane.check_in_at(FIRST),
        check_out=crane.check_out_at(FIRST + timedelta(days=2)),
    )
    task = Task(title="Rake", property=owl, booking=stay)
    with translation.override("de"), pytest.raises(ValidationError) as caught:
        task.full_clean()
    assert "Die Buchung ist in einem anderen Haus." in caught.value.messages
    first, second = (Task.objects.create(title=name, property=owl) for name in "AB")
    TaskDependency.objects.create(task=first, needed=second)
    with translation.override("de"), pytest.raises(ValidationError) as caught:
        TaskDependency(task=second, needed=first).full_clean()
    assert any("würden aufeinander warten" in one for one in caught.value.messages)
