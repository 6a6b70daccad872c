"""Marks rows as deleted, with all that goes along, in one statement for each relation."""

import uuid
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.utils import timezone

from ..context import get_context
from .relations import Relation, find_relations, is_soft_deletable

__all__ = ["Deletion"]

NAMED_OBJECTS = 100
"""How many of the objects that stand in a deletion's way an error carries."""


class Deletion:
    """One soft deletion: its marks, and the rows that it took.

    Args:
        using: Alias of the database.

    Children that are not soft-deletable stay, since their parent's row does; so do keys with
    ``SET_NULL`` and its kin, which go on pointing to the hidden row.
    """

    def __init__(self, *, using: str) -> None:
        context = get_context()
        self.using = using
        self.marks: dict[str, Any] = {
            "deleted_at": timezone.now(),
            "deleted_by": context.actor_id,
            "deletion_reason": context.reason,
            "deletion_id": uuid.uuid4(),
        }
        self.counts: Counter[str] = Counter()
        self.restricting: dict[Relation, type[Model]] = {}

    def mark_rows(self, rows: "QuerySet[Any]") -> tuple[int, dict[str, int]]:
        """Mark the living among some rows, and what follows them.

        Returns:
            How many rows were marked, and how many of each model, as Django's ``delete()`` does.

        Raises:
            ProtectedError: A living row protects one of them; nothing is marked.
            RestrictedError: A row that stays restricts one of them; nothing is marked.

        Costs one UPDATE for the rows, one for each relation that cascades and one query for each
        that protects or restricts, however many rows there are; a relation of a model to itself
        costs one UPDATE more for each level.
        """
        with transaction.atomic(using=self.using):
            # A queryset that cannot be updated as it is (sliced, distinct) still names its rows.
            plain: QuerySet[Any] = QuerySet(rows.model, using=self.using).filter(deleted_at=None)
            if self._mark(plain.filter(pk__in=rows.order_by().values("pk"))):
                self._mark_followers(rows.model)
                self._refuse_restricted()
        return self.counts.total(), dict(self.counts)

    def _mark(self, rows: "QuerySet[Any]") -> int:
        count = rows.update(**self.marks)
        if count:
            self.counts[rows.model._meta.label] += count
        return count

    def _marked(self, model: type[Model]) -> "QuerySet[Any]":
        return QuerySet(model, using=self.using).filter(deletion_id=self.marks["deletion_id"])

    def _mark_followers(self, model: type[Model]) -> None:
        pending = [model]
        while pending:
            for relation in find_relations(pending.pop(0)):
                if self._follow(relation) and relation.child not in pending:
                    pending.append(relation.child)

    def _follow(self, relation: Relation) -> bool:
        """Deal with one relation, and tell whether rows of its child were marked."""
        parents = self._marked(relation.parent)
        if relation.is_cascade:
            followers = relation.living_children(parents)
            return is_soft_deletable(relation.child) and bool(self._mark(followers))
        if relation.is_protect:
            self._refuse_protected(relation, parents)
        if relation.is_restrict:
            self.restricting[relation] = relation.parent
        return False

    def _refuse_protected(self, relation: Relation, parents: "QuerySet[Any]") -> None:
        children = set(relation.living_children(parents)[:NAMED_OBJECTS])
        if children:
            raise ProtectedError(_describe(relation, "protected"), children)

    def _refuse_restricted(self) -> None:
        for relation, parent in self.restricting.items():
            children = set(relation.living_children(self._marked(parent))[:NAMED_OBJECTS])
            if children:
                raise RestrictedError(_describe(relation, "restricted"), children)


def _describe(relation: Relation, kind: str) -> str:
    return (
        f"Cannot delete some {relation.parent._meta.verbose_name_plural}: they are referenced by "
        f"{kind} foreign key {relation.child.__name__}.{relation.field.name}. Delete or reassign "
        f"those {relation.child._meta.verbose_name_plural} first."
    )
