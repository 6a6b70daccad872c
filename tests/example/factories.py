"""Workbooks for tests, made with a library that is not under test, and their imports."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.base import ContentFile
from openpyxl import Workbook

from api.services.import_plan import apply_plan, create_plan

HEADERS = {
    "code": "Confirmation code",
    "status": "Status",
    "guest_name": "Guest name",
    "guest_contact": "Contact",
    "adults": "# of adults",
    "children": "# of children",
    "infants": "# of infants",
    "start_date": "Start date",
    "end_date": "End date",
    "nights": "# of nights",
    "booked_on": "Booked",
    "listing_name": "Listing",
    "earnings": "Earnings",
    "property_label": "Properties",
    "source": "Booking source",
    "same_day_note": "Check 1",
    "same_day_flag": "Check ",
}


def row(**values):
    """Return a row of the schedule: a sound Airbnb booking, but for what is given."""
    return {
        "code": "HM0001",
        "status": "Confirmed",
        "guest_name": "Ada Fenwick",
        "start_date": date(2026, 12, 18),
        "end_date": date(2026, 12, 21),
        "property_label": "Owl Point",
        "source": "AIRBNB",
        **values,
    }


def make_file(*rows, sheet="Cleaning schedule", headers=None, first_row=1, other_sheets=()):
    """Return a workbook with an empty column A, the headers from B on, and the rows."""
    headers = HEADERS if headers is None else headers
    book = Workbook()
    page = book.active
    page.title = sheet
    for position, (field, header) in enumerate(headers.items(), start=2):
        page.cell(first_row, position, header)
        for number, values in enumerate(rows, start=first_row + 1):
            page.cell(number, position, values.get(field))
    for name in other_sheets:
        book.create_sheet(name)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def change_part(data, name, change):
    """Return a workbook in which one part's text went through a function."""
    stream = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, change(content.decode()) if entry == name else content)
    return stream.getvalue()


def change_sheet(data, change):
    """Return a workbook in which the first sheet's XML went through a function."""
    return change_part(data, "xl/worksheets/sheet1.xml", change)


def upload(actor, *rows, name="bookings.xlsx", **options):
    """Return the plan of a workbook with some rows."""
    return create_plan(ContentFile(make_file(*rows), name=name), actor=actor, **options)


def book(actor, *rows):
    """Import a workbook with some rows."""
    apply_plan(upload(actor, *rows), actor=actor)


def outcomes(plan):
    """Return what each row of a plan's file comes to."""
    return list(plan.rows.values_list("row_number", "outcome"))
