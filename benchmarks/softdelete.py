"""A parent that goes, and comes back, with three kinds of children."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.db import connection, models, transaction
from django.utils import timezone

from .database import clear_tables
from .harness import Benchmark, Variant
from .models import PlainHouse, SoftHouse

__all__ = ["list_benchmarks"]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; each kind of child has a tenth of the rows."""
    count = rows // 10
    plain = Variant(
        name="plain Django: delete()",
        prepare=lambda: make_family(PlainHouse, count),
        run=delete_parent,
        uses_library=False,
    )
    by_hand = Variant(
        name="the same marks by hand-written SQL",
        prepare=lambda: make_family(SoftHouse, count),
        run=mark_by_hand,
        uses_library=False,
    )
    yield Benchmark(
        group="softdelete",
        title=f"deleting a parent with 3 * {count:,} children",
        variants=(
            plain,
            by_hand,
            Variant(
                name="soft delete",
                prepare=lambda: make_family(SoftHouse, count),
                run=delete_parent,
            ),
            Variant(name="restore", prepare=lambda: make_deleted_family(count), run=restore_parent),
        ),
    )


def make_family(model: type[models.Model], count: int) -> Any:
    """Return a stored parent with that many children of each kind."""
    kinds = [relation.related_model for relation in model._meta.related_objects]
    clear_tables(*(kind._meta.db_table for kind in kinds), model._meta.db_table)
    parent = model._base_manager.create(name="measured")
    for kind in kinds:
        children = (kind(house=parent, title=f"child {number}") for number in range(count))
        kind._base_manager.bulk_create(children)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return parent


def make_deleted_family(count: int) -> Any:
    """Return a parent that was hidden with its children."""
    parent = make_family(SoftHouse, count)
    parent.delete()
    return parent


def delete_parent(parent: Any) -> None:
    parent.delete()


def restore_parent(parent: Any) -> None:
    parent.restore()


def mark_by_hand(parent: Any) -> None:
    """Write what a soft delete writes, as one who knows the schema would."""
    marks = "deleted_at = %s, deletion_reason = '', deletion_id = %s"
    values: list[Any] = [timezone.now(), uuid4().hex]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE benchmarks_softhouse SET {marks} WHERE id = %s AND deleted_at IS NULL",
            [*values, parent.pk],
        )
        for table in ("benchmarks_softtask", "benchmarks_softnote", "benchmarks_softphoto"):
            cursor.execute(
                f"UPDATE {table} SET {marks} WHERE house_id = %s AND deleted_at IS NULL",
                [*values, parent.pk],
            )
