"""Rows that go and come back: one, a parent with its children, many, beside the peers."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any, Final

from django.db import connection, models

from django_modernize.softdelete import (
    post_restore,
    post_soft_delete,
    pre_restore,
    pre_soft_delete,
)

from . import living, purging
from .by_hand import mark_family, mark_rows, unmark_family
from .database import clear_tables
from .harness import Benchmark, Variant
from .hiders.kinds import KINDS
from .living import make_rows
from .models import PlainHouse, PlainPile, SoftHouse, SoftPile
from .report import Facts, Transcript

__all__ = ["list_benchmarks", "list_facts"]

BY_HAND: Final = "by hand-written SQL"


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; each kind of child has a tenth of the rows."""
    yield from list_families("one object", 0)
    yield from list_families(f"a parent with 3 * {rows // 10:,} children", rows // 10)
    yield Benchmark(
        group="softdelete",
        title=f"deleting {rows:,} rows with QuerySet.delete()",
        variants=tuple(list_pile_variants(rows)),
    )
    # The peers need thousands of statements.
    yield Benchmark(
        group="softdelete",
        title=f"deleting {rows // 10:,} rows with QuerySet.delete(), beside the peers",
        variants=(*list_pile_variants(rows // 10), *list_peer_piles(rows // 10)),
    )
    yield from purging.list_benchmarks(rows)
    yield from living.list_benchmarks(rows)


def list_facts(rows: int) -> Iterator[Facts | Transcript]:
    """Yield the plans of lists, and the memory of a purge."""
    yield from chain(living.explain_lists(rows), purging.measure_memory(rows))


def list_families(title: str, count: int) -> Iterator[Benchmark]:
    """Yield what a parent costs that goes and comes back with that many children of each kind."""
    make_soft = partial(make_family, SoftHouse, count)
    make_deleted = partial(make_deleted_family, count)
    yield Benchmark(
        group="softdelete",
        title=f"deleting {title}",
        variants=(
            Variant(
                name="plain Django: delete()",
                prepare=partial(make_family, PlainHouse, count),
                run=delete_row,
                uses_library=False,
            ),
            Variant(name=BY_HAND, prepare=make_soft, run=mark_family),
            Variant(name="soft delete", prepare=make_soft, run=delete_row),
            Variant(
                name="soft delete, with receivers",
                prepare=make_soft,
                run=delete_row,
                context=connected_receivers,
            ),
            *(
                Variant(
                    name=kind.name,
                    prepare=partial(make_family, kind.parent, count, kind.tables),
                    run=delete_row,
                    uses_library=False,
                )
                for kind in KINDS
            ),
        ),
    )
    yield Benchmark(
        group="softdelete",
        title=f"restoring {title}",
        variants=(
            Variant(name=BY_HAND, prepare=make_deleted, run=unmark_family),
            Variant(name="restore", prepare=make_deleted, run=restore_row),
            Variant(
                name="restore, with receivers",
                prepare=make_deleted,
                run=restore_row,
                context=connected_receivers,
            ),
            *(
                Variant(
                    name=kind.name,
                    prepare=partial(make_peer_deleted, kind, count),
                    run=kind.restore,
                    uses_library=False,
                )
                for kind in KINDS
            ),
        ),
    )


def list_pile_variants(rows: int) -> Iterator[Variant]:
    """Yield the ways to delete rows that stand alone."""
    yield Variant(
        name="plain Django: delete()",
        prepare=partial(make_rows, PlainPile, rows),
        run=delete_all,
        uses_library=False,
    )
    yield Variant(name=BY_HAND, prepare=partial(make_rows, SoftPile, rows), run=mark_rows)
    yield Variant(name="soft delete", prepare=partial(make_rows, SoftPile, rows), run=delete_all)


def list_peer_piles(rows: int) -> Iterator[Variant]:
    """Yield the peers' ways to do so."""
    for kind in KINDS:
        yield Variant(
            name=kind.name,
            prepare=partial(make_peer_rows, kind, rows),
            run=delete_all,
            uses_library=False,
        )


@contextmanager
def connected_receivers() -> Iterator[None]:
    """Have somebody listen to each row that goes or comes back."""
    signals = (pre_soft_delete, post_soft_delete, pre_restore, post_restore)
    for signal in signals:
        signal.connect(hear_of_row)
    try:
        yield
    finally:
        for signal in signals:
            signal.disconnect(hear_of_row)


def hear_of_row(sender: Any, **facts: Any) -> None:
    """Do nothing."""


def make_family(model: type[models.Model], count: int, tables: tuple[str, ...] = ()) -> Any:
    """Return a stored parent with that many children of each kind."""
    kinds = [relation.related_model for relation in model._meta.related_objects]
    clear_tables(*tables, *(kind._meta.db_table for kind in kinds), model._meta.db_table)
    parent = model._base_manager.create(name="measured")
    for kind in kinds:
        children = [kind(house=parent, title=f"child {number}") for number in range(count)]
        models.QuerySet(kind).bulk_create(children)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return parent


def make_deleted_family(count: int) -> Any:
    """Return a parent that was hidden with its children."""
    parent = make_family(SoftHouse, count)
    parent.delete()
    return parent


def make_peer_deleted(kind: Any, count: int) -> Any:
    """Return a peer's parent that was hidden with its children."""
    parent = make_family(kind.parent, count, kind.tables)
    parent.delete()
    return parent


def make_peer_rows(kind: Any, count: int) -> Any:
    clear_tables(*kind.tables)
    return make_rows(kind.pile, count)


def delete_row(row: Any) -> None:
    row.delete()


def restore_row(row: Any) -> None:
    row.restore()


def delete_all(model: Any) -> None:
    model.objects.all().delete()
