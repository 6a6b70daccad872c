"""Indexes and joins that leave deleted rows out."""

from typing import Any

from django.db.models import FilteredRelation, Index, Q

__all__ = ["AliveIndex", "join_alive"]


class AliveIndex(Index):
    """An index of the living rows only, so that lists stay fast when most rows are deleted.

    >>> AliveIndex("house", "-start", name="booking_alive").deconstruct()
    ('django_modernize.softdelete.AliveIndex', ('house', '-start'), {'name': 'booking_alive'})

    Args:
        *fields: Names of fields, descending with a minus.
        name: The index's name in the database.
    """

    def __init__(self, *fields: str, name: str) -> None:
        super().__init__(fields=fields, name=name, condition=Q(deleted_at__isnull=True))

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return the arguments that make this index again, for a migration."""
        fields = tuple(f"-{name}" if order else name for name, order in self.fields_orders)
        return "django_modernize.softdelete.AliveIndex", fields, {"name": self.name}


class LivingRelation(FilteredRelation):
    """A relation whose condition speaks of the joins that lead to it, over several steps too.

    Django's own looks for new joins to ``rooms`` when a filter names ``rooms__stays``, and for
    the relation again behind each of them, without end.
    """

    def clone(self) -> "LivingRelation":
        """Return the same relation, to be resolved in another query."""
        clone = super().clone()
        clone.__class__ = LivingRelation
        return clone  # type: ignore[return-value]

    def resolve_expression(self, query: Any, reuse: Any, *args: Any, **kwargs: Any) -> Any:
        """Resolve the condition; see Django's expressions."""
        if reuse is not None:
            alias = next(reversed(query.alias_map))
            reuse = set(reuse)
            while alias is not None:
                reuse.add(alias)
                alias = query.alias_map[alias].parent_alias
        return super().resolve_expression(query, reuse, *args, **kwargs)


def join_alive(relation: str, condition: Q | None = None) -> FilteredRelation:
    """Return a relation that joins only living rows, to filter, count and sum over.

    >>> House.objects.annotate(living=join_alive("rooms")).annotate(count=Count("living"))

    Args:
        relation: The name that a filter would use, such as ``rooms`` or ``rooms__stays``.
        condition: What else holds for a joined row, written from the queried model.
    """
    alive = Q((f"{relation}__deleted_at__isnull", True))
    return LivingRelation(relation, condition=alive if condition is None else alive & condition)
