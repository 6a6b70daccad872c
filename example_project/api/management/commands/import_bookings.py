"""``manage.py import_bookings FILE``: import a workbook of bookings and report row by row."""

from argparse import ArgumentParser
from getpass import getuser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from api.models import User
from api.models.imports import RowOutcome
from api.services.excel_import import ImportRefused, ImportReport, import_bookings
from django_modernize.context import change_context


class Command(BaseCommand):
    """Import the bookings of an Excel workbook."""

    help = (
        "Imports the bookings of an Excel workbook (.xlsx) in one transaction. New bookings are "
        "created with a cleaning task each; what is known and the same is left alone; what a "
        "person has to decide or correct is listed with its row, its column and the reason. "
        "Importing the same file again changes nothing. Exits with 1 where the file as a whole "
        "cannot be read; nothing is written then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("file", type=Path, help="the workbook")
        parser.add_argument(
            "--sheet",
            default="",
            help="the sheet to read (default: “Cleaning schedule”, or the workbook's only sheet)",
        )
        parser.add_argument(
            "--create-properties",
            action="store_true",
            help="create a property for each label that means none, in place of refusing its rows",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would happen, and write nothing"
        )
        parser.add_argument(
            "--user", default="", metavar="NAME", help="the user whose changes these are"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file and print the report."""
        actor = find_user(options["user"])
        # Without a user, the trail still records whose terminal it was.
        label = "" if actor else f"import_bookings by {getuser()}"
        with change_context(actor_label=label):
            report = self.import_file(options["file"], actor, options)
        self.print_report(report, every_row=options["verbosity"] > 1)

    def import_file(self, path: Path, actor: User | None, options: dict[str, Any]) -> ImportReport:
        """Import the file.

        Raises:
            CommandError: The file as a whole cannot be read, or the user may not import it.
        """
        try:
            return import_bookings(
                read_file(path),
                file_name=path.name,
                sheet=options["sheet"],
                create_properties=options["create_properties"],
                dry_run=options["dry_run"],
                actor=actor,
                progress=self.show_progress if options["verbosity"] else lambda stage: None,
            )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        except PermissionDenied as error:
            raise CommandError(f"{actor} may not do that: {error}") from error

    def show_progress(self, stage: str) -> None:
        """Print the stage that begins."""
        self.stderr.write(f"{stage} …", self.style.HTTP_INFO)

    def print_report(self, report: ImportReport, *, every_row: bool) -> None:
        """Print the rows that need attention, or every row, and the counts."""
        quiet = () if every_row else (RowOutcome.CREATED, RowOutcome.UNCHANGED)
        for row in report.rows:
            if row.outcome not in quiet or row.reason:
                title = f"{row.code or row.guest_name} in {row.property_label}"
                reason = row.reason or f"Row {row.number}."
                self.stdout.write(f"{RowOutcome(row.outcome).label:>12}  {reason}  [{title}]")
        if report.properties_created:
            self.stdout.write(f"New properties: {', '.join(report.properties_created)}")
        counts = ", ".join(f"{count} {outcome.label}" for outcome, count in report.counts.items())
        prefix = "Dry run, nothing written: " if report.dry_run else ""
        self.stdout.write(
            f"{prefix}{len(report.rows)} rows: {counts}; {report.tasks_created} cleaning tasks.",
            self.style.SUCCESS,
        )
        timings = report.timings
        self.stdout.write(
            f"Read {timings.read_ms:.0f} ms, checked {timings.check_ms:.0f} ms, "
            f"wrote {timings.write_ms:.0f} ms, ran the rules in {timings.tasks_ms:.0f} ms."
        )


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        CommandError: The file does not exist or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def find_user(name: str) -> User | None:
    """Return the user with a name, or ``None`` for an empty name.

    Raises:
        CommandError: There is no such user.
    """
    if not name:
        return None
    users: Any = get_user_model()._default_manager
    found: User | None = users.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user “{name}”.")
    return found
