"""How much room an event takes."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from django_modernize.audit.models import AuditContext, AuditEvent

from .bulk import create_rows, delete_rows, update_rows
from .harness import active_context, unwatched_connection
from .kinds import TRACKED, StayKind
from .peers.kinds import list_peers
from .report import Facts
from .saving import change_each, save_each
from .stays import StayTable

__all__ = ["list_facts"]

OWN_TABLES: Final = (AuditEvent._meta.db_table, AuditContext._meta.db_table)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """How a row that came, changed or went is recorded."""

    name: str
    kind: StayKind
    works: tuple[Callable[[Any], object], Callable[[Any], object], Callable[[Any], object]]
    """Creates, changes and deletes rows."""

    request: Callable[[], AbstractContextManager[Any]] | None
    """The context of a request; nothing where there is none."""

    is_request_shared: bool = True
    """Whether one request makes all the changes, or each one its own."""


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the bytes of an event with its share of the indexes, by recorder."""
    lines = [
        (one.name, *(f"{size:,.0f}" for size in _measure_sizes(one, rows)))
        for one in list_recordings()
    ]
    yield Facts(
        title="bytes per event, indexes included, of a row with 20 columns",
        headings=("recorded by", "create", "update of one field", "delete"),
        rows=lines,
    )


def list_recordings() -> Iterator[Recording]:
    """Yield the library's recordings with less and more of a context, and the peers'."""
    at_once, each = (create_rows, update_rows, delete_rows), (save_each, change_each, delete_each)
    yield Recording(name="tracked, nobody known", kind=TRACKED, works=at_once, request=None)
    yield Recording(
        name="tracked, one request for all", kind=TRACKED, works=at_once, request=active_context
    )
    yield Recording(
        name="tracked, a request for each",
        kind=TRACKED,
        works=each,
        request=active_context,
        is_request_shared=False,
    )
    for kind in list_peers():
        if not kind.own_ways:
            yield Recording(
                name=f"{kind.name}, a request for each",
                kind=kind,
                works=each,
                request=kind.context,
                is_request_shared=False,
            )


def delete_each(stays: Iterable[Any]) -> None:
    for stay in stays:
        stay.delete()


def _measure_sizes(one: Recording, rows: int) -> Iterator[float]:
    """Yield the bytes of an event of each kind."""
    table = StayTable(model=one.kind.model, rows=rows, event_tables=one.kind.event_tables)
    prepares = (table.make_new, table.load, table.load)
    if one.is_request_shared:
        prepares = (table.make_new, table.store, table.store)
    for prepare, work in zip(prepares, one.works, strict=True):
        yield _measure_growth(one, prepare, work) / rows


def _measure_growth(
    one: Recording, prepare: Callable[[], Any], work: Callable[[Any], object]
) -> int:
    material = prepare()
    tables = one.kind.event_tables or OWN_TABLES
    before = _count_bytes(tables)
    if one.kind.uses_library:
        _run(one, work, material)
    else:
        with unwatched_connection():
            _run(one, work, material)
    return _count_bytes(tables) - before


def _run(one: Recording, work: Callable[[Any], object], material: Any) -> None:
    if one.request is None:
        work(material)
        return
    for part in [material] if one.is_request_shared else [[row] for row in material]:
        with one.request():
            work(part)


def _count_bytes(tables: tuple[str, ...]) -> int:
    return sum(_count_table_bytes(name) for name in tables)


def _count_table_bytes(name: str) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [name])
        else:
            cursor.execute(
                "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN "
                "(SELECT name FROM sqlite_master WHERE tbl_name = %s)",
                [name],
            )
        return int(cursor.fetchone()[0])
