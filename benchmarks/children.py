"""Work in processes of its own, each with connections of its own."""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final

from django.db import connections

__all__ = ["FORK", "read_peak_bytes", "run_children"]

# A forked process has the settings and the temporary database of this one.
FORK: Final = multiprocessing.get_context("fork")

KIBIBYTE: Final = 1024


def run_children(works: list[Callable[[], Any]]) -> list[Any]:
    """Run some pieces of work at the same time, and return what each of them gave.

    Raises:
        RuntimeError: One of them failed; it has said why.
    """
    # A connection cannot be shared by two processes.
    connections.close_all()
    pipes, children = [], []
    for work in works:
        receiver, sender = FORK.Pipe(duplex=False)
        child = FORK.Process(target=_run, args=(work, sender))
        child.start()
        sender.close()
        pipes.append(receiver)
        children.append(child)
    return [_receive(pipe, child) for pipe, child in zip(pipes, children, strict=True)]


def read_peak_bytes() -> int:
    """Return the most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIBIBYTE


def _run(work: Callable[[], Any], sender: Connection) -> None:
    try:
        sender.send(work())
    finally:
        connections.close_all()


def _receive(pipe: Connection, child: Any) -> Any:
    try:
        return pipe.recv()
    except EOFError as error:
        raise RuntimeError("A process of the measurement failed; see above.") from error
    finally:
        child.join()
