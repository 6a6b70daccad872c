"""Rows that go and come back: one, a parent with its children, many; and lists without them."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from django_modernize.context import get_context

from .database import clear_tables
from .harness import Benchmark, Variant
from .models import PlainHouse, PlainPile, SoftHouse, SoftPile

__all__ = ["list_benchmarks"]


CHILD_TABLES: Final = ("benchmarks_softtask", "benchmarks_softnote", "benchmarks_softphoto")
TABLES: Final = ("benchmarks_softhouse", *CHILD_TABLES)


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; each kind of child has a tenth of the rows."""
    yield from list_deletions("one object", 0)
    yield from list_deletions(f"a parent with 3 * {rows // 10:,} children", rows // 10)
    yield Benchmark(
        group="softdelete",
        title=f"deleting {rows:,} rows with QuerySet.delete()",
        variants=(
            Variant(
                name="plain Django: delete()",
                prepare=lambda: make_rows(PlainPile, rows),
                run=delete_rows,
                uses_library=False,
            ),
            Variant(
                name="the same marks by hand-written SQL",
                prepare=lambda: make_rows(SoftPile, rows),
                run=mark_rows_by_hand,
            ),
            Variant(name="soft delete", prepare=lambda: make_rows(SoftPile, rows), run=delete_rows),
        ),
    )
    yield from list_lists(rows)


def list_deletions(title: str, count: int) -> Iterator[Benchmark]:
    """Yield what a parent costs that goes and comes back with that many children of each kind."""
    yield Benchmark(
        group="softdelete",
        title=f"deleting {title}",
        variants=(
            Variant(
                name="plain Django: delete()",
                prepare=lambda: make_family(PlainHouse, count),
                run=delete_parent,
                uses_library=False,
            ),
            Variant(
                name="the same marks by hand-written SQL",
                prepare=lambda: make_family(SoftHouse, count),
                run=mark_by_hand,
            ),
            Variant(
                name="soft delete",
                prepare=lambda: make_family(SoftHouse, count),
                run=delete_parent,
            ),
        ),
    )
    yield Benchmark(
        group="softdelete",
        title=f"restoring {title}",
        variants=(
            Variant(
                name="the marks taken off by hand-written SQL",
                prepare=lambda: make_deleted_family(count),
                run=unmark_by_hand,
            ),
            Variant(name="restore", prepare=lambda: make_deleted_family(count), run=restore_parent),
        ),
    )


def list_lists(rows: int) -> Iterator[Benchmark]:
    """Yield what the living cost to list and to count when nine of ten rows are deleted."""
    work = {"listing 100 of": list_rows, "counting": count_rows}
    for title, run in work.items():
        yield Benchmark(
            group="softdelete",
            title=f"{title} {rows:,} living rows",
            turns=20,
            variants=(
                Variant(
                    name="a table without deleted rows",
                    prepare=lambda: make_rows(PlainPile, rows),
                    run=run,
                    uses_library=False,
                ),
                Variant(
                    name="nine of ten deleted, AliveIndex",
                    prepare=lambda: make_mostly_deleted(rows),
                    run=run,
                ),
            ),
        )


def make_rows(model: type[models.Model], count: int) -> type[models.Model]:
    """Store rows of a model that stands alone, and return it."""
    clear_tables(model._meta.db_table)
    model._base_manager.bulk_create(model(name=f"row {number}") for number in range(count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return model


def make_mostly_deleted(count: int) -> type[models.Model]:
    """Store that many living rows among ten times as many."""
    make_rows(SoftPile, 10 * count)
    first = SoftPile.all_objects.order_by("pk").first()
    # Spread over the table, as time spreads them.
    SoftPile.objects.annotate(place=F("pk") - first.pk).exclude(place__contains="0").delete()
    extra = SoftPile.objects.order_by("pk").values("pk")[count:]
    SoftPile.objects.filter(pk__in=list(extra.values_list("pk", flat=True))).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return SoftPile


def delete_rows(model: Any) -> None:
    model.objects.all().delete()


def list_rows(model: Any) -> None:
    list(model.objects.order_by("name")[:100])


def count_rows(model: Any) -> None:
    model.objects.count()


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
    with transaction.atomic(), connection.cursor() as cursor:
        values = read_marks()
        mark_table(cursor, "benchmarks_softhouse", "id = %s", [*values, parent.pk])
        for table in CHILD_TABLES:
            mark_table(cursor, table, "house_id = %s", [*values, parent.pk])


def mark_rows_by_hand(model: Any) -> None:
    """Write what the deletion of all rows of a table writes."""
    with connection.cursor() as cursor:
        mark_table(cursor, model._meta.db_table, "1 = 1", read_marks())


def read_marks() -> list[Any]:
    context = get_context()
    return [timezone.now(), context.actor_id, context.reason, uuid4().hex]


def mark_table(cursor: Any, table: str, condition: str, values: list[Any]) -> None:
    cursor.execute(
        f"UPDATE {table} SET deleted_at = %s, deleted_by_id = %s, deletion_reason = %s, "
        f"deletion_id = %s WHERE {condition} AND deleted_at IS NULL",
        values,
    )


def unmark_by_hand(parent: Any) -> None:
    """Take the marks of one deletion off, as one who knows the schema would."""
    deletion = parent._meta.get_field("deletion_id").get_db_prep_value(
        parent.deletion_id, connection
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"UPDATE {table} SET deleted_at = NULL, deleted_by_id = NULL, "
                "deletion_reason = '', deletion_id = NULL WHERE deletion_id = %s",
                [deletion],
            )
