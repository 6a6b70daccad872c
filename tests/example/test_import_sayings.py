"""Why a row is refused or in conflict is said in the language of whoever reads it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlan,
    BookingImportPlanRow,
    BookingImportRow,
)
from api.models.import_reasons import Saying
from api.services.excel_import import import_bookings
from api.services.excel_import.report import Problem

from .factories import make_file, row

pytestmark = pytest.mark.django_db

OVERLAP = Saying(
    "the stay from %(start)s to %(end)s overlaps %(title)s",
    {
        "start": date(2026, 12, 18),
        "end": date(2026, 12, 21),
        "title": Saying(
            "booking %(number)d (%(guest)s, %(start)s to %(end)s)",
            {
                "number": 7,
                "guest": "Ada 100 %(x)s",
                "start": date(2026, 12, 20),
                "end": date(2026, 12, 25),
            },
        ),
    },
)
ENGLISH = (
    "the stay from 2026-12-18 to 2026-12-21 overlaps"
    " booking 7 (Ada 100 %(x)s, 2026-12-20 to 2026-12-25)"
)
GERMAN = (
    "der Aufenthalt vom 18.12.2026 bis 21.12.2026 überschneidet sich mit"
    " Buchung 7 (Ada 100 %(x)s, 20.12.2026 bis 25.12.2026)"
)
ROWS = [row(), row(code="HM2", start_date="31 Febuary"), row(code="HM3", guest_name="Zeno")]


def read_in(language, record):
    with translation.override(language):
        return record.told_reason if isinstance(record, BookingImportRow) else record.reason


def test_a_saying_is_said_in_the_language_of_whoever_reads_it():
    assert str(OVERLAP) == ENGLISH
    with translation.override("de"):
        assert str(OVERLAP) == GERMAN


def test_a_saying_is_stored_with_its_values_and_is_the_same_afterwards():
    assert Saying.from_json(OVERLAP.as_json()) == OVERLAP


def test_an_amount_that_differs_is_written_as_the_reader_writes_it():
    record = BookingImportRow(changes={"earnings": ["1120.50", "much"]})
    assert record.differences == [("earnings", "1120.50", "much")]
    with translation.override("de"):
        assert record.differences == [("Einnahmen", "1120,50", "much")]
    kept = Saying("%(value)s", {"value": Decimal("1120.50")})
    assert Saying.from_json(kept.as_json()) == kept


@pytest.mark.parametrize("text", ["", "Zeile 3: 100 % voll", "%(guest)s"])
def test_what_an_earlier_release_stored_as_one_text_is_said_as_it_is(text):
    stored = {"code": "old", "column": "", "header": "", "message": text}
    assert Problem.from_json(stored).message == text


def test_an_old_row_of_a_plan_stays_readable():
    old = BookingImportPlanRow(
        row_number=3,
        problems=[{"code": "x", "column": "I", "header": "Start date", "message": "so nicht"}],
    )
    assert old.reason == "Row 3, column I (Start date): so nicht."
    assert old.told_problems[0]["message"] == "so nicht"
    assert BookingImportPlanRow(notes=["Eins.", "Zwei."]).reason == "Eins. Zwei."
    assert BookingImportRow(reason="Row 3: taken.").told_reason == "Row 3: taken."


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_log_of_an_import_is_read_in_both_languages(owl, language):
    with translation.override(language):
        import_bookings(make_file(*ROWS, row(code="HM4", nights=5)), file_name="a.xlsx")
    refused, conflict, other = BookingImportLog.objects.get().rows.all()
    assert read_in("en", refused) == "Row 3, column I (Start date): “31 Febuary” is not a date."
    assert read_in("de", refused) == "Zeile 3, Spalte I (Start date): „31 Febuary“ ist kein Datum."
    for one in (conflict, other):
        assert "overlaps row 2 (" in read_in("en", one)
        assert "überschneidet sich mit Zeile 2 (" in read_in("de", one)


@pytest.mark.usefixtures("work_at_once")
def test_a_plan_is_read_in_the_language_of_the_reader(client, owl, administrator):
    client.force_login(administrator)
    file = SimpleUploadedFile("bookings.xlsx", make_file(*ROWS))
    client.post(reverse("portal:imports"), {"file": file}, headers={"accept-language": "de"})
    plan = BookingImportPlan.objects.get()
    address = reverse("portal:import_plan", args=[plan.pk])
    english, german = (
        client.get(address, headers={"accept-language": language}).content.decode()
        for language in ("en", "de")
    )
    assert "“31 Febuary” is not a date" in english
    assert "ist kein Datum" not in english
    assert "„31 Febuary“ ist kein Datum" in german
    api = APIClient()
    api.force_authenticate(administrator)
    rows = api.get(f"/api/v1/import-rows/?plan={plan.pk}&outcome=refused").json()["results"]
    assert rows[0]["problems"] == [
        {
            "code": "bad_value",
            "column": "I",
            "header": "Start date",
            "message": "“31 Febuary” is not a date",
        }
    ]


@pytest.mark.usefixtures("work_at_once")
def test_notes_of_a_plan_are_read_in_the_language_of_the_reader(client, owl, administrator):
    client.force_login(administrator)
    file = SimpleUploadedFile("bookings.xlsx", make_file(row(nights=5)))
    client.post(reverse("portal:imports"), {"file": file}, headers={"accept-language": "de"})
    noted = BookingImportPlanRow.objects.get()
    assert read_in("en", noted) == "The file counts 5 nights, the dates give 3."
    with translation.override("en"):
        assert noted.told_notes == ["The file counts 5 nights, the dates give 3."]
    assert read_in("de", noted).startswith("Die Datei zählt 5 Nächte")
    plan = BookingImportPlan.objects.get()
    client.post(reverse("portal:import_apply", args=[plan.pk]), headers={"accept-language": "de"})
    told = BookingImportRow.objects.get()
    assert read_in("en", told) == "The file counts 5 nights, the dates give 3."


def test_days_and_statuses_that_differ_are_written_as_the_reader_writes_them(owl):
    import_bookings(make_file(row()), file_name="a.xlsx")
    # Somebody made it by hand, so that no file has said its status.
    Booking.objects.update(external_status="", status="owner_staying")
    other = row(end_date=date(2026, 12, 22), status="Currently hosting")
    import_bookings(make_file(other), file_name="b.xlsx")
    differing = BookingImportLog.objects.latest("pk").rows.get()
    english, german = read_in("en", differing), read_in("de", differing)
    assert "the file says “2026-12-22”" in english
    assert "says “2026-12-21”" in english
    assert "says “owner staying”" in english
    assert "die Datei sagt „22.12.2026“" in german
    assert "sagt „21.12.2026“" in german
    assert "sagt „Eigentümer im Haus“" in german
    # What the file wrote stays in its words.
    assert "die Datei sagt „Currently hosting“" in german
    with translation.override("de"):
        assert sorted(differing.differences) == [
            ("Abreise", "21.12.2026", "22.12.2026"),
            ("Status", "Eigentümer im Haus", "Currently hosting"),
        ]
    # Programs read what is kept.
    assert differing.changes["end_date"] == ["2026-12-21", "2026-12-22"]


def test_what_is_kept_of_a_difference_and_is_no_day_is_shown_as_it_is():
    kept = BookingImportPlanRow(changes={"booked_on": ["", "soon"], "guest_name": ["booked", "x"]})
    assert [pair for _name, *pair in kept.differences] == [["", "soon"], ["booked", "x"]]


def test_a_status_that_was_changed_by_hand_is_told_by_its_name(owl):
    import_bookings(make_file(row()), file_name="a.xlsx")
    Booking.objects.update(status="cancelled")
    import_bookings(make_file(row(status="Currently hosting")), file_name="b.xlsx")
    told = BookingImportLog.objects.latest("pk").rows.get()
    assert "was changed by hand to “cancelled”" in read_in("en", told)
    assert "„storniert“" in read_in("de", told)
