"""Triggers on PostgreSQL that let no living child come under a deleted parent.

A deletion locks its parents ``FOR UPDATE``, marks them, and then marks their children. Whoever
inserts a child at the same time takes the parent's row ``FOR KEY SHARE`` here, at once: Django's
foreign keys are checked at the end of the transaction, which would be too late. So either the
deletion waits and sees the child, or the child waits and sees that its parent is deleted.

SQLite has one writer at a time: there the question does not come up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from ..triggers.declarations import SOFT_DELETE_PREFIX, Trigger, name_trigger
from ..triggers.identifiers import digest_name, quote_literal
from ..triggers.vendors import find_vendor
from .relations import KeyRelation, find_owner, find_relations, is_soft_deletable
from .rules import Rule

__all__ = ["ParentGuards"]

INSERT_BITS: Final = 4
"""pg_trigger.tgtype of a statement-level AFTER INSERT trigger."""

UPDATE_BITS: Final = 1 | 16
"""pg_trigger.tgtype of a row-level AFTER UPDATE trigger."""

# The lock is taken inside, where OFFSET keeps the condition out: a living parent is locked too.
FIND_DELETED: Final = (
    "EXISTS (SELECT 1 FROM {rows} CROSS JOIN LATERAL (SELECT p.deleted_at FROM {parents} p"
    " WHERE p.{parent_key} = n.{key} FOR KEY SHARE OFFSET 0) held"
    " WHERE held.deleted_at IS NOT NULL{living})"
)
REFUSE: Final = (
    "  IF {found} THEN\n"
    "    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = {message},"
    " HINT = 'Restore the parent first, or choose another.';\n"
    "  END IF;\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardedKey:
    """A key whose living rows need a living parent."""

    table: str
    key: str
    parents: str
    parent_key: str
    is_child_marked: bool
    """Whether the child can be deleted itself: then only living ones count."""


class ParentGuards:
    """Soft delete as one who wants triggers."""

    def required_tables(self) -> set[str]:
        """Return nothing: each trigger speaks of two tables alone."""
        return set()

    def target_tables(self) -> set[str]:
        """Return the tables of the children."""
        return {key.table for key in _find_guarded_keys()}

    def build_triggers(
        self, connection: BaseDatabaseWrapper, columns: Mapping[str, set[str]]
    ) -> Iterable[Trigger]:
        """Return the triggers for those of the tables that are given."""
        if connection.vendor != "postgresql":
            return
        guarded = [key for key in _find_guarded_keys() if key.table in columns]
        parents = find_vendor(connection).read_columns(connection, {key.parents for key in guarded})
        for table in sorted({key.table for key in guarded}):
            # In the middle of a migration a column may not be there yet.
            keys = [
                key
                for key in guarded
                if key.table == table
                and {key.key, *(["deleted_at"] if key.is_child_marked else [])} <= columns[table]
                and {key.parent_key, "deleted_at"} <= parents.get(key.parents, set())
            ]
            if keys:
                yield from _build_guards(connection, table, keys)


def _find_guarded_keys() -> list[GuardedKey]:
    found = {}
    for model in apps.get_models():
        if is_soft_deletable(model) and not model._meta.proxy:
            for relation in find_relations(model):
                if isinstance(relation, KeyRelation) and _is_guarded(relation, model):
                    found[relation.field] = _describe_key(relation)
    return list(found.values())


def _is_guarded(relation: KeyRelation, model: type[Model]) -> bool:
    if relation.parent is not model or not relation.child._meta.managed:
        return False
    if not is_soft_deletable(relation.child):
        # A child that is not soft-deletable may stay where a cascade would have taken it.
        return relation.rule in (Rule.PROTECT, Rule.RESTRICT)
    # What a child by inheritance points to is judged at another table than its mark.
    has_own_mark = find_owner(relation.child) is relation.child
    return has_own_mark and relation.rule in (Rule.CASCADE, Rule.PROTECT, Rule.RESTRICT)


def _describe_key(relation: KeyRelation) -> GuardedKey:
    owner = find_owner(relation.parent)
    # By inheritance, the child's key is its parent's.
    target = relation.field.target_field if owner is relation.parent else owner._meta.pk
    return GuardedKey(
        table=relation.child._meta.db_table,
        key=relation.field.column,
        parents=owner._meta.db_table,
        parent_key=str(target.column),
        is_child_marked=is_soft_deletable(relation.child),
    )


def _build_guards(
    connection: BaseDatabaseWrapper, table: str, keys: list[GuardedKey]
) -> Iterator[Trigger]:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(key.key) for key in keys)
    changed = " OR ".join(
        f"NEW.{quote(key.key)} IS DISTINCT FROM OLD.{quote(key.key)}" for key in keys
    )
    living = " AND NEW.deleted_at IS NULL" if keys[0].is_child_marked else ""
    yield _build_guard(
        connection,
        table=table,
        event="INSERT",
        clauses="REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
        body=_render_body(connection, keys, "new_rows n"),
        bits=INSERT_BITS,
    )
    yield _build_guard(
        connection,
        table=table,
        event=f"UPDATE OF {columns}",
        clauses=f"FOR EACH ROW WHEN (({changed}){living})",
        body=_render_body(connection, keys, "(SELECT NEW.*) n"),
        bits=UPDATE_BITS,
    )


def _render_body(connection: BaseDatabaseWrapper, keys: list[GuardedKey], rows: str) -> str:
    quote = connection.ops.quote_name
    refusals = [
        REFUSE.format(
            found=FIND_DELETED.format(
                rows=rows,
                parents=find_vendor(connection).qualify_table(connection, key.parents),
                parent_key=quote(key.parent_key),
                key=quote(key.key),
                living=" AND n.deleted_at IS NULL" if key.is_child_marked else "",
            ),
            message=quote_literal(
                f"{key.table}.{key.key} points to a deleted row of {key.parents}."
            ),
        )
        for key in keys
    ]
    return f"\nBEGIN\n{''.join(refusals)}  RETURN NULL;\nEND\n"


def _build_guard(
    connection: BaseDatabaseWrapper, *, table: str, event: str, clauses: str, body: str, bits: int
) -> Trigger:
    purpose = f"parent_{event.split()[0].lower()}"
    name = name_trigger(table, purpose, digest_name(table), SOFT_DELETE_PREFIX)
    quoted = connection.ops.quote_name(name)
    # The catalogue gives back the body alone, so the clauses are noted there too.
    source = f"\n-- {event} {clauses}{body}"
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $modernize${source}$modernize$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted} AFTER {event} ON "
        f"{connection.ops.quote_name(table)} {clauses} EXECUTE FUNCTION {quoted}()"
    )
    return Trigger(
        name=name, table=table, statements=(function, trigger), definition=f"{bits}:{source}"
    )
