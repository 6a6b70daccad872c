"""``manage.py adopt_legacy``: take over a database that the legacy system filled."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from api.modernising.adoption import AdoptionRefused, adopt_database


class Command(BaseCommand):
    """Tell Django that the legacy tables are those of the first migration."""

    help = (
        "Looks whether the database has the tables and columns of the legacy system, gives users "
        "the keys that all else has, and notes the first migration as applied. Changes no row."
    )
    # The models describe the current schema, which the tables do not have yet.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="its alias (default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Adopt the database, and print the next step."""
        try:
            adopt_database(options["database"])
        except AdoptionRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Adopted. Go on with: python manage.py modernise_phase --help")
