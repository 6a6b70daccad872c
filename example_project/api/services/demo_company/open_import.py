"""An import that waits for a person: a later save of the workbook that was imported."""

from io import BytesIO
from typing import Any, Final

from django.core.files.base import ContentFile
from openpyxl import load_workbook

from api.models import User
from api.services.import_plan import create_plan

__all__ = ["add_open_import"]

SHEET: Final = "Cleaning schedule"


def add_open_import(*, actor: User, workbook: bytes) -> None:
    """Upload a workbook anew, in which people have gone on writing.

    Args:
        actor: Who uploads it.
        workbook: As it was imported.
    """
    create_plan(ContentFile(_go_on_writing(workbook), name="schedule_of_today.xlsx"), actor=actor)


def _go_on_writing(workbook: bytes) -> bytes:
    """Return the workbook with another status, name and label, and without its last stay."""
    book = load_workbook(BytesIO(workbook))
    page: Any = book[SHEET]
    columns = {str(cell.value).strip(): cell.column for cell in page[1] if cell.value}
    page.cell(2, columns["Status"], "Confirmed")
    page.cell(3, columns["Guest name"], "Somebody else")
    page.cell(5, columns["Properties"], "Lighthouse")
    page.cell(6, columns["Properties"], "Lighthouse")
    last = max(row for row in range(2, page.max_row) if page.cell(row, columns["Guest name"]).value)
    page.delete_rows(last)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
