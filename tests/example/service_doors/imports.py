"""The doors to plans of imports."""

from typing import Any

from django.core.files.base import ContentFile

from api import models
from api.models.imports import RowOutcome
from api.services.import_plan import applying, creating, decisions, guards, undoing, working
from tests.example.rows import Corner
from tests.example.service_doors.door import Door

IMPORT, APPROVE, UNDO = "api.import_bookings", "api.approve_property", "api.undo_import"


def start_plan(corner: Corner, status: str = "planned") -> Any:
    """Make a plan that stands, with no row."""
    template = corner.make(models.BookingImportTemplate)
    values = {"status": status, "file_type": "csv", "text": "Status\nBooked\n"}
    return corner.make(models.BookingImportPlan, template=template, **values)


def open_label(corner: Corner) -> Any:
    """Make an unknown label of a plan that stands."""
    return corner.make(models.BookingImportLabel, plan=start_plan(corner))


def open_row(corner: Corner) -> Any:
    """Make a row in conflict, with the booking that it is about."""
    values = {"outcome": RowOutcome.CONFLICT, "values": {"problems": []}}
    booking = corner.make(models.Booking)
    return corner.make(
        models.BookingImportPlanRow, plan=start_plan(corner), booking=booking, **values
    )


DOORS: dict[str, Door] = {
    "import_plan.applying.apply_plan": Door(
        go=lambda actor, row, corner: applying.apply_plan(row, actor=actor),
        asks=(IMPORT,),
        make=start_plan,
    ),
    "import_plan.creating.create_plan": Door(
        go=lambda actor, row, corner: creating.create_plan(
            ContentFile(b"Status\nBooked\n", name="bookings.csv"), actor=actor
        ),
        asks=(IMPORT,),
    ),
    "import_plan.decisions.approve_label": Door(
        go=lambda actor, row, corner: decisions.approve_label(row, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.approve_labels": Door(
        go=lambda actor, row, corner: decisions.approve_labels(row.plan, [row], actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.map_label": Door(
        go=lambda actor, row, corner: decisions.map_label(row, corner.house, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.reopen_label": Door(
        go=lambda actor, row, corner: decisions.reopen_label(row, actor=actor),
        asks=(IMPORT, APPROVE),
        make=open_label,
    ),
    "import_plan.decisions.decide_row": Door(
        go=lambda actor, row, corner: decisions.decide_row(row, "take_file", actor=actor),
        asks=(IMPORT, "api.change_booking"),
        make=open_row,
    ),
    "import_plan.guards.require_permission": Door(
        go=lambda actor, row, corner: guards.require_permission(actor, UNDO), asks=(UNDO,)
    ),
    "import_plan.undoing.preview_undo": Door(
        go=lambda actor, row, corner: undoing.preview_undo(row, actor=actor),
        asks=(UNDO,),
        make=lambda corner: corner.make(models.BookingImportLog),
    ),
    "import_plan.undoing.undo_import": Door(
        go=lambda actor, row, corner: undoing.undo_import(row, actor=actor),
        asks=(UNDO,),
        make=lambda corner: corner.make(models.BookingImportLog),
    ),
    "import_plan.working.resume_plan": Door(
        go=lambda actor, row, corner: working.resume_plan(row, actor=actor),
        asks=(IMPORT,),
        make=lambda corner: start_plan(corner, "failed"),
    ),
    "import_plan.working.discard_plan": Door(
        go=lambda actor, row, corner: working.discard_plan(row, actor=actor),
        asks=(IMPORT,),
        make=start_plan,
    ),
}
"""Each by the module and the name of the service."""
