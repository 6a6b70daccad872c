"""Subjects that follow one another at one place, such as the bookings of a house.

Adding or removing a booking affects the rules for the ones before and after it: how long the house
is empty distinguishes a turnover from a plain check-out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import router
from django.db.models import F, Func, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .keys import filter_keys
from .kinds import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from ..audit.models import AuditEvent
    from .subjects import Subject, SubjectField

__all__ = ["Neighbours", "find_neighbours", "make_fields", "names_neighbours"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbours:
    """By what subjects follow one another: the next one is the one that ends next."""

    place: str
    """The column of what they share: ``property_id``."""

    start: str
    """The field of the day or instant at which one begins."""

    end: str
    """The field at which it ends; an index over place and end makes it quick."""

    fields: Sequence[str] = ()
    """The subject's fields that rules may use of the one before and the one after."""


class HoursBetween(Func):
    """How many whole hours lie between two instants, or two days."""

    output_field = IntegerField()

    def __init__(self, earlier: Any, later: Any, *, of_days: bool) -> None:
        super().__init__(later, earlier)
        self.of_days = of_days

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the difference of two days, or of two instants, as PostgreSQL writes it."""
        template = "TRUNC(EXTRACT(EPOCH FROM (%(expressions)s)) / 3600)::integer"
        if self.of_days:
            template = "(%(expressions)s) * 24"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return it by the function that Django gives SQLite, which counts microseconds."""
        template = "(django_timestamp_diff(%(expressions)s) / 3600000000)"
        return self.as_sql(compiler, connection, template=template, **context)


def make_fields(
    model: type[Model],
    neighbours: Neighbours,
    fields: Mapping[str, SubjectField],
    living: Q,
) -> dict[str, SubjectField]:
    """Return what rules may say of the one before and the one after.

    Args:
        model: The subject's model.
        neighbours: By what they follow one another.
        fields: The subject's own fields.
        living: Which subjects count.
    """
    previous, following = (_find_one(model, neighbours, living, side) for side in SIDES)
    of_days = model._meta.get_field(neighbours.end).get_internal_type() == "DateField"
    found = _measure_gaps(neighbours, previous, following, of_days=of_days)
    for name in neighbours.fields:
        words = _("{field} of the previous one")
        found.append(_take_over(f"previous_{name}", words, fields[name], previous))
        words = _("{field} of the next one")
        found.append(_take_over(f"next_{name}", words, fields[name], following))
    return {field.name: field for field in found}


def _measure_gaps(
    neighbours: Neighbours, previous: QuerySet[Any], following: QuerySet[Any], *, of_days: bool
) -> list[SubjectField]:
    """Return the hours to the one after and since the one before."""
    from .subjects import SubjectField

    return [
        SubjectField(
            name="hours_to_next",
            source=HoursBetween(
                F(neighbours.end),
                Subquery(following.values(neighbours.start)[:1]),
                of_days=of_days,
            ),
            kind=Kind.NUMBER,
            label=_("hours to the next one"),
        ),
        SubjectField(
            name="hours_since_previous",
            source=HoursBetween(
                Subquery(previous.values(neighbours.end)[:1]),
                F(neighbours.start),
                of_days=of_days,
            ),
            kind=Kind.NUMBER,
            label=_("hours since the previous one"),
        ),
    ]


def _take_over(
    name: str, words: StrOrPromise, field: SubjectField, rows: QuerySet[Any]
) -> SubjectField:
    """Return a neighbour's field as one of the subject's own, under another name."""
    from .subjects import SubjectField

    return SubjectField(
        name=name,
        source=Subquery(rows.values(str(field.source))[:1]),
        kind=field.kind,
        label=format_lazy(words, field=field.label),
        choices=field.choices,
    )


def names_neighbours(subject: Subject, templates: Iterable[Any]) -> bool:
    """Return whether a rule says something of a neighbour; cheap, and rather once too often."""
    computed = (one for one in subject.fields.values() if not isinstance(one.source, str))
    names = [field.name for field in computed if field.link is None]
    return any(name in text for one in templates for text in _list_texts(one) for name in names)


def _list_texts(template: Any) -> list[str]:
    """Return all that a template says in which a field may be named."""
    bounds = [template.not_before, template.not_after]
    return [json.dumps(template.conditions), template.title, template.description, *bounds]


def find_neighbours(
    subject: Subject, ids: Sequence[Any], changed: Iterable[AuditEvent]
) -> list[Any]:
    """Return the keys of the subjects before and after some, where they are and where they were.

    Args:
        subject: The kind of subject.
        ids: Keys of those that something happened to.
        changed: The events that tell where they were before.

    Costs one query, and one more where one has moved or is gone for good.
    """
    neighbours = subject.neighbours
    if neighbours is None:
        return []
    using = router.db_for_write(subject.model)
    rows = filter_keys(subject.model._base_manager.using(using), ids)
    previous, following = (
        _find_one(subject.model, neighbours, subject.living, side) for side in SIDES
    )
    found: set[Any] = set()
    places: dict[str, Any] = {}
    for pk, place, before, after in rows.values_list(
        "pk",
        neighbours.place,
        Subquery(previous.values("pk")[:1]),
        Subquery(following.values("pk")[:1]),
    ):
        places[str(pk)] = place
        found |= {before, after}
    if left := _list_left_places(neighbours, changed, places):
        there = subject.model._base_manager.using(using).filter(subject.living)
        found |= set(there.filter(**{f"{neighbours.place}__in": left}).values_list("pk", flat=True))
    return list(found - {None})


SIDES: Final = (("lt", "-"), ("gt", ""))
"""The one before and the one after: which ends count, and which comes first."""


def _find_one(
    model: type[Model], neighbours: Neighbours, living: Q, side: tuple[str, str]
) -> QuerySet[Any]:
    comparison, order = side
    there = {
        neighbours.place: OuterRef(neighbours.place),
        f"{neighbours.end}__{comparison}": OuterRef(neighbours.end),
    }
    rows = model._base_manager.filter(living, **there)
    return rows.order_by(f"{order}{neighbours.end}")


def _list_left_places(
    neighbours: Neighbours, changed: Iterable[AuditEvent], places: Mapping[str, Any]
) -> list[Any]:
    """Return the places at which one no longer is where it was."""
    place = neighbours.place.removesuffix("_id")
    left = set()
    for event in changed:
        changes = event.decode_changes()
        if {place, neighbours.start, neighbours.end} & set(changes):
            left.add(changes[place][0] if place in changes else places.get(str(event.object_id)))
    return sorted(left - {None}, key=str)
