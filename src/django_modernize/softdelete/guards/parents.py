"""Triggers that refuse live children of a deleted parent, however they are written."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Final

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from ...triggers.catalogue import Catalogue
from ...triggers.declarations import Trigger
from ..relations import KeyRelation, find_owner, find_relations, is_soft_deletable
from ..rules import Rule
from . import parents_postgresql, parents_sqlite
from .keys import GuardedKey

__all__ = ["ParentGuards"]

BUILDERS: Final[dict[str, ModuleType]] = {
    "postgresql": parents_postgresql,
    "sqlite": parents_sqlite,
}


class ParentGuards:
    """The trigger provider for tables of children."""

    def required_tables(self) -> set[str]:
        """Return nothing: each trigger reads only the tables of the child and the parent."""
        return set()

    def target_tables(self) -> set[str]:
        """Return the tables of the children."""
        return {key.table for key in _find_guarded_keys()}

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return the tables of children whose parents' tables are given."""
        return {key.table for key in _find_guarded_keys() if key.parents in tables}

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return the tables of the parents."""
        return {key.parents for key in _find_guarded_keys() if key.table in tables}

    def build_triggers(
        self,
        connection: BaseDatabaseWrapper,
        columns: Mapping[str, set[str]],
        catalogue: Catalogue,
    ) -> Iterable[Trigger]:
        """Return the triggers for the given tables."""
        builder = BUILDERS[connection.vendor]
        guarded = [key for key in _find_guarded_keys() if key.table in columns]
        for table in sorted({key.table for key in guarded}):
            # In the middle of a migration a column may not exist yet.
            keys = [
                key
                for key in guarded
                if key.table == table
                and {key.key, *(["deleted_at"] if key.is_child_marked else [])} <= columns[table]
                and {key.parent_key, "deleted_at"} <= catalogue.columns.get(key.parents, set())
            ]
            if keys:
                yield from builder.build_guards(connection, table, keys, catalogue)


def _find_guarded_keys() -> tuple[GuardedKey, ...]:
    return _list_guarded_keys(tuple(apps.get_models()))


# Cached, since every change of a table needs the result.
@lru_cache(maxsize=1)
def _list_guarded_keys(every: tuple[type[Model], ...]) -> tuple[GuardedKey, ...]:
    found = {}
    for model in every:
        if is_soft_deletable(model) and not model._meta.proxy:
            for relation in find_relations(model):
                if isinstance(relation, KeyRelation) and _is_guarded(relation, model):
                    found[relation.field] = _describe_key(relation)
    return tuple(found.values())


def _is_guarded(relation: KeyRelation, model: type[Model]) -> bool:
    if relation.parent is not model or not relation.child._meta.managed:
        return False
    if not is_soft_deletable(relation.child):
        # A child that is not soft-deletable may remain although the parent's deletion cascades.
        return relation.rule in (Rule.PROTECT, Rule.RESTRICT)
    # Under inheritance, a child's key and its mark may be in different tables.
    has_own_mark = find_owner(relation.child) is relation.child
    return has_own_mark and relation.rule in (Rule.CASCADE, Rule.PROTECT, Rule.RESTRICT)


def _describe_key(relation: KeyRelation) -> GuardedKey:
    owner = find_owner(relation.parent)
    # Under inheritance, the child's primary key is that of its parent.
    target = relation.field.target_field if owner is relation.parent else owner._meta.pk
    return GuardedKey(
        table=relation.child._meta.db_table,
        key=relation.field.column,
        parents=owner._meta.db_table,
        parent_key=str(target.column),
        is_child_marked=is_soft_deletable(relation.child),
    )
