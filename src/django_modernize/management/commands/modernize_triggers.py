"""``modernize_triggers``: show, check, install and remove triggers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ...audit.partitions.checks import check_partitions
from ...triggers.installer import (
    TriggerReport,
    compare_triggers,
    drop_triggers,
    render_statements,
    synchronize_triggers,
)


class Command(BaseCommand):
    """Show, check, install or remove the triggers of the library."""

    help = (
        "Compare the library's triggers in a database with those that the models need. Without "
        "options it lists the differences; migrate installs triggers itself."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Alias of the database.")
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--check",
            action="store_true",
            help="Exit with status 1 when a trigger is missing, stale, disabled or unexpected, or "
            "no partition takes new events.",
        )
        action.add_argument(
            "--install",
            action="store_true",
            help="Create, replace and drop triggers as the models need.",
        )
        action.add_argument(
            "--sql",
            action="store_true",
            help="Print the SQL that --install would run, without running it.",
        )
        action.add_argument(
            "--remove",
            action="store_true",
            help="Drop all triggers of the library: from then on nothing is recorded.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the requested action."""
        connection = connections[options["database"]]
        if options["remove"]:
            dropped = drop_triggers(connection)
            self.stdout.write(f"{len(dropped)} triggers dropped.")
        elif options["install"]:
            self._print_report(synchronize_triggers(connection))
            self.stdout.write("The triggers match the models.")
        elif options["sql"]:
            self._print_sql(connection)
        else:
            report = compare_triggers(connection)
            self._print_report(report)
            partitions = check_partitions(databases=[options["database"]])
            for message in partitions:
                self.stdout.write(f"{message.msg} {message.hint}")
            is_open = not any(message.is_serious() for message in partitions)
            if options["check"] and not is_open:
                raise CommandError("No partition takes new events: nothing can be recorded.")
            if options["check"] and not report.is_clean:
                raise CommandError(
                    "The triggers differ from the models. "
                    "Run: python manage.py modernize_triggers --install"
                )

    def _print_report(self, report: TriggerReport) -> None:
        for state in ("missing", "stale", "disabled", "unexpected"):
            for trigger in getattr(report, state):
                self.stdout.write(f"{state:<10} {trigger.name} on {trigger.table}")
        for table in report.absent:
            self.stdout.write(f"{'absent':<10} table {table}, without which nothing is recorded")
        if report.is_clean:
            self.stdout.write("All triggers are in place.")

    def _print_sql(self, connection: BaseDatabaseWrapper) -> None:
        for statement in render_statements(connection, compare_triggers(connection)):
            self.stdout.write(f"{statement};")
