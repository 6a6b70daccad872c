"""``manage.py give_back_work``: what a killed worker had taken goes back into the queue."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone


class Command(BaseCommand):
    """Give back what nobody works at any more."""

    help = (
        "Puts background work into the queue again that a worker took and did not finish, since "
        "it was killed. Every task may be run twice, so a worker that only is slow does no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument(
            "--after",
            type=int,
            default=10,
            metavar="MINUTES",
            help="how long a worker may take; 0 where no worker runs (10)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Give it back, and say how much it was. Costs one statement."""
        if not apps.is_installed("django_tasks_db"):
            raise CommandError("There is no queue: set ARISTAY_TASKS=database for one.")
        queue = apps.get_model("django_tasks_db", "DBTaskResult")._default_manager
        taken_before = timezone.now() - timedelta(minutes=options["after"])
        count = queue.filter(status="RUNNING", started_at__lte=taken_before).update(status="READY")
        self.stdout.write(f"{count} given back.")
