"""Puts an import into AriStay's queue, or works on it and is killed. Not a test itself."""

import os
import signal
import sys

import django


def kill_self(*_arguments, **_keywords):
    os.kill(os.getpid(), signal.SIGKILL)


def prepare():
    from django.db import connection
    from django_tasks_db.models import DBTaskResult

    with connection.schema_editor() as editor:
        editor.create_model(DBTaskResult)


def enqueue(user_name, path):
    from pathlib import Path

    from django.core.files.base import ContentFile

    from api.models import User
    from api.services.import_plan import create_plan

    create_plan(
        ContentFile(Path(path).read_bytes(), name="bookings.xlsx"),
        actor=User.objects.get(username=user_name),
    )


def work(point):
    """Work until nothing is left, or until a point at which the process is killed."""
    from django.core.management import call_command

    if point == "planned":
        from django_tasks_db.models import DBTaskResult

        DBTaskResult.set_successful = kill_self
    elif point == "planning":
        from api.services.import_plan import working

        working.plan_file = kill_self
    call_command("work", until_empty=True)


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "enqueue": enqueue, "work": work}[sys.argv[1]](*sys.argv[2:])
