"""``manage.py restore ARCHIVE``: restore a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from api.services.backup import BackupError, check_archive, describe_manifest, restore_backup


class Command(BaseCommand):
    """Restore a backup; exit with an error if something differs from it."""

    help = (
        "Puts a backup in the place of the database and the photos, which have to be empty, and "
        "verifies the audit trail. Stop the servers before. PostgreSQL needs pg_restore and psql."
    )
    # The database is empty, which system checks would report.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("archive", type=Path)
        parser.add_argument(
            "--force", action="store_true", help="lose what is in the database and the media folder"
        )
        parser.add_argument(
            "--check", action="store_true", help="only read the archive, and touch nothing"
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore the backup, and print what was restored."""
        path: Path = options["archive"]
        try:
            if options["check"]:
                self.stdout.write(f"{path} is whole: {describe_manifest(check_archive(path))}.")
                return
            report = restore_backup(path, force=options["force"], using=options["database"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {describe_manifest(report.manifest)}.")
        if report.unapplied:
            self.stdout.write(
                f"The code is newer: run manage.py migrate ({', '.join(report.unapplied)}), then "
                "audit_verify."
            )
        if report.problems:
            raise CommandError("Not as it was: " + "; ".join(report.problems))
