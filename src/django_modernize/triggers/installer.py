"""Compare the triggers that should exist with those installed, and synchronize them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from .catalogue import Catalogue, read_catalogue
from .declarations import TRIGGER_PREFIX, InstalledTrigger, Trigger, TriggerProvider, get_providers
from .vendors import find_vendor, is_supported, list_support_tables

__all__ = [
    "TriggerReport",
    "compare_triggers",
    "drop_triggers",
    "render_statements",
    "synchronize_triggers",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerReport:
    """The differences between the triggers of a database and what the models need."""

    missing: tuple[Trigger, ...] = ()
    stale: tuple[Trigger, ...] = ()
    """Triggers created for another state of the model, or changed by hand."""

    disabled: tuple[Trigger, ...] = ()
    unexpected: tuple[InstalledTrigger, ...] = ()
    """Managed triggers that no model needs any more."""

    absent: tuple[str, ...] = ()
    """Missing tables that triggers need, in a database with tables that should have triggers."""

    trail_count: int = 0
    """How many triggers there are that write to the trail, whether they should be or not."""

    @property
    def is_clean(self) -> bool:
        """Whether the database has exactly the triggers that it should."""
        return not (self.to_create or self.unexpected or self.absent)

    @property
    def to_create(self) -> tuple[Trigger, ...]:
        """The triggers to create or recreate."""
        return self.missing + self.stale + self.disabled


def compare_triggers(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> TriggerReport:
    """Compare a database's triggers with what the models need.

    Args:
        connection: The connection to the database. For an unsupported database, the report is
            clean.
        tables: The tables to compare. Defaults to all of them.

    Costs two queries on SQLite, and on PostgreSQL three, one more for the trail's sequence, and one
    for the key of its hashes; their number does not depend on the number of tables.
    """
    if not is_supported(connection):
        return TriggerReport()
    catalogue = read_catalogue(connection, _list_tables(connection, tables))
    expected = {one.name: one for one in _expected_triggers(connection, tables, catalogue)}
    installed = {
        trigger.name: trigger
        for trigger in find_vendor(connection).read_installed(
            connection, None if tables is None else {*tables, *catalogue.list_heirs(tables)}
        )
    }
    shared = [(expected[name], installed[name]) for name in expected if name in installed]
    return TriggerReport(
        missing=tuple(expected[name] for name in expected if name not in installed),
        stale=tuple(new for new, old in shared if not _is_same(new, old)),
        disabled=tuple(new for new, old in shared if _is_same(new, old) and not old.enabled),
        unexpected=tuple(installed[name] for name in installed if name not in expected),
        trail_count=sum(name.startswith(TRIGGER_PREFIX) for name in installed),
        absent=tuple(sorted(_absent_tables(connection, catalogue))) if tables is None else (),
    )


def synchronize_triggers(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> TriggerReport:
    """Create, recreate and drop triggers so that a database has those that the models need.

    Args:
        connection: The connection to the database.
        tables: The tables to synchronize. Defaults to all of them.

    Returns:
        The report before the change.

    Costs as many queries as :func:`compare_triggers` if nothing has to be done.
    """
    report = compare_triggers(connection, tables)
    if (report.to_create or report.absent) and find_vendor(connection).prepare(connection):
        report = compare_triggers(connection, tables)
    _execute_all(connection, render_statements(connection, report))
    return report


def drop_triggers(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> tuple[InstalledTrigger, ...]:
    """Drop the managed triggers of the given tables, or of all, and return them."""
    if not is_supported(connection):
        return ()
    vendor = find_vendor(connection)
    installed = tuple(vendor.read_installed(connection, tables))
    _execute_all(connection, vendor.drop_statements(connection, installed))
    return installed


def render_statements(connection: BaseDatabaseWrapper, report: TriggerReport) -> list[str]:
    """Return the SQL that fixes the differences in a report."""
    if report.is_clean:
        return []
    outdated = [
        *report.unexpected,
        *(
            InstalledTrigger(name=trigger.name, table=trigger.table, definition="", enabled=False)
            for trigger in report.stale + report.disabled
        ),
    ]
    created = [statement for trigger in report.to_create for statement in trigger.statements]
    return [*find_vendor(connection).drop_statements(connection, outdated), *created]


def _list_tables(connection: BaseDatabaseWrapper, tables: Collection[str] | None) -> set[str]:
    """Return the tables to read in order to compare the given tables, or all."""
    found = list_support_tables(connection) | set(tables or ())
    for provider in get_providers():
        targets = _find_targets(provider, tables)
        found |= targets | provider.required_tables() | provider.list_sources(targets)
    return found


def _find_targets(provider: TriggerProvider, tables: Collection[str] | None) -> set[str]:
    wanted = provider.target_tables()
    return wanted if tables is None else wanted & set(tables)


def _expected_triggers(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None, catalogue: Catalogue
) -> Iterable[Trigger]:
    known = catalogue.columns
    for provider in get_providers():
        targets = _find_targets(provider, tables)
        if targets and provider.required_tables() <= known.keys():
            present = {table: known[table] for table in targets if table in known}
            yield from provider.build_triggers(connection, present, catalogue)


def _absent_tables(connection: BaseDatabaseWrapper, catalogue: Catalogue) -> set[str]:
    absent: set[str] = set()
    for provider in get_providers():
        # Before the first migrate there is nothing to record.
        if catalogue.columns.keys() & provider.target_tables():
            required = provider.required_tables() | list_support_tables(connection)
            absent |= required - catalogue.columns.keys()
    return absent


def _is_same(expected: Trigger, installed: InstalledTrigger) -> bool:
    return expected.table == installed.table and expected.definition == installed.definition


def _execute_all(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
