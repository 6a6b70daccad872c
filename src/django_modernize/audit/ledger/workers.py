"""Compare the events of several seals in parallel processes."""

import multiprocessing
import os
import re
import signal
import threading
import warnings
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import DEFAULT_DB_ALIAS, ConnectionHandler

from .comparison import SealedRun, check_run
from .findings import Finding

__all__ = ["check_runs"]

CheckedRun = tuple[int, list[Finding]]
"""How many events a seal is over, and what was found."""


def check_runs(
    connection: BaseDatabaseWrapper, runs: Iterable[SealedRun], processes: int
) -> Generator[CheckedRun, None, None]:
    """Compare the events of seals with their manifests, and yield the results in their order.

    Args:
        connection: The database; each process opens a connection of its own to it.
        runs: The seals. Two for each process are in memory.
        processes: How many.
    """
    if processes <= 1 or not _can_be_shared(connection):
        return _check_here(connection, runs)
    return _check_elsewhere(connection, runs, processes)


def _check_here(
    connection: BaseDatabaseWrapper, runs: Iterable[SealedRun]
) -> Generator[CheckedRun, None, None]:
    for run in runs:
        yield _check(connection, run)


def _can_be_shared(connection: BaseDatabaseWrapper) -> bool:
    """Return whether another process can be started and would read the same trail."""
    in_memory = connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    return not (
        in_memory
        or connection.in_atomic_block
        or multiprocessing.current_process().daemon
        or "DJANGO_SETTINGS_MODULE" not in os.environ
    )


def _check(connection: BaseDatabaseWrapper, run: SealedRun) -> CheckedRun:
    return run.event_count, list(check_run(connection, run))


def _check_elsewhere(
    connection: BaseDatabaseWrapper, runs: Iterable[SealedRun], processes: int
) -> Generator[CheckedRun, None, None]:
    executor = ProcessPoolExecutor(
        processes,
        # A forked process would share the connections that are open here.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(connection.alias, connection.settings_dict),
    )
    pending: deque[Future[CheckedRun]] = deque()
    try:
        for run in runs:
            pending.append(executor.submit(_check_in_worker, run))
            if len(pending) >= 2 * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)


_worker_connection: BaseDatabaseWrapper


def _start_worker(alias: str, settings: dict[str, Any]) -> None:
    global _worker_connection
    # Ctrl-C reaches all processes of a terminal; the one that started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Django warns of queries before the applications are loaded; here they never are.
    unready = re.escape(CursorWrapper.APPS_NOT_READY_WARNING_MSG)
    warnings.filterwarnings("ignore", unready, RuntimeWarning)
    # Django wants a default database, even where only another one is asked for.
    _worker_connection = ConnectionHandler({DEFAULT_DB_ALIAS: settings, alias: settings})[alias]


def _end_with_parent() -> None:
    """Exit when the parent process was killed."""
    parent: Any = multiprocessing.parent_process()
    parent.join()
    os._exit(1)


def _check_in_worker(run: SealedRun) -> CheckedRun:
    return _check(_worker_connection, run)
