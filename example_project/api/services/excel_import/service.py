"""Imports a workbook of bookings: reads, decides, writes and reports."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from api.models.import_reasons import Saying
from api.models.imports import RowOutcome
from api.services.changes import making_changes
from api.services.locking import lock_rules_of_bookings
from django_modernize.autotasks import Action
from django_modernize.autotasks.running import ChangeFollower
from django_modernize.context import change_context, get_context

from .apply import Applied, HouseTaken, apply_decisions
from .decision import Decision
from .errors import ImportRefused
from .houses import load_houses
from .log import close_log, open_log
from .plan import plan_import
from .report import ImportReport, ReportRow, Timings
from .rows import BookingRow, RefusedRow, parse_row
from .stays import load_stays
from .workbook import Schedule, read_schedule

__all__ = ["import_bookings"]

Progress = Callable[[str], None]

MAX_ATTEMPTS: Final = 3
IMPORT: Final = "api.import_bookings"
APPROVE: Final = "api.approve_property"
"""What it takes to import, and to make properties of the labels that mean none."""


def import_bookings(
    data: bytes,
    *,
    file_name: str,
    sheet: str = "",
    create_properties: bool = False,
    dry_run: bool = False,
    actor: Any = None,
    progress: Progress = lambda stage: None,
) -> ImportReport:
    """Import the bookings of a workbook in one transaction.

    Good rows are written whatever the others are; the rules make the tasks of new bookings. A
    second import of the same file writes nothing but its own log.

    Args:
        data: The bytes of an ``.xlsx`` file.
        file_name: What the log calls it.
        sheet: The sheet to read; by default “Cleaning schedule”, or the workbook's only one.
        create_properties: Whether a label that means no house yet makes one.
        dry_run: Whether to report only, and write nothing at all.
        actor: The user whose changes these are; by default the active context's, who is not asked
            for a permission: that is for commands.
        progress: Is told what begins, in a few words.

    Returns:
        What was done, or would be, row by row.

    Raises:
        PermissionDenied: The actor may not import, or not create properties.
        ImportRefused: The file as a whole cannot be read; nothing was written.

    Costs some 30 statements, however many rows there are.
    """
    needed = [IMPORT, APPROVE] if create_properties else [IMPORT]
    if actor is not None and not actor.has_perms(needed):
        raise PermissionDenied(gettext("You may not import this."))
    run = _ImportRun(
        data=data, file_name=file_name, create_properties=create_properties, progress=progress
    )
    run.read_file(sheet)
    context = get_context() if actor is None else get_context().replace(actor=actor)
    with change_context(context, source="excel_import", request_id=run.request_id) as active:
        return run.rehearse() if dry_run else run.write(active.actor)


class _ImportRun:
    """One run: what its stages hand to one another."""

    def __init__(
        self, *, data: bytes, file_name: str, create_properties: bool, progress: Progress
    ) -> None:
        self.data = data
        self.file_name = file_name
        self.create_properties = create_properties
        self.progress = progress
        self.request_id: UUID = uuid4()
        self.clock = _Clock()
        self.schedule: Schedule
        self.rows: list[BookingRow | RefusedRow]

    def read_file(self, sheet: str) -> None:
        """Read the file and type its rows."""
        self.progress("Reading the workbook")
        with self.clock.measure("read"):
            self.schedule = read_schedule(self.data, sheet=sheet)
            columns = self.schedule.columns
            self.rows = [parse_row(row, columns) for row in self.schedule.rows]

    def rehearse(self) -> ImportReport:
        """Report what would be written, tasks included: all of it is done, and taken back."""
        with transaction.atomic():
            report = self.write(None)
            transaction.set_rollback(True)
        return replace(report, rows=_forget_keys(report.rows), dry_run=True, log_id=None)

    def write(self, actor: Any) -> ImportReport:
        """Decide and write in one transaction."""
        for _ in range(MAX_ATTEMPTS):
            try:
                with making_changes() as changes:
                    lock_rules_of_bookings()
                    return self._write_once(actor, changes)
            except HouseTaken:
                continue
        text = gettext_noop("Other imports keep creating the same properties; try again.")
        raise ImportRefused(Saying(text))

    def _write_once(self, actor: Any, changes: ChangeFollower) -> ImportReport:
        decisions = self._decide()
        self.progress(f"Writing {len(decisions)} rows")
        with self.clock.measure("write"):
            log = open_log(
                file_name=self.file_name,
                sheet=self.schedule.sheet,
                data=self.data,
                request_id=self.request_id,
                actor=actor,
            )
            applied = apply_decisions(decisions, log=log)
        with self.clock.measure("tasks"):
            made = changes.counts[Action.CREATE]
            tasks = changes.catch_up()[Action.CREATE] - made
        with self.clock.measure("write"):
            report = self._report(applied, tasks_created=tasks)
            close_log(log, report)
        return replace(report, log_id=log.pk, timings=self.clock.timings)

    def _decide(self) -> list[Decision]:
        self.progress(f"Checking {len(self.rows)} rows of “{self.schedule.sheet}”")
        with self.clock.measure("check"):
            readable = [row for row in self.rows if isinstance(row, BookingRow)]
            houses = load_houses(can_create=self.create_properties, lock=True)
            stays = load_stays(readable, houses)
            return plan_import(self.rows, houses=houses, stays=stays, columns=self.schedule.columns)

    def _report(self, applied: Applied, *, tasks_created: int) -> ImportReport:
        return ImportReport(
            file_name=self.file_name,
            sheet=self.schedule.sheet,
            dry_run=False,
            rows=[_report_row(decision) for decision in applied.decisions],
            properties_created=applied.properties_created,
            tasks_created=tasks_created,
            timings=self.clock.timings,
            request_id=self.request_id,
        )


class _Clock:
    """Measures the parts of a run; a part that is repeated counts each time."""

    def __init__(self) -> None:
        self._seconds = {"read": 0.0, "check": 0.0, "write": 0.0, "tasks": 0.0}

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Add the time of a block to a part."""
        started = perf_counter()
        try:
            yield
        finally:
            self._seconds[part] += perf_counter() - started

    @property
    def timings(self) -> Timings:
        """What was measured so far."""
        return Timings(**{f"{part}_ms": 1000 * took for part, took in self._seconds.items()})


def _forget_keys(rows: Sequence[ReportRow]) -> list[ReportRow]:
    """Return the rows without the keys of bookings that were taken back.

    Those that meet one that the same file made name it too: a page would link to nothing, or later
    to a booking that got the number then.
    """
    made = {one.booking_id for one in rows if one.outcome == RowOutcome.CREATED}
    return [replace(one, booking_id=None) if one.booking_id in made else one for one in rows]


def _report_row(decision: Decision) -> ReportRow:
    row = decision.row
    return ReportRow(
        number=row.number,
        outcome=decision.outcome,
        code=row.code,
        guest_name=row.guest_name,
        property_label=row.property_label,
        booking_id=decision.stay.booking_id if decision.stay else None,
        problems=decision.problems,
        notes=decision.notes,
        changes=decision.changes,
    )
