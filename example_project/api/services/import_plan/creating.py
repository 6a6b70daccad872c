"""Begins an import: the file is judged and stored, and a worker is told to read it."""

from hashlib import sha256
from typing import Any
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
from .guards import IMPORT, require_permission

__all__ = ["create_plan"]

TEXT_ENDINGS = (".csv", ".tsv", ".txt")


def create_plan(
    file: "UploadedFile[Any] | ContentFile[Any]",
    *,
    actor: User,
    template: BookingImportTemplate | None = None,
    sheet: str = "",
) -> BookingImportPlan:
    """Store a file of bookings, and have it read and compared with what is booked.

    Without a task framework that is done at once, and the plan stands when this returns.

    Args:
        file: A workbook or a CSV file, by the ending of its name.
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
    is_text = name.lower().endswith(TEXT_ENDINGS)
    plan = BookingImportPlan(
        file_name=name,
        file_type=FileType.CSV if is_text else FileType.EXCEL,
        template=template,
        sheet=sheet or (template.sheet if template else ""),
        created_by=actor,
        request_id=uuid4(),
    )
    _take_content(plan, file, is_text=is_text)
    plan.save()
    enqueue_work(plan.pk)
    plan.refresh_from_db()
    return plan


def _take_content(plan: BookingImportPlan, file: Any, *, is_text: bool) -> None:
    if is_text:
        data = file.read(MAX_TEXT_BYTES + 1)
        try:
            plan.text = decode_text(data)
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
