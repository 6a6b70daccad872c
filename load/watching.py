"""Watches the processes and the database of a site: what grows while people work?"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psutil
import psycopg

from .serving import Site

__all__ = ["Reading", "render_readings", "watching"]

LARGEST: Final = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY 2 DESC LIMIT 6
"""
HEADER: Final = (
    "| after s | web MB | worker MB | web files | worker files | connections | database MB |\n"
    "|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was seen at one moment."""

    seconds: float
    memory: dict[str, float]
    files: dict[str, int]
    connections: int
    database: float
    tables: dict[str, int] = field(default_factory=dict)


def read_processes(process: Any) -> tuple[float, int]:
    """Return the megabytes that a process and those below it hold alone, and their open files."""
    memory, files = 0.0, 0
    root = psutil.Process(process.pid)
    for one in [root, *root.children(recursive=True)]:
        try:
            memory += one.memory_full_info().uss / 2**20
            files += one.num_fds()
        except psutil.NoSuchProcess:  # gunicorn replaces its processes now and then
            continue
    return memory, files


def read_site(site: Site, began: float) -> Reading:
    """Return what there is to see now."""
    seen = {"web": read_processes(site.web), "worker": read_processes(site.worker)}
    with psycopg.connect(site.cluster.url) as connection:
        ours = "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
        connections = connection.execute(ours).fetchone()
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        tables: dict[str, int] = dict(connection.execute(LARGEST).fetchall())
    return Reading(
        seconds=time.monotonic() - began,
        memory={name: memory for name, (memory, _files) in seen.items()},
        files={name: files for name, (_memory, files) in seen.items()},
        connections=connections[0] if connections else 0,
        database=size[0] / 2**20 if size else 0.0,
        tables=tables,
    )


@contextmanager
def watching(site: Site, every: float) -> Iterator[list[Reading]]:
    """Look at a site now and then, for as long as the block runs, and at its end.

    Args:
        site: What to look at.
        every: In seconds.
    """
    began, done = time.monotonic(), threading.Event()
    readings = [read_site(site, began)]

    def look() -> None:
        while not done.wait(every):
            # A fault may have taken the database or a process away.
            with suppress(psycopg.OperationalError, psutil.NoSuchProcess):
                readings.append(read_site(site, began))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield readings
    finally:
        done.set()
        watcher.join()
    readings.append(read_site(site, began))


def render_readings(readings: list[Reading], most: int = 13) -> str:
    """Return some of the readings as a table, first and last among them, and the largest tables."""
    step = max(1, (len(readings) - 1) // (most - 1))
    shown = readings[:-1:step] + readings[-1:]
    lines = [
        f"| {one.seconds:.0f} | {one.memory['web']:.0f} | {one.memory['worker']:.0f} | "
        f"{one.files['web']} | {one.files['worker']} | {one.connections} | {one.database:.0f} |"
        for one in shown
    ]
    tables = [
        f"| `{name}` | {readings[0].tables.get(name, 0) / 2**20:.1f} | {size / 2**20:.1f} |"
        for name, size in readings[-1].tables.items()
    ]
    head = "| table | MB at first | MB at last |\n|---|---:|---:|"
    return "\n".join([HEADER, *lines, "", head, *tables])
