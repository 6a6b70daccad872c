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

__all__ = ["Reading", "render_processor", "render_readings", "watching"]

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
    processor: dict[str, float]
    """What each took of a processor up to then, in seconds."""

    memory: dict[str, float]
    files: dict[str, int]
    connections: int
    database: float
    tables: dict[str, int] = field(default_factory=dict)


def read_processes(process: Any) -> tuple[float, float, int]:
    """Return what a process and those below it took and hold.

    Returns:
        Seconds of a processor, those of processes that have ended included; megabytes that they
        hold alone; open files.
    """
    processor, memory, files = 0.0, 0.0, 0
    root = psutil.Process(process.pid)
    for one in [root, *root.children(recursive=True)]:
        try:
            times = one.cpu_times()
            processor += times.user + times.system + times.children_user + times.children_system
            memory += one.memory_full_info().uss / 2**20
            files += one.num_fds()
        except psutil.NoSuchProcess:  # gunicorn replaces its processes now and then
            continue
    return processor, memory, files


def read_site(site: Site, began: float) -> Reading:
    """Return what there is to see now."""
    processes = {"web": site.web, "worker": site.worker, "database": site.cluster.process}
    seen = {name: read_processes(process) for name, process in processes.items()}
    with psycopg.connect(site.cluster.url) as connection:
        ours = "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
        connections = connection.execute(ours).fetchone()
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        tables: dict[str, int] = dict(connection.execute(LARGEST).fetchall())
    return Reading(
        seconds=time.monotonic() - began,
        processor={name: processor for name, (processor, _memory, _files) in seen.items()},
        memory={name: memory for name, (_processor, memory, _files) in seen.items()},
        files={name: files for name, (_processor, _memory, files) in seen.items()},
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


def render_processor(readings: list[Reading], requests: int) -> str:
    """Return what a request took of a processor, which other programs disturb less than time."""
    first, last = readings[0].processor, readings[-1].processor
    shares = [
        f"{name} {1000 * (last[name] - first[name]) / max(1, requests):.0f} ms" for name in last
    ]
    return f"Of a processor each request took: {', '.join(shares)}."


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
