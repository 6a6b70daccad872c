"""Find and describe the conflicts that prevent a restore."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import (
    BaseConstraint,
    Exists,
    ForeignKey,
    Model,
    OuterRef,
    Q,
    QuerySet,
    UniqueConstraint,
)
from django.utils.translation import gettext as _

from .relations import (
    GenericLink,
    KeyRelation,
    Relation,
    find_relations,
    find_relatives,
    is_soft_deletable,
)
from .rules import Rule, find_rule
from .statements import Slot, Statement, compile_select, join_statements

__all__ = ["BlockingParents", "describe_conflicts"]

BINDING_RULES: Final = (Rule.CASCADE, Rule.PROTECT, Rule.RESTRICT)
"""The rules under which no live row references a deleted one."""


class BlockingParents:
    """Find the deletions that hid parents of deleted rows.

    Args:
        members: The models of the rows.
        ids: Slots for the deletions that hid the rows. They are not themselves reported.
        using: The alias of the database.

    On PostgreSQL the parents are locked against deletion until the end of the transaction.
    """

    def __init__(self, members: Iterable[type[Model]], ids: Collection[Slot], using: str) -> None:
        self.ids = ids
        self.using = using
        self.relations = [one for member in members for one in _find_parent_relations(member)]

    def find(self, cursor: Any, values: Mapping[str, Any]) -> dict[UUID, type[Model]]:
        """Return the deletions, each with a model whose rows it hid. Costs at most one query."""
        if not self.relations:
            return {}
        self.question.run(cursor, values)
        # SQLite stores UUIDs as text.
        return {
            UUID(str(value)): self.relations[position].parent
            for position, value in cursor.fetchall()
        }

    @cached_property
    def question(self) -> Statement:
        """The statement that selects the index of a relation and the deletion of the parent."""
        # Lock in the subquery, which has no condition, so that live parents are locked too.
        is_concurrent = connections[self.using].vendor == "postgresql"
        lock = "FOR KEY SHARE OFFSET 0" if is_concurrent else ""
        parts = []
        for position, relation in enumerate(self.relations):
            parents = relation.find_parents(_taken(relation.child, self.ids, self.using))
            others = parents.filter(Q(deletion_id=None) | ~Q(deletion_id__in=self.ids))
            found = compile_select(others.values("deleted_at", "deletion_id"))
            sql = (
                f"SELECT {position}, deletion_id FROM ({found.sql} {lock}) held "  # noqa: S608
                "WHERE held.deleted_at IS NOT NULL"
            )
            parts.append(Statement(sql, found.parameters))
        return join_statements(" UNION ", parts)


def describe_conflicts(
    family: Iterable[type[Model]], ids: Collection[UUID], using: str
) -> list[str]:
    """Return one sentence for each conflict that prevents restoring the deletions.

    Costs queries per model, and one per row for constraints that must be validated row by row.
    Called only if there is a conflict.
    """
    return [
        sentence
        for member in family
        for sentence in (
            *_describe_deleted_parents(member, ids, using),
            *_describe_taken_values(member, ids, using),
        )
    ]


def _describe_deleted_parents(
    member: type[Model], ids: Collection[UUID], using: str
) -> Iterator[str]:
    for relation in _find_parent_relations(member):
        rows = _taken(relation.child, ids, using)
        parents = relation.find_parents(rows).filter(deleted_at__isnull=False)
        for parent in parents.exclude(deletion_id__in=ids):
            same: QuerySet[Any] = QuerySet(relation.parent, using=using).filter(pk=parent.pk)
            for row in relation.find_children(same).filter(deletion_id__in=ids):
                yield _describe_deleted_parent(row, parent)


def _describe_deleted_parent(row: Model, parent: Model) -> str:
    return _(
        "%(row)s (%(model)s) belongs to the deleted %(parent_model)s %(parent)s: restore that "
        "first."
    ) % {
        "row": row,
        "model": row._meta.verbose_name,
        "parent_model": parent._meta.verbose_name,
        "parent": parent,
    }


def _describe_taken_values(member: type[Model], ids: Collection[UUID], using: str) -> Iterator[str]:
    """Validate the constraints of each row as if it were restored, and yield the errors."""
    for model in filter(is_soft_deletable, find_relatives(member)):
        for constraint in model._meta.constraints:
            for row in _find_suspects(model, constraint, ids, using):
                for name in ("deleted_at", "deletion_id"):
                    setattr(row, name, None)
                try:
                    constraint.validate(model, row, using=using)
                except ValidationError as error:
                    for text in error.messages:
                        yield f"{row} ({row._meta.verbose_name}): {text}"


def _find_suspects(
    model: type[Model], constraint: BaseConstraint, ids: Collection[UUID], using: str
) -> "Iterable[Any]":
    rows = _taken(model, ids, using)
    if isinstance(constraint, UniqueConstraint) and constraint.fields:
        same = {name: OuterRef(name) for name in constraint.fields}
        living: QuerySet[Any] = QuerySet(model, using=using).filter(deleted_at=None)
        return rows.filter(Exists(living.filter(**same)))
    return rows.iterator(chunk_size=1000)


def _find_parent_relations(member: type[Model]) -> list[Relation]:
    """Return the relations through which the model's rows need a live parent."""
    relatives = [model for model in find_relatives(member) if is_soft_deletable(model)]
    keys: list[Relation] = [
        KeyRelation(field, find_rule(field))
        for model in relatives
        for field in model._meta.local_concrete_fields
        if isinstance(field, ForeignKey) and _is_binding(field)
    ]
    links: list[Relation] = [
        relation
        for candidate in member._meta.apps.get_models()
        if is_soft_deletable(candidate) and not candidate._meta.proxy
        for relation in find_relations(candidate)
        if isinstance(relation, GenericLink) and relation.child in relatives
    ]
    found = dict.fromkeys(keys + links)
    return [relation for relation in found if is_soft_deletable(relation.parent)]


def _is_binding(field: "ForeignKey[Any, Any]") -> bool:
    if getattr(field.remote_field, "parent_link", False):
        return False
    return find_rule(field) in BINDING_RULES


def _taken(
    model: type[Model], ids: Collection[UUID] | Collection[Slot], using: str
) -> "QuerySet[Any]":
    return QuerySet(model, using=using).filter(deletion_id__in=ids)
