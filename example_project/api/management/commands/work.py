"""``manage.py work``: process the queue of background tasks, and survive outages."""

import logging
import time
from argparse import ArgumentParser
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connections

PAUSE_SECONDS: Final = 2
"""How long a database that is away is left alone before it is asked again."""

logger = logging.getLogger("aristay.work")


class Command(BaseCommand):
    """Work until stopped; wait if the database is unavailable."""

    help = (
        "Does the background work that stands in the queue. What a worker of this name had begun "
        "when it was killed is done again, which every task of AriStay bears; so no two that run "
        "at once may share a name."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--name", default="worker", help="of this worker (worker)")
        parser.add_argument(
            "--until-empty", action="store_true", help="stop when nothing is left to do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work.

        Raises:
            CommandError: There is no queue.
        """
        if not apps.is_installed("django_tasks_db"):
            raise CommandError("There is no queue: set ARISTAY_TASKS=database for one.")
        while True:
            try:
                give_back(options["name"])
                call_command(
                    "db_worker",
                    worker_id=options["name"],
                    batch=options["until_empty"],
                    reload=False,
                    startup_delay=False,
                )
                return
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database cannot be reached; asked again soon: %s", error)
                connections.close_all()
                time.sleep(PAUSE_SECONDS)


def give_back(name: str) -> int:
    """Return the tasks of a killed worker to the queue.

    Returns:
        How many tasks there were.

    Costs one query, and one more if there were any.
    """
    from django_tasks_db.models import DBTaskResult  # its table is there only with a queue

    queue: Any = DBTaskResult.objects
    begun = queue.filter(status="RUNNING").values_list("pk", "worker_ids")
    own = [key for key, workers in begun if workers[-1:] == [name]]
    return int(queue.filter(pk__in=own).update(status="READY")) if own else 0
