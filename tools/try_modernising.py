"""Take a legacy database over to today and back at size, and kill it in the middle.

``python -m tools.try_modernising [--bookings 10000] [--kills 10]``, on SQLite, or by
``python -m tools.postgres -- python -m tools.try_modernising`` on PostgreSQL. It says how long each
phase takes, there and back, and ends with an error if a row is not as it was.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# In seconds, from when a phase begins.
LATEST_KILL = 1.5
READY = "ready"


def prepare_django() -> None:
    """Set AriStay up in this process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "aristay.settings"
    os.environ.setdefault("ARISTAY_DEBUG", "1")
    sys.path.insert(0, str(ROOT / "example_project"))
    import django

    django.setup()
    logging.disable(logging.CRITICAL)


def walk_there_and_back(using: str, bookings: int, kills: int) -> bool:
    """Fill a legacy database, take it over and back, and tell whether it is as it was."""
    from tests.example.legacy_data import fill_legacy
    from tests.example.migration_walk import Walk, dump_rows

    walk = Walk(using)
    fill_legacy(walk.state.apps, using, stays=bookings)
    before = dump_rows(using)
    victims = random.choices(range(len(walk.phases)), k=kills)
    is_whole = True
    for number in range(len(walk.phases)):
        for _kill in range(victims.count(number)):
            is_whole &= kill_phase(walk, using)
        if walk.done == number:
            report(walk.go_on, "over")
    for _phase in walk.phases:
        report(walk.go_back, "back")
    return is_whole and dump_rows(using) == before


def report(step: Any, direction: str) -> None:
    """Take a step and say how long it took."""
    started = time.monotonic()
    phase = step()
    print(f"{direction}  {phase.name:<24}{time.monotonic() - started:>8.1f} s", flush=True)


def kill_phase(walk: Any, using: str) -> bool:
    """Begin the next phase in a process of its own, kill that, and tell whether no row changed."""
    from django.db import connections

    from tests.example.migration_walk import dump_rows

    if walk.done == len(walk.phases):
        return True
    before = dump_rows(using)
    connections[using].close()
    name = str(connections[using].settings_dict["NAME"])
    command = [sys.executable, "-m", "tools.try_modernising", "--go-on", name, str(walk.done)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.uniform(0, LATEST_KILL))
        process.send_signal(signal.SIGKILL)
        is_done = bool(process.stdout.read())
    phase = walk.phases[walk.done].name
    if is_done:
        print(f"      {phase} was done before the kill", flush=True)
        walk.done += 1
        return True
    is_whole = dump_rows(using) == before
    print(
        f"      {phase} was killed; {'no row changed' if is_whole else 'ROWS CHANGED'}", flush=True
    )
    return is_whole


def go_on(name: str, done: int) -> None:
    """Take the next phase in a database that is on its way; this is who is killed."""
    from django.db import connections

    from tests.example.migration_walk import Walk

    connections.databases["walk"] = {**connections["default"].settings_dict, "NAME": name}
    walk = Walk("walk", done=done)
    print(READY, flush=True)
    walk.go_on()
    print("done", flush=True)


def main() -> int:
    """Run the command.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.try_modernising", description=__doc__)
    parser.add_argument("--bookings", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--go-on", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    prepare_django()
    if options.go_on:
        go_on(options.go_on[0], int(options.go_on[1]))
        return 0
    from tests.example.migration_walk import open_database

    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder)) as using:
        is_whole = walk_there_and_back(using, options.bookings, options.kills)
    print("Every row is as it was." if is_whole else "Rows are not as they were.")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
