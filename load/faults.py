"""What goes wrong while people work: the database is restarted, the worker is killed."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from .serving import Site

__all__ = ["FAULTS", "causing"]

AWAY_SECONDS: Final = 5.0


def restart_database(site: Site) -> str:
    """Stop the database, whoever is connected, and start it again; nothing of ours is touched.

    Returns:
        What was seen.
    """
    web = site.web.pid
    site.cluster.stop()
    stopped = time.monotonic()
    time.sleep(AWAY_SECONDS)
    away = site.ask("/health/ready"), site.ask("/health/live"), site.ask("/sign-in/")
    site.cluster.launch()
    site.cluster.wait_until_ready()
    started = time.monotonic()
    while site.ask("/health/ready") != 200:
        time.sleep(0.1)
    return (
        f"The database was away for {started - stopped:.1f} s. Meanwhile ready, live and the "
        f"sign-in page answered {away[0]}, {away[1]} and {away[2]}. "
        f"{time.monotonic() - started:.1f} s after its start the site was ready again; "
        f"the web server and the worker are the same processes: "
        f"{site.web.pid == web and site.web.poll() is None and site.worker.poll() is None}."
    )


def kill_worker(site: Site) -> str:
    """Kill the worker in the middle of its work, and start another, as a supervisor does.

    Returns:
        What was seen.
    """
    killed = 0
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and killed < 5:
        time.sleep(1)
        site.worker.kill()
        site.worker.wait()
        site.start_worker()
        killed += 1
    return f"The worker was killed {killed} times, a second apart, and started again each time."


FAULTS: Final[Mapping[str, Callable[[Site], str]]] = {
    "database": restart_database,
    "worker": kill_worker,
}


@contextmanager
def causing(fault: str | None, site: Site, *, after: float) -> Iterator[list[str]]:
    """Let something go wrong while the block runs.

    Args:
        fault: One of :data:`FAULTS`, or nothing.
        site: To whom it happens.
        after: In seconds.

    Yields:
        What was seen, once it is over.
    """
    seen: list[str] = []
    if fault is None:
        yield seen
        return
    cause = FAULTS[fault]

    def act() -> None:
        time.sleep(after)
        seen.append(cause(site))

    actor = threading.Thread(target=act)
    actor.start()
    try:
        yield seen
    finally:
        actor.join()
