"""Writes down what a phase does to rows, and undoes it from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.migrations.state import StateApps
from django.db.models import Field, Model, QuerySet
from django.db.models.fields.files import FieldFile

__all__ = ["APP_LABEL", "Ledger", "Repair"]

APP_LABEL: Final = "api"
BATCH_SIZE: Final = 1_000

CHANGED: Final = "changed"
SET_ASIDE: Final = "set_aside"
MADE: Final = "made"

Rows = QuerySet[Any]


class Repair(NamedTuple):
    """Values that a row gets, and why."""

    row: Any
    values: dict[str, Any]
    reason: str


class Ledger:
    """The records of one phase in one database.

    What a phase cannot tell from the rows it leaves behind is written down before it is changed,
    so that the way back needs no guess. Rows are read and written past all managers: nothing is
    hidden, and nothing is stamped.

    Args:
        phase: The phase's name.
        apps: The models as they are at this point of the migrations.
        using: The database.
    """

    def __init__(self, phase: str, apps: StateApps, using: str) -> None:
        self.phase = phase
        self.apps = apps
        self.using = using

    def rows(self, model_name: str) -> Rows:
        """Return all rows of a model in the order of their keys."""
        model: Any = self.apps.get_model(APP_LABEL, model_name)
        return QuerySet(model, using=self.using).order_by("pk")

    def batches(self, rows: Rows) -> Iterator[list[Any]]:
        """Yield rows in the order of their keys, a thousand at a time."""
        batch = list(rows.order_by("pk")[:BATCH_SIZE])
        while batch:
            yield batch
            batch = list(rows.order_by("pk").filter(pk__gt=batch[-1].pk)[:BATCH_SIZE])

    def read(self, rows: Rows) -> Iterator[Any]:
        """Yield rows one by one, read in batches."""
        for batch in self.batches(rows):
            yield from batch

    def recorded(self, model_name: str) -> Rows:
        """Return what the phase wrote down about a model's rows."""
        label = self.apps.get_model(APP_LABEL, model_name)._meta.label_lower
        return self._records().filter(model=label)

    def change(self, repairs: Iterable[Repair]) -> None:
        """Give rows new values, and write down the old ones. Costs two statements a batch."""
        for batch in _cut(repairs):
            self._record(
                (CHANGED, one.row, encode_row(one.row, one.values), one.values, one.reason)
                for one in batch
            )
            for one in batch:
                for name, value in one.values.items():
                    setattr(one.row, name, value)
            names = sorted({name for one in batch for name in one.values})
            rows = list({one.row.pk: one.row for one in batch}.values())
            self._plain(rows[0]).bulk_update(rows, names)

    def keep(self, rows: Iterable[Any], names: Sequence[str], reason: str) -> None:
        """Write down columns that the phase is about to drop or to make anew."""
        for batch in _cut(rows):
            self._record((CHANGED, row, encode_row(row, names), {}, reason) for row in batch)

    def set_aside(self, rows: Iterable[Any], reason: str) -> None:
        """Take rows to which no other row points out of their table, whole."""
        for batch in _cut(rows):
            names = [field.attname for field in batch[0]._meta.local_concrete_fields]
            self._record((SET_ASIDE, row, encode_row(row, names), {}, reason) for row in batch)
            keys = [row.pk for row in batch]
            self._plain(batch[0]).filter(pk__in=keys)._raw_delete(self.using)

    def make(self, made: Iterable[Any], reason: str) -> None:
        """Store rows that the phase makes."""
        for batch in _cut(made):
            self._plain(batch[0]).bulk_create(batch)
            names = [field.attname for field in batch[0]._meta.local_concrete_fields]
            self._record((MADE, row, {}, _read_values(row, names), reason) for row in batch)

    def undo(self) -> None:
        """Undo all that is written down, the last first, and forget it.

        What somebody has changed since is left as it is; so is a made row that others point to.
        """
        while records := list(self._records().order_by("-pk")[:BATCH_SIZE]):
            for (label, action), group in groupby(records, lambda one: (one.model, one.action)):
                model: Any = self.apps.get_model(label)
                UNDO[action](QuerySet(model, using=self.using), list(group))
            keys = [record.pk for record in records]
            self._records().filter(pk__in=keys)._raw_delete(self.using)

    def _records(self) -> Rows:
        return self.rows("ModernisationRecord").filter(phase=self.phase)

    def _plain(self, row: Any) -> Rows:
        return QuerySet(type(row), using=self.using)

    def _record(self, entries: Iterable[tuple[str, Any, Any, Any, str]]) -> None:
        model: Any = self.apps.get_model(APP_LABEL, "ModernisationRecord")
        QuerySet(model, using=self.using).bulk_create(
            [
                model(
                    phase=self.phase,
                    model=row._meta.label_lower,
                    object_id=row.pk,
                    action=action,
                    old=old,
                    new={name: _encode(value) for name, value in new.items()},
                    reason=reason,
                )
                for action, row, old, new, reason in entries
            ]
        )


def encode_row(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return some values of a row as JSON holds them."""
    return {name: _encode(value) for name, value in _read_values(row, names).items()}


def _read_values(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _encode(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | FieldFile):
        return str(value)
    return value.pk if isinstance(value, Model) else value


def _decode(field: Field[Any, Any], value: Any) -> Any:
    return None if value is None else getattr(field, "target_field", field).to_python(value)


def _cut(items: Iterable[Any]) -> Iterator[list[Any]]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _undo_changes(rows: Rows, records: list[Any]) -> None:
    stored = rows.in_bulk([record.object_id for record in records])
    changed: set[str] = set()
    touched = {}
    for record in records:
        row = stored.get(record.object_id)
        for name, old in record.old.items() if row is not None else ():
            field: Any = rows.model._meta.get_field(name)
            if name not in record.new or _is_unchanged(row, name, record.new[name]):
                setattr(row, field.attname, _decode(field, old))
                changed.add(field.name)
                touched[record.object_id] = row
    if touched:
        rows.bulk_update(list(touched.values()), sorted(changed), batch_size=BATCH_SIZE)


def _put_back(rows: Rows, records: list[Any]) -> None:
    fields = {field.attname: field for field in rows.model._meta.local_concrete_fields}
    restored = [
        rows.model(**{name: _decode(fields[name], old) for name, old in record.old.items()})
        for record in reversed(records)
    ]
    # Its time of creation is one of the values that were set aside.
    automatic = [name for name, field in fields.items() if getattr(field, "auto_now_add", False)]
    values = [{name: getattr(row, name) for name in automatic} for row in restored]
    rows.bulk_create(restored)
    for row, known in zip(restored, values, strict=True):
        for name, value in known.items():
            setattr(row, name, value)
    if automatic:
        rows.bulk_update(restored, automatic)


def _unmake(rows: Rows, records: list[Any]) -> None:
    stored = rows.in_bulk([record.object_id for record in records])
    for record in records:
        row = stored.get(record.object_id)
        if row is None or _is_held(row, rows.db):
            continue
        if all(_is_unchanged(row, name, value) for name, value in record.new.items()):
            rows.filter(pk=row.pk)._raw_delete(rows.db)


def _is_unchanged(row: Any, name: str, value: Any) -> bool:
    """Tell whether a row still has what the phase gave it."""
    field: Any = row._meta.get_field(name)
    return bool(getattr(row, field.attname) == _decode(field, value))


def _is_held(row: Any, using: str) -> bool:
    """Tell whether another row points to this one."""
    return any(
        QuerySet(related.related_model, using=using).filter(**{related.field.name: row.pk}).exists()
        for related in row._meta.get_fields(include_hidden=True)
        if related.auto_created
        and not related.concrete
        and (related.one_to_one or related.one_to_many)
    )


UNDO: Final = {CHANGED: _undo_changes, SET_ASIDE: _put_back, MADE: _unmake}
