"""Import records into the trail in batches, each record once."""

from collections.abc import Callable
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model, Q, QuerySet

from django_modernize.audit.recording import record_events

from .models import ImportedRecord
from .sources import Source

__all__ = ["import_records"]

BATCH_SIZE: Final = 1_000

Progress = Callable[[str, int], object]


def import_records(
    source: Source,
    *,
    model: type[Model] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Import the records of another package into the trail, except those already imported.

    Each batch of 1,000 is a transaction, so an interrupted run can be resumed.

    Args:
        source: The other package.
        model: Import only the records of this model's objects.
        dry_run: Count without importing anything.
        progress: Called with the name of a table and the number of its records read so far.
        using: The alias of the database with the records and the trail.

    Returns:
        The number of events that were or would be written.

    Costs at most five statements to read a batch, and five to write it.
    """
    written = 0
    for records in source.list_tables(model, using):
        label, read, after = records.model._meta.label_lower, 0, None
        while batch := _read_batch(records, source.order, after):
            written += _import_batch(source, label, batch, using, dry_run=dry_run)
            after, read = batch[-1], read + len(batch)
            if progress is not None:
                progress(label, read)
    return written


def _read_batch(
    records: "QuerySet[Any]", order: tuple[str, ...], after: Model | None
) -> list[Model]:
    """Return the next records, continuing after the last one read so that none is read twice."""
    names = [_resolve(name, records.model) for name in order]
    if after is not None:
        records = records.filter(_come_after(names, after))
    return list(records.order_by(*names)[:BATCH_SIZE])


def _resolve(name: str, model: type[Model]) -> str:
    return model._meta.pk.name if name == "pk" else name


def _come_after(names: list[str], record: Model) -> Q:
    condition, same = Q(), Q()
    for name in names:
        value = getattr(record, name)
        condition |= same & Q(**{f"{name}__gt": value})
        same &= Q(**{name: value})
    return condition


def _import_batch(
    source: Source, label: str, batch: list[Model], using: str, *, dry_run: bool
) -> int:
    known = ImportedRecord._base_manager.using(using).filter(
        table=label, record__in=[str(record.pk) for record in batch]
    )
    done = set(known.values_list("record", flat=True))
    if len(done) == len(batch):
        return 0
    # Describe all records, since each is compared with the one before it.
    described = source.describe_records(batch, using)
    pairs = zip(batch, described, strict=True)
    missing = [(record, events) for record, events in pairs if str(record.pk) not in done]
    events = [event for _record, told in missing for event in told]
    if not dry_run:
        with transaction.atomic(using=using):
            # Insert these first, so that a concurrent run waits and is then refused.
            ImportedRecord._base_manager.using(using).bulk_create(
                ImportedRecord(table=label, record=str(record.pk)) for record, _told in missing
            )
            record_events(events, using=using)
    return len(events)
