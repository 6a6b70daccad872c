"""``manage.py backup FOLDER``: write the database and the photos to one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from api.services.backup import BackupError, create_backup, describe_manifest


class Command(BaseCommand):
    """Make a backup; exit with an error if that fails."""

    help = (
        "Writes the database and the photos into one archive, while others go on working, and "
        "reads it again. PostgreSQL needs pg_dump."
    )
    # A database that fails the checks is all the more worth backing up.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("folder", type=Path, help="where backups are kept")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="leave only the N newest backups in the folder"
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the backup, and print what it contains."""
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1: the backup that is made now.")
        try:
            report = create_backup(options["folder"], keep=keep, using=options["database"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        size = report.path.stat().st_size
        self.stdout.write(f"{report.path}, {size:,} bytes: {describe_manifest(report.manifest)}.")
        for path in report.removed:
            self.stdout.write(f"Removed {path}")
