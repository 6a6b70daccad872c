"""What the figures of soft delete come to, in a few lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .report import Result, load_results, render_table
from .results import Table

__all__ = ["render_hiding"]

DATABASES: Final = ("postgresql", "sqlite")
OURS: Final = ("soft delete", "restore", "softdelete_purge", "nine of ten deleted, AliveIndex")
BASES: Final = ("by hand-written SQL", "DELETE by hand", "a table without deleted rows")
UNKNOWN: Final = "-"


@dataclass(frozen=True, kw_only=True, slots=True)
class HidingAim:
    """A piece of work, and what it may cost over what it is compared with."""

    title: str
    """What the title of the table begins with."""

    aim: str


AIMS: Final = (
    HidingAim(title="deleting one object", aim="1.3"),
    HidingAim(title="restoring one object", aim="1.3"),
    HidingAim(title="deleting a parent", aim="1.3"),
    HidingAim(title="restoring a parent", aim="1.3"),
    HidingAim(title="deleting 10,000 rows", aim="1.3"),
    HidingAim(title="purging", aim="1.5"),
    HidingAim(title="listing", aim="1.3"),
    HidingAim(title="counting", aim="3"),
)


def render_hiding(tables: dict[str, list[Table]]) -> str:
    """Return a short table of soft delete: over SQL by hand, and beside the quickest peer."""
    headings = ("work", "aim", "PostgreSQL", "quickest peer", "SQLite", "quickest peer")
    rows = [
        (
            _find_title(tables, aim),
            aim.aim,
            *(cell for name in DATABASES for cell in _list_cells(tables[name], aim)),
        )
        for aim in AIMS
    ]
    return (
        "Processor time of soft delete over the same by hand-written SQL, and over a table without "
        f"deleted rows:\n\n{render_table(headings, rows)}\n"
    )


def _list_cells(tables: list[Table], aim: HidingAim) -> Iterator[str]:
    """Yield our ratio, and that of the quickest peer with its number of statements."""
    results = _load(tables, aim)
    base = _find(results, BASES)
    ours = _find(results, OURS)
    yield _show(ours, base)
    peers = [result for result in results if result.variant.startswith("django-")]
    if not peers:
        yield UNKNOWN
        return
    quickest = min(peers, key=lambda one: one.typical("processor") or 0.0)
    yield f"{_show(quickest, base)} {quickest.variant}, {quickest.statements:,} statements"


def _find_title(tables: dict[str, list[Table]], aim: HidingAim) -> str:
    found = (_find_table(tables[name], aim) for name in DATABASES)
    return next((table["title"] for table in found if table), aim.title)


def _load(tables: list[Table], aim: HidingAim) -> list[Result]:
    table: Any = _find_table(tables, aim)
    return load_results(table) if table else []


def _find_table(tables: list[Table], aim: HidingAim) -> Table | None:
    found = (one for one in tables if one["group"] == "softdelete" and "variants" in one)
    return next((one for one in found if one["title"].startswith(aim.title)), None)


def _find(results: list[Result], names: tuple[str, ...]) -> Result | None:
    return next((result for result in results if result.variant in names), None)


def _show(result: Result | None, base: Result | None) -> str:
    if result is None or base is None:
        return UNKNOWN
    ratio = result.compare(base, "processor")
    return UNKNOWN if ratio is None else f"{ratio:.2f}"
