"""What the figures come to: ours, the aim, and the best peer, in a few lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .report import Facts, load_facts, load_results, render_table
from .results import Table

__all__ = ["render_summary"]

DATABASES: Final = ("postgresql", "sqlite")

OURS: Final = "tracked"

BY_HAND: Final = "a trigger by hand"

UNKNOWN: Final = "-"

Tables = dict[str, list[Table]]
"""Database to what was measured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioAim:
    """A piece of work, and what it may cost over plain Django on each database."""

    title: str
    """What the title of the table ends with, or begins with."""

    aims: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactAim:
    """A figure of a table, and what it should be."""

    name: str
    aim: str
    title: str
    """What the title of the table contains."""

    row: str
    """What the first cell of the row begins with."""

    column: str
    """What the heading of the column begins with."""


RATIOS: Final = (
    RatioAim(title="creates by save(), in transactions", aims=("1.3", "1.6")),
    RatioAim(title="creates by save(), autocommit", aims=("1.3", "1.6")),
    RatioAim(title="one-field changes by save(), in transactions", aims=("1.3", "1.1")),
    RatioAim(title="one-field changes by save(), autocommit", aims=("1.3", "1.1")),
    RatioAim(title="bulk_create()", aims=("1.1", UNKNOWN)),
    RatioAim(title="update()", aims=("2.7", "5")),
    RatioAim(title="bulk_update()", aims=("1.1", UNKNOWN)),
    RatioAim(title="QuerySet.delete()", aims=("11", "7")),
)

FACTS: Final = (
    FactAim(
        name="bytes of an update event, one request for all",
        aim="≤ 265",
        title="bytes per event",
        row="tracked, one request for all",
        column="update",
    ),
    FactAim(
        name="queries of the admin's page of a history",
        aim="4",
        title="queries of the admin's page",
        row=OURS,
        column="queries",
    ),
    FactAim(
        name="throughput of four writers, over the same without tamper evidence",
        aim="≥ 0.95",
        title="concurrent writers",
        row="sealed meanwhile",
        column="ratio of that",
    ),
    FactAim(
        name="events sealed in a second of processor time",
        aim=UNKNOWN,
        title="events sealed and verified",
        row="seal()",
        column="events a second of processor",
    ),
    FactAim(
        name="events verified in a second of processor time",
        aim="≥ 200,000",
        title="events sealed and verified",
        row="verify()",
        column="events a second of processor",
    ),
    FactAim(
        name="events verified in a second by two processes, wall time",
        aim="≥ 200,000",
        title="events sealed and verified",
        row="verify(), 2 processes",
        column="events a second",
    ),
    FactAim(
        name="memory of that, MB",
        aim="≤ 200",
        title="events sealed and verified",
        row="verify()",
        column="memory at the peak",
    ),
)


def render_summary(tables: Tables) -> str:
    """Return two short tables: ratios to plain Django, and other figures."""
    figures = ("aim", "by hand", "best peer")
    headings = ("work", "PostgreSQL", *figures, "SQLite", *figures)
    ratios = render_table(headings, [tuple(_list_ratios(tables, aim)) for aim in RATIOS])
    reading = render_table(
        ("reading a history of 100 events", "PostgreSQL", "SQLite"),
        [tuple(_list_readings(tables, title)) for title in ("reading a history", "the admin's")],
    )
    facts = render_table(
        ("figure", "aim", "PostgreSQL", "SQLite"),
        [
            (one.name, one.aim, *(_find_fact(tables[name], one) for name in DATABASES))
            for one in FACTS
        ],
    )
    return (
        f"Processor time over plain Django of a tracked model:\n\n{ratios}\n\n"
        f"Processor time of the quickest peer over ours:\n\n{reading}\n\n{facts}\n"
    )


def _list_ratios(tables: Tables, aim: RatioAim) -> Iterator[str]:
    found = [_find_table(tables[name], aim.title) for name in DATABASES]
    titles = [table["title"] for table in found if table]
    yield titles[0] if titles else aim.title
    for table, limit in zip(found, aim.aims, strict=True):
        ratios = _read_ratios(table) if table else {}
        yield _show(ratios.get(OURS))
        yield limit
        yield _show(ratios.get(BY_HAND))
        yield _name_best(ratios)


def _list_readings(tables: Tables, title: str) -> Iterator[str]:
    yield "in Python" if title == "reading a history" else "as the admin's page"
    for name in DATABASES:
        table = _find_table(tables[name], title)
        yield _name_best(_read_ratios(table) if table else {})


def _find_table(tables: list[Table], title: str) -> Table | None:
    found = (
        one for one in tables if one["title"].startswith(title) or one["title"].endswith(title)
    )
    return next((table for table in found if "variants" in table), None)


def _read_ratios(table: Table) -> dict[str, float]:
    """Return the processor time over the first variant, of those that recorded something."""
    results = load_results(table)
    return {
        result.variant: ratio
        for result in results
        if result.events != 0 and (ratio := result.compare(results[0], "processor")) is not None
    }


def _name_best(ratios: dict[str, float]) -> str:
    peers = {name: ratio for name, ratio in ratios.items() if name.startswith("django-")}
    if not peers:
        return "no event" if ratios else UNKNOWN
    best = min(peers, key=lambda name: peers[name])
    return f"{_show(peers[best])} {best.partition(':')[0]}"


def _find_fact(tables: list[Table], aim: FactAim) -> str:
    for table in tables:
        if aim.title in table["title"] and "rows" in table:
            facts: Any = load_facts(table)
            return _read_cell(facts, aim)
    return UNKNOWN


def _read_cell(facts: Facts, aim: FactAim) -> str:
    (column,) = [
        position for position, name in enumerate(facts.headings) if name.startswith(aim.column)
    ][:1]
    return next((row[column] for row in facts.rows if row[0].startswith(aim.row)), UNKNOWN)


def _show(ratio: float | None) -> str:
    return UNKNOWN if ratio is None else f"{ratio:.2f}"
