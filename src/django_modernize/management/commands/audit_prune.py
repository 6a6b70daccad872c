"""``audit_prune``: remove old events from the audit trail."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from django_modernize.audit import prune
from django_modernize.audit.partitions.locks import EventsBusy

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_age(text: str) -> timedelta:
    """Return an age that is given as ``400d``, ``12h`` or ``8w``."""
    match = re.fullmatch(r"(\d{1,6})([hdw])", text)
    if match is None:
        raise ArgumentTypeError(f"{text!r} is not an age: write 400d, 12h or 8w.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


class Command(BaseCommand):
    """Remove old events, only with their whole seal, so that the rest can still be proven."""

    help = (
        "Remove events that were sealed before a given age. The seals stay, so audit_verify still "
        "succeeds; the removal itself is recorded as an event. A monthly partition without other "
        "events is dropped as a whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than", required=True, type=parse_age, metavar="AGE", help="400d, 12h or 8w"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prune the trail and report how much was removed."""
        try:
            report = prune(
                timezone.now() - options["older_than"],
                options["database"],
                dry_run=options["dry_run"],
                progress=self._show_progress if self.stderr.isatty() else None,
            )
        except EventsBusy as error:
            raise CommandError(str(error)) from error
        verb = "would be removed" if options["dry_run"] else "removed"
        self.stdout.write(f"{report.event_count:,} events of {report.seal_count:,} seals {verb}.")

    def _show_progress(self, count: int) -> None:
        self.stderr.write(f"\r{count:,} events", ending="")
