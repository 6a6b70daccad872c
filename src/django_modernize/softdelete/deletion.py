"""Marks rows as deleted, with all that goes along, in one statement for each relation."""

import uuid
from collections import Counter
from collections.abc import Collection
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import Model, ProtectedError, Q, QuerySet, RestrictedError
from django.db.models.signals import ModelSignal
from django.utils import timezone

from ..context import get_context
from .graph import follows_into, rank_models
from .journal import is_journal_installed, replace_keys
from .relations import (
    KeyRelation,
    Relation,
    find_owner,
    find_relations,
    find_relatives,
    is_soft_deletable,
    is_stored_in,
)
from .rules import Rule
from .signals import Announcement, post_soft_delete, pre_soft_delete
from .trees import find_trees, find_whole_trees

__all__ = ["Deletion", "rows_of_owner", "taken_rows"]

NAMED_OBJECTS: Final = 100
"""How many of the objects that stand in a deletion's way an error carries."""


class Deletion:
    """One soft deletion: its marks, and the rows that it took.

    Args:
        using: Alias of the database.
        is_silent: Whether to send no signals.

    Rules are judged by living rows alone. Children that are not soft-deletable stay, since their
    parent's row does.
    """

    def __init__(self, *, using: str, is_silent: bool = False) -> None:
        context = get_context()
        self.using = using
        self.id = uuid.uuid4()
        self.marks: dict[str, Any] = {
            "deleted_at": timezone.now(),
            "deleted_by": context.actor_id,
            "deletion_reason": context.reason,
            "deletion_id": self.id,
        }
        self.counts: Counter[type[Model]] = Counter()
        signals = (
            (ModelSignal(), ModelSignal()) if is_silent else (pre_soft_delete, post_soft_delete)
        )
        self.announcement = Announcement(*signals, using=using)

    def mark_rows(self, rows: "QuerySet[Any]") -> tuple[int, dict[str, int]]:
        """Mark the living among some rows, and what follows them.

        Returns:
            How many rows were marked, and how many of each model, as Django's ``delete()`` does.

        Raises:
            ProtectedError: A living row protects one of them; nothing is marked.
            RestrictedError: A row that stays restricts one of them; nothing is marked.

        Costs one UPDATE for the rows, one for each relation that cascades, one query for each
        that protects or restricts, one INSERT for each whose keys are replaced, and one query for
        each further table by inheritance, however many rows there are.
        """
        owner = find_owner(rows.model)
        if self._is_alone(owner):
            self._mark(rows)
        else:
            with transaction.atomic(using=self.using):
                if self._mark(rows):
                    self._follow_from(owner)
                    self._finish()
        counts = {model._meta.label: count for model, count in self.counts.items() if count}
        return sum(counts.values()), counts

    def _is_alone(self, owner: type[Model]) -> bool:
        is_plain = not find_relations(owner) and len(find_relatives(owner)) == 1
        return is_plain and not self.announcement.is_heard(owner)

    def _mark(self, rows: "QuerySet[Any]") -> int:
        """Mark the living among some rows, which may be of a model that inherits its marks."""
        living = rows_of_owner(rows).filter(deleted_at=None)
        owner: type[Model] = living.model
        if find_relations(owner) and connections[self.using].features.has_select_for_update:
            # Whoever inserts a child holds its parent's key until he commits. To wait for him
            # here lets the next statement see the child; see guards.py for the other half.
            locked = living.select_for_update().order_by().values("pk")
            living = QuerySet(owner, using=self.using).filter(pk__in=locked)
        self.announcement.announce(living, self.id)
        # Plain, so that neither stamps nor a project's own update() change anything.
        count = living.update(**self.marks)
        self.counts[owner] += count
        return count

    def _follow_from(self, owner: type[Model]) -> None:
        ranks = rank_models(owner)
        pending = {owner}
        while pending:
            model = min(pending, key=ranks.__getitem__)
            pending.remove(model)
            pending |= self._follow(model)

    def _follow(self, model: type[Model]) -> set[type[Model]]:
        """Deal with the relations to a model's marked rows; return where rows were marked."""
        self._refuse_protected(model)
        trees = find_trees(model)
        # Once more, for what was inserted while the rows of the tree were being locked.
        while sum(self._mark(find_whole_trees(tree, self.id, self.using)) for tree in trees):
            pass
        followers = set()
        for relation in self._relations(model, Rule.CASCADE):
            if relation in trees or not follows_into(relation):
                continue
            if self._mark(self._children(relation, model)):
                followers.add(find_owner(relation.child))
        return followers

    def _finish(self) -> None:
        self._refuse_restricted()
        self._replace_keys()
        self._count_inherited()
        self.announcement.conclude(self.marks)

    def _refuse_protected(self, model: type[Model]) -> None:
        found: dict[Relation, set[Model]] = {}
        for relation in self._relations(model, Rule.PROTECT):
            children = self._children(relation, model)
            if is_soft_deletable(relation.child):
                children = children.filter(Q(deleted_at=None) | Q(deletion_id=self.id))
            found[relation] = set(children[:NAMED_OBJECTS])
        protecting = set().union(*found.values())
        if protecting:
            raise ProtectedError(_describe(found, "protected"), protecting)

    def _refuse_restricted(self) -> None:
        found: dict[Relation, set[Model]] = {}
        for model in self._marked_models():
            for relation in self._relations(model, Rule.RESTRICT):
                children = self._staying(relation.child, self._children(relation, model))
                found[relation] = set(children[:NAMED_OBJECTS])
        restricting = set().union(*found.values())
        if restricting:
            raise RestrictedError(_describe(found, "restricted"), restricting)

    def _staying(self, child: type[Model], children: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows among some children that Django would not delete along."""
        if is_soft_deletable(child):
            return children.filter(deleted_at=None)
        for model in self._marked_models():
            for relation in self._relations(model, Rule.CASCADE):
                if relation.child is child:
                    going = self._children(relation, model).values("pk")
                    children = children.exclude(pk__in=going)
        return children

    def _replace_keys(self) -> None:
        if not is_journal_installed():
            return
        for model in self._marked_models():
            for relation in self._relations(model, Rule.REPLACE):
                children = self._children(relation, model)
                if is_soft_deletable(relation.child):
                    # A row that goes along keeps its key, and so it comes back with it.
                    children = children.exclude(deletion_id=self.id)
                if isinstance(relation, KeyRelation):
                    replace_keys(relation, children, self.id)

    def _count_inherited(self) -> None:
        for model in self._marked_models():
            for relative in find_relatives(model)[1:]:
                self.counts[relative] += taken_rows(relative, model, [self.id], self.using).count()

    def _marked_models(self) -> list[type[Model]]:
        return [model for model, count in self.counts.items() if count and is_soft_deletable(model)]

    def _relations(self, model: type[Model], rule: Rule) -> list[Relation]:
        return [
            relation
            for relation in find_relations(model)
            if relation.rule is rule and is_stored_in(self.using, relation.child)
        ]

    def _children(self, relation: Relation, model: type[Model]) -> "QuerySet[Any]":
        parents = taken_rows(relation.parent, model, [self.id], self.using)
        return relation.find_children(parents)


def rows_of_owner(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the rows that carry the marks of some rows, as a plain queryset."""
    owner = find_owner(rows.model)
    plain: QuerySet[Any] = QuerySet(owner, using=rows.db)
    if rows.model is owner and _is_plain(rows):
        plain.query = rows.query.chain()
        return plain
    # A parent's fields are its child's: this is the owner's key, whatever the child's is.
    return plain.filter(pk__in=rows.order_by().values(owner._meta.pk.name))


def taken_rows(
    relative: type[Model], owner: type[Model], ids: Collection[uuid.UUID], using: str
) -> "QuerySet[Any]":
    """Return the rows of a table that belong to objects which deletions took.

    Args:
        relative: The owner, or a model related to it by inheritance.
        owner: The model that has the marks.
        ids: The deletions.
        using: Alias of the database.
    """
    rows: QuerySet[Any] = QuerySet(relative, using=using)
    if is_soft_deletable(relative):
        return rows.filter(deletion_id__in=ids)
    # A parent of a child by inheritance, where the child alone has the marks.
    among = Q()
    for child in find_relatives(owner):
        if is_soft_deletable(child) and relative in child._meta.all_parents:
            taken: QuerySet[Any] = QuerySet(child, using=using).filter(deletion_id__in=ids)
            among |= Q(pk__in=taken.values(relative._meta.pk.name))
    return rows.filter(among)


def _is_plain(rows: "QuerySet[Any]") -> bool:
    """Tell whether rows are picked from one table, so that they can be locked and updated."""
    query = rows.query
    return not (
        query.is_sliced
        or query.distinct
        or query.combinator
        or query.group_by
        or len(query.alias_map) > 1
    )


def _describe(found: dict[Relation, set[Model]], kind: str) -> str:
    names = [
        f"{relation.child.__name__}.{relation.field.name}"
        for relation, children in found.items()
        if children
    ]
    parent = next(relation for relation, children in found.items() if children).parent
    return (
        f"Cannot delete some {parent._meta.verbose_name_plural}: they are referenced by "
        f"{kind} foreign keys {', '.join(names)}. Delete or reassign those rows first."
    )
