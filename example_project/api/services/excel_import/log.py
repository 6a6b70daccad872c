"""Stores what an import did, with a row for each row of the file that somebody may ask about."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from api.models import BookingImportLog, BookingImportRow
from api.models.imports import RowOutcome

from .report import ImportReport, ReportRow

__all__ = ["close_log", "make_rows", "open_log"]


def open_log(
    *, file_name: str, sheet: str, data: bytes, request_id: UUID, actor: Any
) -> BookingImportLog:
    """Store the log of an import that begins, for its bookings to name.

    Args:
        file_name: The name of the file as it was given.
        sheet: The sheet that is read.
        data: The file's bytes, of which the digest is kept.
        request_id: What ties the audit events of the import together.
        actor: The user who imports, or ``None``.
    """
    return BookingImportLog.objects.create(
        file_name=file_name[-255:],
        file_digest=sha256(data).hexdigest(),
        sheet=sheet[:100],
        request_id=request_id,
        imported_by=actor,
        row_count=0,
    )


def close_log(log: BookingImportLog, report: ImportReport) -> None:
    """Store what the import did. Costs two statements."""
    log.row_count = len(report.rows)
    log.task_count = report.tasks_created
    log.property_count = len(report.properties_created)
    for outcome, count in report.counts.items():
        setattr(log, f"{outcome.value}_count", count)
    log.save()
    BookingImportRow.objects.bulk_create(make_rows(filter(needs_row, report.rows), log=log))


def needs_row(row: ReportRow) -> bool:
    """Whether a row is stored: where it changed, was turned away, or is worth a look."""
    settled = row.outcome in {RowOutcome.CREATED, RowOutcome.UNCHANGED}
    return not settled or (row.outcome == RowOutcome.CREATED and bool(row.reason))


def make_rows(
    rows: Iterable[ReportRow], *, log: BookingImportLog | None = None
) -> list[BookingImportRow]:
    """Return rows of a report as rows of a log, not yet stored."""
    return [
        BookingImportRow(
            log=log,
            row_number=row.number,
            outcome=row.outcome,
            code=row.code,
            guest_name=row.guest_name,
            property_label=row.property_label,
            problem_code=row.problems[0].code if row.problems else "",
            column=row.problems[0].column if row.problems else "",
            problems=[one.as_json() for one in row.problems],
            notes=[one.as_json() for one in row.notes],
            changes={name: list(values) for name, values in row.changes.items()},
            booking_id=row.booking_id,
        )
        for row in rows
    ]
