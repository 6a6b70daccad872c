"""``uploads_cleanup``: find stored files that no row references, and optionally delete them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django.template.defaultfilters import filesizeformat

from ...uploads.orphans import find_orphans
from ..ages import read_age


class Command(BaseCommand):
    """List orphaned files, and delete them only with ``--delete``."""

    help = (
        "List files that were stored by secure fields and that no row in any database refers to, "
        "soft-deleted rows included. Nothing is deleted without --delete."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than",
            type=read_age,
            default="1d",
            metavar="AGE",
            help="ignore newer files, whose transaction may still be open: 12h, 1d (1d)",
        )
        parser.add_argument("--delete", action="store_true", help="delete the files found")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find orphaned files, and report what is done with each."""
        count = size = 0
        for orphan in find_orphans(older_than=options["older_than"], using=list(connections)):
            count, size = count + 1, size + orphan.size
            if options["delete"]:
                orphan.delete()
            if not options["delete"] or options["verbosity"] > 1:
                self.stdout.write(orphan.name)
        done = "deleted" if options["delete"] else "found; --delete removes them"
        self.stdout.write(f"{count} orphaned files ({filesizeformat(size)}) {done}.")
