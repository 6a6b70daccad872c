"""Indexes and joins that exclude deleted rows."""

from typing import Any

from django.db.models import FilteredRelation, Index, Q

__all__ = ["AliveIndex", "join_alive"]


class AliveIndex(Index):
    """A partial index of the live rows, which keeps lists fast even if most rows are deleted.

    >>> AliveIndex("house", "-start", name="booking_alive").deconstruct()
    ('django_modernize.softdelete.AliveIndex', ('house', '-start'), {'name': 'booking_alive'})

    Args:
        *fields: The names of the fields, with a leading minus for descending order.
        name: The name of the index in the database.
    """

    def __init__(self, *fields: str, name: str) -> None:
        super().__init__(fields=fields, name=name, condition=Q(deleted_at__isnull=True))

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the index."""
        fields = tuple(f"-{name}" if order else name for name, order in self.fields_orders)
        return "django_modernize.softdelete.AliveIndex", fields, {"name": self.name}


class LivingRelation(FilteredRelation):
    """A filtered relation whose condition uses the joins that lead to it, over several steps too.

    With Django's own class, a condition on ``rooms__stays`` creates new joins to ``rooms``, each
    of which adds the relation again, in infinite recursion.
    """

    def clone(self) -> "LivingRelation":
        """Return a copy of the relation, to be resolved in another query."""
        clone = super().clone()
        clone.__class__ = LivingRelation
        return clone  # type: ignore[return-value]

    def resolve_expression(self, query: Any, reuse: Any, *args: Any, **kwargs: Any) -> Any:
        """Resolve the condition. See Django's expressions."""
        if reuse is not None:
            alias = next(reversed(query.alias_map))
            reuse = set(reuse)
            while alias is not None:
                reuse.add(alias)
                alias = query.alias_map[alias].parent_alias
        return super().resolve_expression(query, reuse, *args, **kwargs)


def join_alive(relation: str, condition: Q | None = None) -> FilteredRelation:
    """Return a relation that joins only live rows, to filter or aggregate over.

    >>> House.objects.annotate(living=join_alive("rooms")).annotate(count=Count("living"))

    Args:
        relation: The lookup path of the relation, such as ``rooms`` or ``rooms__stays``.
        condition: A further condition on the joined rows, with lookups from the queried model.
    """
    alive = Q((f"{relation}__deleted_at__isnull", True))
    return LivingRelation(relation, condition=alive if condition is None else alive & condition)
