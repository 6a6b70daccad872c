"""Fill the stamps of rows created before the stamps existed, and empty them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, cast

from django.apps import apps
from django.db.migrations.state import ProjectState
from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    F,
    Field,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import TruncDate

from ..audit.keys import object_key
from ..audit.models import AuditAction, AuditEvent
from ..context import ChangeSource
from .batches import BATCH_SIZE, BatchOperation

__all__ = ["BackfillStamps"]

Source = str | Combinable | BaseExpression

if TYPE_CHECKING:
    AnyField = Field[Any, Any]

Stamps = dict[Any, dict[str, Any]]

STAMPS: Final = {
    "created_at": "created_at",
    "created_by": "actor_id",
    "created_via": "source",
    "modified_at": "created_at",
    "modified_by": "actor_id",
    "modified_via": "source",
}
"""Maps the stamps of the mixins to the attributes of an event."""


class BackfillStamps(BatchOperation):
    """Fills empty stamps from legacy columns or the audit trail.

    Put it between the operation that adds the stamps with ``null=True`` and the one that gives them
    their final definition. Stamps that have a value are left alone. In reverse, a nullable stamp
    that still has the value from this operation is emptied; and a column that a later migration
    removed, and that was the source of a stamp, gets the stamp's value.

    >>> BackfillStamps(  # doctest: +SKIP
    ...     "Booking",
    ...     {"created_at": Coalesce("booked_on", "check_in"), "created_via": Value("legacy")},
    ...     from_trail=True,
    ... )

    Args:
        model_name: The model, in the app of the migration.
        sources: Maps the stamp's field to a column's name, or to an expression over the row.
        from_trail: Whether stamps that are still empty are filled from the audit trail: those of
            creation from the first event of a row, those of change from its last. So
            ``HistoryToEvents`` goes before it, and the migration depends on ``modernize_audit``.
        batch_size: How many rows to change at once.

    Raises:
        ValueError: There are rows, and a stamp with a source is not nullable: the default that
            ``makemigrations`` asks for has filled it before the operation runs.

    Costs one statement for each batch; with the trail up to three more to read and one to write.
    """

    def __init__(
        self,
        model_name: str,
        sources: Mapping[str, Source] | None = None,
        *,
        from_trail: bool = False,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if not sources and not from_trail:
            raise ValueError("BackfillStamps needs sources, or from_trail=True.")
        super().__init__(model_name, batch_size=batch_size)
        self.sources = dict(sources or {})
        self.from_trail = from_trail

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to recreate the operation."""
        options: dict[str, Any] = {"from_trail": True} if self.from_trail else {}
        if self.batch_size != BATCH_SIZE:
            options["batch_size"] = self.batch_size
        return type(self).__name__, [self.model_name, self.sources], options

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Fill the stamps of {self.model_name}"

    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Fill the empty stamps of a batch."""
        # Read the trail before writing, since the writes are recorded in it too.
        told = self._read_trail(rows, using)
        chosen = _choose_rows(rows, using)
        self._require_room(type(rows[0]))
        filled = {
            name: Case(When(_is_empty(field), then=source), default=F(name), output_field=field)
            for name, field, source in self._list_sources(type(rows[0]))
        }
        if filled:
            chosen.update(**filled)
        if told:
            _write_stamps(chosen, told, lambda field, old, new: new if _is_nothing(old) else old)

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Empty the stamps of a batch that still have the value from this operation."""
        chosen = _choose_rows(rows, using)
        if told := self._read_trail(rows, using):
            _write_stamps(chosen, told, lambda field, old, new: _empty(field, old, old == new))
        changed: dict[str, Any] = {
            name: Case(
                When(Q((name, source)), then=Value(_nothing(field))),
                default=F(name),
                output_field=field,
            )
            for name, field, source in self._list_sources(type(rows[0]))
            if _can_be_empty(field)
        }
        # Use one statement, so that the columns get the old values of the emptied stamps.
        changed.update(self._give_back(type(rows[0])))
        if changed:
            chosen.update(**changed)

    def _list_sources(self, model: type[Model]) -> Iterator[tuple[str, AnyField, Any]]:
        for name, source in self.sources.items():
            field = cast("AnyField", model._meta.get_field(name))
            yield name, field, F(source) if isinstance(source, str) else source

    def _require_room(self, model: type[Model]) -> None:
        """Refuse non-nullable stamps: nothing would be filled before the columns are removed."""
        for name, field, _source in self._list_sources(model):
            if not _can_be_empty(field):
                raise ValueError(
                    f"{model.__name__}.{name} cannot be NULL here, so BackfillStamps would fill "
                    "nothing. Add the stamp with null=True and no default, and remove null=True "
                    "with an AlterField after BackfillStamps."
                )

    def _give_back(self, model: type[Model]) -> Iterator[tuple[str, Any]]:
        """Yield the columns that no longer exist today, each with the stamp filled from it."""
        for name, field, _source in self._list_sources(model):
            source = self.sources[name]
            column = source if isinstance(source, str) else getattr(source, "name", None)
            if column is None or not _is_gone(model, column):
                continue
            target = cast("AnyField", model._meta.get_field(column))
            known = When(Q((f"{name}__isnull", False)), then=_convert(field, target))
            yield column, Case(known, default=F(column), output_field=target)

    def _read_trail(self, rows: list[Model], using: str) -> Stamps:
        """Return the stamps of the rows according to the trail, by primary key."""
        if not self.from_trail:
            return {}
        model = type(rows[0])
        names = {field.name for field in model._meta.concrete_fields}
        keys = {object_key(row): row.pk for row in rows}
        events = AuditEvent._base_manager.using(using).filter(
            object_type=model._meta.label_lower, object_id__in=keys
        )
        # An update by a migration, such as this one, does not show who changed the row.
        events = events.exclude(action=AuditAction.UPDATE, source=ChangeSource.MIGRATION)
        told: Stamps = {}
        for event in events.order_by("created_at", "id"):
            stamps = told.setdefault(keys[event.object_id], {})
            for name, attribute in STAMPS.items():
                is_first = name not in stamps or name.startswith("modified_")
                if name in names and is_first:
                    stamps[name] = getattr(event, attribute)
        _forget_the_gone(model, told, using)
        return told


def _choose_rows(rows: list[Model], using: str) -> QuerySet[Any]:
    # Use a plain queryset, which sets no stamps and hides no rows.
    return QuerySet(type(rows[0]), using=using).filter(pk__in=[row.pk for row in rows])


def _write_stamps(
    rows: QuerySet[Any], told: Stamps, choose: Callable[[AnyField, Any, Any], Any]
) -> None:
    """Set the value chosen from the old one and the one in the trail, if it differs."""
    changed = []
    for row in rows:
        before = dict(row.__dict__)
        for name, value in told.get(row.pk, {}).items():
            field = row._meta.get_field(name)
            setattr(row, field.attname, choose(field, getattr(row, field.attname), value))
        if row.__dict__ != before:
            changed.append(row)
    names = sorted({name for stamps in told.values() for name in stamps})
    if changed:
        QuerySet(rows.model, using=rows.db).bulk_update(changed, names)


def _forget_the_gone(model: type[Model], told: Stamps, using: str) -> None:
    """Remove users from the stamps who no longer exist."""
    for name in ("created_by", "modified_by"):
        actors = {stamps[name] for stamps in told.values() if name in stamps}
        if not actors - {None}:
            continue
        users: Any = model._meta.get_field(name).related_model
        known = set(QuerySet(users, using=using).filter(pk__in=actors).values_list("pk", flat=True))
        for stamps in told.values():
            if stamps.get(name) not in known:
                stamps.pop(name, None)


def _is_gone(model: type[Model], column: str) -> bool:
    """Return whether the project's current model no longer has a column."""
    try:
        today = apps.get_model(model._meta.app_label, model.__name__)
    except LookupError:
        return False
    return column not in {field.name for field in today._meta.concrete_fields}


def _convert(stamp: AnyField, column: AnyField) -> Combinable:
    """Return a stamp as a value of the column that it came from."""
    if isinstance(stamp, DateTimeField) and type(column) is DateField:
        # A date was converted to its first moment in UTC.
        return TruncDate(stamp.name, tzinfo=UTC)
    return F(stamp.name)


def _is_empty(field: AnyField) -> Q:
    return Q((field.name, "")) if _nothing(field) == "" else Q((f"{field.name}__isnull", True))


def _is_nothing(value: Any) -> bool:
    return value is None or value == ""


def _nothing(field: AnyField) -> str | None:
    return "" if isinstance(field, CharField) and not field.null else None


def _can_be_empty(field: AnyField) -> bool:
    return bool(field.null) or isinstance(field, CharField)


def _empty(field: AnyField, old: Any, is_given: bool) -> Any:
    return _nothing(field) if is_given and _can_be_empty(field) else old
