"""A database of its own, in which the migrations go step by step, there and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

__all__ = ["Walk", "describe_tables", "dump_rows", "open_database"]

FIRST = "0001_legacy"
NEEDED = ("api", "auth", "contenttypes")


class Walk:
    """The phases, and how far a database is.

    Args:
        using: An empty database, in which the legacy tables are made; or one that is on its way.
        done: How many phases the database has behind it; ``None`` for an empty one.
    """

    def __init__(self, using: str, *, done: int | None = None) -> None:
        self.connection = connections[using]
        graph = MigrationLoader(None).graph
        others = [*graph.leaf_nodes("modernize_audit"), *graph.leaf_nodes("admin")]
        self.phases: list[Migration] = []
        self.states = [ProjectState()]
        self.done = done or 0
        everything = ProjectState()
        for key in _list_plan(graph, [("api", FIRST), *others, *graph.leaf_nodes("api")]):
            migration = graph.nodes[key]
            if key[0] == "api" and key[1] != FIRST:
                self.phases.append(migration)
                self.states.append(migration.mutate_state(self.states[-1]))
                continue
            if done is None:
                everything = self._run(migration.apply, everything, migration)
            # What a phase never looks at need not be rendered for it.
            if key[0] in NEEDED:
                self.states[0] = migration.mutate_state(self.states[0])

    @property
    def state(self) -> ProjectState:
        """The models as they are now."""
        return self.states[self.done]

    def go_on(self) -> Migration:
        """Apply the next phase, and return it."""
        phase = self.phases[self.done]
        state = self.states[self.done].clone()
        _rendered = state.apps
        self._run(phase.apply, state, phase)
        self.done += 1
        return phase

    def go_back(self) -> Migration:
        """Undo the last phase, and return it."""
        phase = self.phases[self.done - 1]
        state = self.states[self.done - 1].clone()
        # As Django's executor does, so that the states of the operations share it.
        _rendered = state.apps
        self._run(phase.unapply, state, phase)
        self.done -= 1
        return phase

    def _run(self, step: Any, state: ProjectState, migration: Migration) -> Any:
        with self.connection.schema_editor(atomic=migration.atomic) as editor:
            state = step(state, editor)
        # Rendered models are not for other states to share.
        state.__dict__.pop("apps", None)
        return state


def _list_plan(graph: Any, targets: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(key for target in targets for key in graph.forwards_plan(target)))


@contextmanager
def open_database(tmp_path: Any, using: str = "walk") -> Iterator[str]:
    """Make an empty database of the kind that the tests run on, and return its alias."""
    known = connections["default"]
    name = str(tmp_path / f"{using}.sqlite3")
    if known.vendor == "postgresql":
        name = f"{known.settings_dict['NAME']}_{using}"
        _execute(f'DROP DATABASE IF EXISTS "{name}"')
        _execute(f'CREATE DATABASE "{name}"')
    connections.databases[using] = {**known.settings_dict, "NAME": name}
    try:
        yield using
    finally:
        connections[using].close()
        del connections.databases[using]
        delattr(connections._connections, using)
        if known.vendor == "postgresql":
            _execute(f'DROP DATABASE "{name}"')


def describe_tables(using: str) -> set[tuple[Any, ...]]:
    """Return the columns, keys and rules of AriStay's tables."""
    connection = connections[using]
    read = connection.introspection
    found: set[tuple[Any, ...]] = set()
    with connection.cursor() as cursor:
        for table in read.table_names(cursor):
            if not table.startswith(("api_", "auth_user")):
                continue
            for column in read.get_table_description(cursor, table):
                # Links of users had shorter keys, which nothing points to.
                if column.name != "id" or not table.startswith("auth_user_"):
                    # SQLite takes one for the other.
                    kind = str(column.type_code).replace("bigint", "INTEGER")
                    found.add((table, column.name, kind, column.null_ok))
            for rule in read.get_constraints(cursor, table).values():
                kinds = (rule["unique"], rule["foreign_key"], rule["index"], rule["check"])
                found.add((table, *rule["columns"], *kinds))
    return found


def dump_rows(using: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of AriStay's tables, as the database has them.

    Links of a many-to-many relation have no names: their keys do not count.
    """
    connection = connections[using]
    dump = {}
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            if not table.startswith(("api_", "auth_user")) or table == "api_modernisationrecord":
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            if table == "api_task_depends_on":
                rows = [{**row, "id": None} for row in rows]
            dump[table] = sorted(rows, key=repr)
    return dump


def _execute(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)
