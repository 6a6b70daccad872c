"""``audit_partition``: split the table of events into monthly partitions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from django_modernize.audit.partitions.catalog import Layout, read_layout
from django_modernize.audit.partitions.conversion import (
    merge_partitions,
    partition_events,
    plan_merge,
    plan_partitions,
)
from django_modernize.audit.partitions.tables import PartitionError


class Command(BaseCommand):
    """Partition the table of events. Run it once; ``audit_seal`` adds each following month."""

    help = (
        "Keep the events of the audit trail in monthly partitions (PostgreSQL), so that "
        "audit_prune drops whole months instead of deleting rows. Existing events stay where they "
        "are, as the first partition; nothing is copied, and the seals stay valid. A later run "
        "starts the current month if it has no partition yet, as audit_seal does. The newest "
        "partition is open-ended: no write fails if this is not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")
        parser.add_argument(
            "--undo",
            action="store_true",
            help="merge the partitions into one table again; writers wait while events are copied",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the SQL statements without running them"
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="seconds to wait for transactions that use the table, while writers queue up (1)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Partition the table, or undo that, and list the partitions."""
        try:
            self._run(options["database"], **options)
        except PartitionError as error:
            raise CommandError(str(error)) from error

    def _run(self, using: str, *, undo: bool, dry_run: bool, wait: float, **options: Any) -> None:
        if dry_run:
            statements = plan_merge(using) if undo else plan_partitions(using)
            self.stdout.write("\n".join(f"{statement};" for statement in statements))
            return
        if undo:
            merge_partitions(using, wait=wait)
            self.stdout.write("The event table has no partitions.")
        else:
            partition_events(using, wait=wait)
        layout = read_layout(connections[using])
        if layout is not None:
            self._print_layout(layout)

    def _print_layout(self, layout: Layout) -> None:
        for partition in layout.partitions:
            start = "" if partition.start is None else f"from {partition.start:,} "
            end = "on" if partition.end is None else f"up to {partition.end - 1:,}"
            self.stdout.write(f"{partition.name}: {start}{end}")
