"""Starts an import: checks and stores the file, and enqueues reading it."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from api.models import BookingImportPlan, BookingImportTemplate, User
from api.models.import_plan import WORKBOOKS, FileType
from api.services.excel_import.errors import ImportRefused
from api.services.excel_import.text_file import MAX_TEXT_BYTES, decode_text
from django_modernize.uploads import inspect

from .background import enqueue_work
from .calendar_file import MAX_CALENDAR_BYTES
from .guards import IMPORT, require_permission

__all__ = ["create_plan"]

ENDINGS: Final[Mapping[str, FileType]] = {
    ".csv": FileType.CSV,
    ".tsv": FileType.CSV,
    ".txt": FileType.CSV,
    ".ics": FileType.ICAL,
}
"""What a file is by the ending of its name; a workbook otherwise."""


def create_plan(
    file: "UploadedFile[Any] | ContentFile[Any]",
    *,
    actor: User,
    template: BookingImportTemplate | None = None,
    sheet: str = "",
) -> BookingImportPlan:
    """Store a file of bookings, and have it read and compared with the current bookings.

    Without a task framework that is done at once, and the plan stands when this returns.

    Args:
        file: A workbook, a CSV file or a calendar, by the ending of its name.
        actor: Who imports.
        template: How the file is to be read.
        sheet: The sheet of the workbook; by default the template's.

    Raises:
        PermissionDenied: The actor may not import.
        ValidationError: The file is refused; the code says why.

    Costs three statements, and those of the reading where it is done at once.
    """
    require_permission(actor, IMPORT)
    name = (file.name or "bookings.xlsx")[-255:]
    ending = PurePath(name).suffix.lower()
    plan = BookingImportPlan(
        file_name=name,
        file_type=ENDINGS.get(ending, FileType.EXCEL),
        template=template,
        sheet=sheet or (template.sheet if template else ""),
        created_by=actor,
        request_id=uuid4(),
    )
    _take_content(plan, file)
    plan.save()
    enqueue_work(plan.pk)
    plan.refresh_from_db()
    return plan


def _take_content(plan: BookingImportPlan, file: Any) -> None:
    if plan.file_type != FileType.EXCEL:
        limit = MAX_TEXT_BYTES if plan.file_type == FileType.CSV else MAX_CALENDAR_BYTES
        data = file.read(limit + 1)
        try:
            plan.text = decode_text(data, limit=limit)
        except ImportRefused as error:
            raise _refuse_file(str(error), error.code) from error
    else:
        verdict = inspect(file, WORKBOOKS, name=plan.file_name)
        verdict.raise_refusal()
        data = verdict.content
        plan.file = ContentFile(data, name=plan.file_name)
    plan.file_digest = sha256(data).hexdigest()


def _refuse_file(message: str, code: str) -> ValidationError:
    return ValidationError({"file": ValidationError(_(message), code=code)})
