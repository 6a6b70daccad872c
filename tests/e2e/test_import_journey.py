"""A file with an unknown house and a conflict is imported, and the import undone, in a browser."""

from datetime import timedelta
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import expect

HEADERS = ("Confirmation code", "Status", "Guest name", "Start date", "End date", "Properties")


def write_file():
    """Return a workbook: a new stay in a new house, and two for the same days of another."""
    first = timezone.localdate() + timedelta(days=400)
    days = (first, first + timedelta(days=3))
    book = Workbook()
    page = book.active
    page.append(HEADERS)
    for code, guest, house in (
        ("HMNEW1", "Noor Haddad", "Quince House"),
        ("HMNEW2", "Ivo Novak", "Amber Cottage"),
        ("HMNEW3", "Lena Sato", "Amber Cottage"),
    ):
        page.append([code, "Confirmed", guest, *days, house])
    stream = BytesIO()
    book.save(stream)
    return {"name": "spring.xlsx", "mimeType": "application/zip", "buffer": stream.getvalue()}


def test_a_file_is_dropped_decided_applied_and_undone(visits, take_picture):
    with visits("boss") as page:
        page.goto("/imports/")
        page.locator("input[type=file]").set_input_files(write_file())
        page.get_by_role("button", name="Read the file").click()
        expect(page.get_by_role("heading", name="spring.xlsx")).to_be_visible()
        expect(page.locator("tr.is-refused")).to_contain_text("Quince House")
        expect(page.locator("tr.is-conflict")).to_contain_text("overlaps")
        take_picture(page, "portal_import_plan")

        page.get_by_role("button", name="Make a new house of each").click()
        expect(page.locator("tr.is-refused")).to_have_count(0)
        conflict = page.locator("tr.is-conflict")
        conflict.get_by_label("Decision").select_option("skip")
        conflict.get_by_role("button", name="Decide").click()
        expect(page.locator("tr.is-conflict")).to_have_count(0)
        page.get_by_role("button", name="Import all or nothing").click()

        undo = page.get_by_role("link", name="Undo this import")
        expect(undo).to_be_visible()
        undo.click()
        expect(page.get_by_text("2 bookings are deleted")).to_be_visible()
        page.get_by_role("button", name="Undo the import").click()
        expect(page.get_by_role("status")).to_contain_text("is undone")
        expect(page.get_by_role("row", name="spring.xlsx")).to_contain_text("undone")
