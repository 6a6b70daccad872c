"""Carries the records of another audit package into the trail."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from ...services import import_records
from ...sources import SOURCES, SourceError, load_source


class Command(BaseCommand):
    """``audit_import``: each record once, however often it is run."""

    help = (
        "Import the records of another audit package, which must still be installed, into the "
        "audit trail. A second run adds only new records."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--from", dest="source", required=True, choices=sorted(SOURCES))
        parser.add_argument("--model", help="only this model's objects: app_label.Model")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say how much it was."""
        try:
            model = apps.get_model(options["model"]) if options["model"] else None
            written = import_records(
                load_source(options["source"]),
                model=model,
                dry_run=options["dry_run"],
                progress=self._show_progress if self.stderr.isatty() else None,
                using=options["database"],
            )
        except (LookupError, ValueError, SourceError) as error:
            raise CommandError(str(error)) from error
        verb = "would be written" if options["dry_run"] else "written"
        self.stdout.write(f"{written:,} events {verb}.")

    def _show_progress(self, table: str, count: int) -> None:
        self.stderr.write(f"\r{table}: {count:,} records", ending="")
