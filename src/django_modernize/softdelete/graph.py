"""The order in which a deletion cascades through models, and where it can start."""

from collections.abc import Iterator

from django.db.models import Model

from .registry import keep_per_registry
from .relations import Relation, find_owner, find_relations, is_soft_deletable
from .rules import Rule

__all__ = ["find_family", "rank_models"]


@keep_per_registry
def rank_models(owner: type[Model]) -> dict[type[Model], int]:
    """Return the models that a deletion can reach, parents before their children.

    A cycle has no such order: its models are visited again after rows of them are marked.
    """
    finished: list[type[Model]] = []
    seen = {owner}

    def visit(model: type[Model]) -> None:
        for child in _find_followers(model):
            if child not in seen:
                seen.add(child)
                visit(child)
        finished.append(model)

    visit(owner)
    return {model: rank for rank, model in enumerate(reversed(finished))}


@keep_per_registry
def find_family(owner: type[Model]) -> tuple[type[Model], ...]:
    """Return the models of which a deletion may have hidden rows if it hid rows of this one.

    The deletion may have started with any model from which this one can be reached.
    """
    origins = [
        candidate for candidate in _soft_deletable_owners(owner) if owner in rank_models(candidate)
    ]
    members = {member for origin in origins for member in rank_models(origin)}
    return tuple(sorted(members, key=lambda member: member._meta.label))


def follows_into(relation: Relation) -> bool:
    """Return whether a deletion cascades to the children of a relation."""
    return relation.rule is Rule.CASCADE and is_soft_deletable(relation.child)


def _find_followers(model: type[Model]) -> Iterator[type[Model]]:
    for relation in find_relations(model):
        if follows_into(relation):
            yield find_owner(relation.child)


def _soft_deletable_owners(model: type[Model]) -> set[type[Model]]:
    return {
        find_owner(candidate)
        for candidate in model._meta.apps.get_models()
        if is_soft_deletable(candidate)
    }
