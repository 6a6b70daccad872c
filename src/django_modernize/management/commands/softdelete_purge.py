"""``softdelete_purge``: permanently delete rows that were soft-deleted long enough ago."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from ...context import change_context
from ...softdelete.purge import BATCH_SIZE, purge_rows
from ...softdelete.relations import is_soft_deletable
from ..ages import read_age


class Command(BaseCommand):
    """Purge soft-deleted rows, with their files and everything that cannot exist without them."""

    help = (
        "Permanently remove rows that were soft-deleted before a given age, in batches. Safe to "
        "stop at any time; the next run continues."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than",
            type=read_age,
            required=True,
            metavar="AGE",
            help="how long ago a row must have been deleted: 12h, 90d or 8w",
        )
        parser.add_argument(
            "--model",
            action="append",
            default=[],
            metavar="APP.MODEL",
            help="only rows of this model; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="only count the rows")
        parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, metavar="ROWS")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="alias of the database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge the rows, reporting progress after each batch.

        Raises:
            CommandError: A model is unknown or not soft-deletable.
        """
        models = [_find_model(label) for label in options["model"]]
        counts: dict[str, int] = {}
        with change_context(reason=f"purge of rows deleted more than {options['older_than']} ago"):
            for label, count in purge_rows(
                before=timezone.now() - options["older_than"],
                models=models or None,
                using=options["database"],
                batch_size=options["batch_size"],
                dry_run=options["dry_run"],
            ):
                counts[label] = counts.get(label, 0) + count
                if options["verbosity"] > 1:
                    self.stdout.write(f"{label}: {counts[label]}")
        verb = "would be removed" if options["dry_run"] else "removed"
        for label, count in counts.items():
            self.stdout.write(f"{count} rows of {label} {verb}.")
        if not counts:
            self.stdout.write("No row is old enough, or other rows keep those that are.")


def _find_model(label: str) -> Any:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError) as error:
        raise CommandError(f"There is no model {label!r}.") from error
    if not is_soft_deletable(model):
        raise CommandError(f"{label} is not soft-deletable, so it has nothing to purge.")
    return model
