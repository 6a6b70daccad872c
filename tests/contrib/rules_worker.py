"""A worker of a real task backend, that may be killed: ``python -m tests.contrib.rules_worker``."""

import os
import signal
import sys

import django


def kill_self(*arguments, **keywords):
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point):
    """Have the process killed, without a word, when it comes to a point of its work."""
    from django_tasks_db.models import DBTaskResult

    from django_modernize.autotasks import running

    write_plan = running.write_plan
    if point == "planned":
        running.write_plan = kill_self
    elif point == "written":
        running.write_plan = lambda plan: kill_self(write_plan(plan))
    elif point == "committed":
        DBTaskResult.set_successful = kill_self


def main(point):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.contrib.worker_settings"
    django.setup()
    from django.core.management import call_command

    arm(point)
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1])
