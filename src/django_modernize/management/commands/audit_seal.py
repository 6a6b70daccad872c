"""``audit_seal``: seal the events of the audit trail."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from django_modernize.audit import export_seals, seal
from django_modernize.audit.ledger.horizon import SealingDelayed
from django_modernize.audit.partitions.months import begin_month
from django_modernize.audit.partitions.tables import PartitionError


class Command(BaseCommand):
    """Seal events. Run it every minute, since unsealed events could be rewritten unnoticed."""

    help = (
        "Seal the events written since the last seal, so that audit_verify can detect tampering. "
        "Run it every minute, and keep an export of the seals where the owner of the database "
        "cannot reach it. On a partitioned table it also starts the partition of each month."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")
        parser.add_argument(
            "--wait",
            type=float,
            default=10.0,
            metavar="SECONDS",
            help="seconds to wait for transactions that are writing events (10)",
        )
        parser.add_argument(
            "--export",
            type=Path,
            metavar="FILE",
            help="write all seals to this file, one line of JSON each, for audit_verify --against",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal and export, and report what was done."""
        using = options["database"]
        try:
            seals = seal(using, wait=options["wait"])
        except SealingDelayed as error:
            raise CommandError(str(error)) from error
        count = sum(made.event_count for made in seals)
        self.stdout.write(f"{count:,} events sealed, {len(seals)} new seals.")
        if options["export"]:
            self._export(options["export"], using)
        self._begin_month(using)

    def _begin_month(self, using: str) -> None:
        # The seals are already committed. A failure is retried on each run, and a check reports it.
        try:
            begun = begin_month(using)
        except (DatabaseError, PartitionError) as error:
            self.stderr.write(f"This month's partition was not created: {error}")
        else:
            if begun is not None:
                self.stdout.write(f"Events go to the new partition {begun.name}.")

    def _export(self, path: Path, using: str) -> None:
        # Write all or nothing: a partial export would look like a truncated trail.
        partial = path.with_name(f"{path.name}.part")
        with partial.open("w", encoding="utf-8") as lines:
            for line in export_seals(using):
                lines.write(f"{line}\n")
        partial.replace(path)
        self.stdout.write(f"Seals written to {path}.")
