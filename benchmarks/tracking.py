"""What it costs to know what changed on an instance, and whether the answer is right."""

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model

from .harness import Benchmark, Variant
from .models import House, make_stay
from .report import Facts
from .stays import StayTable
from .trackers.answers import QUESTIONS
from .trackers.kinds import KINDS, TrackerKind

__all__ = ["list_benchmarks", "list_facts"]

Work = Callable[[TrackerKind, Any], object]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; a tenth of the rows is saved."""
    works: tuple[tuple[str, int, Callable[[StayTable], Any], Work], ...] = (
        ("loading", rows, StayTable.store, load_rows),
        ("loading .only('id') of", rows, StayTable.store, load_keys),
        ("building in Python", rows, make_material, build_rows),
        ("loading, changing and asking", rows, StayTable.store, ask_rows),
        ("loading and reading every attribute of", rows, StayTable.store, read_rows),
        ("reading every attribute again, of", rows // 10, load_and_read, read_again),
        ("writing every attribute of", rows, StayTable.load, write_rows),
        ("changing and saving, in a transaction,", rows // 10, StayTable.load, save_rows),
    )
    for title, count, prepare, work in works:
        yield Benchmark(
            group="track",
            title=f"{title} {count:,}",
            variants=tuple(_make_variant(kind, count, prepare, work) for kind in KINDS),
        )


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the memory of a loaded instance, and which questions are answered rightly."""
    sizes = [(kind.name, _measure_memory(kind, rows)) for kind in KINDS]
    plain = sizes[0][1]
    yield Facts(
        title=f"memory of a loaded instance, of {rows:,}",
        headings=("variant", "over plain Django", "bytes"),
        rows=[(name, f"{size / plain:.2f}", f"{size:,.0f}") for name, size in sizes],
    )
    trackers = KINDS[1:]
    yield Facts(
        title="right answers",
        headings=("question", *(kind.name for kind in trackers)),
        rows=[
            (title, *("yes" if _is_right(kind, question) else "no" for kind in trackers))
            for title, question in QUESTIONS.items()
        ],
    )


def make_material(table: StayTable) -> list[dict[str, Any]]:
    """Return the values of rows, for the model's constructor."""
    house, _ = House._default_manager.get_or_create(name="measured")
    names = [field.name for field in table.model._meta.concrete_fields if not field.primary_key]
    stays = [make_stay(table.model, number, house) for number in range(table.rows)]
    return [{name: getattr(stay, name) for name in names} for stay in stays]


def load_and_read(table: StayTable) -> list[Any]:
    """Return instances of which every attribute was read once."""
    stays = table.load()
    _read_attributes(table.model, stays)
    return stays


def load_rows(kind: TrackerKind, stays: Any) -> None:
    list(stays)


def load_keys(kind: TrackerKind, stays: Any) -> None:
    list(stays.only("id"))


def build_rows(kind: TrackerKind, material: list[dict[str, Any]]) -> None:
    for values in material:
        kind.model(**values)


def ask_rows(kind: TrackerKind, stays: Any) -> None:
    for stay in stays:
        stay.status = "confirmed"
        kind.ask(stay)


def read_rows(kind: TrackerKind, stays: Any) -> None:
    _read_attributes(kind.model, stays)


def read_again(kind: TrackerKind, stays: list[Any]) -> None:
    # Few instances, and often: else this measures how far they lie apart in memory.
    for _ in range(100):
        _read_attributes(kind.model, stays)


def write_rows(kind: TrackerKind, stays: list[Any]) -> None:
    names = [field.attname for field in kind.model._meta.concrete_fields]
    values = [getattr(stays[0], name) for name in names]
    for stay in stays:
        for name, value in zip(names, values, strict=True):
            setattr(stay, name, value)


def save_rows(kind: TrackerKind, stays: list[Any]) -> None:
    with transaction.atomic():
        for stay in stays:
            stay.status = "confirmed"
            stay.save()


def _read_attributes(model: type[Model], stays: Iterable[Any]) -> None:
    names = [field.attname for field in model._meta.concrete_fields]
    for stay in stays:
        for name in names:
            getattr(stay, name)


def _make_variant(
    kind: TrackerKind, rows: int, prepare: Callable[[StayTable], Any], work: Work
) -> Variant:
    table = StayTable(model=kind.model, rows=rows)
    # Nobody else has the library on the connection, whose context is not what is measured.
    return Variant(
        name=kind.name,
        prepare=lambda: prepare(table),
        run=lambda material: work(kind, material),
        uses_library=False,
    )


def _measure_memory(kind: TrackerKind, rows: int) -> float:
    stays = StayTable(model=kind.model, rows=rows).store()
    list(stays[:10])
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loaded = list(stays)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return size / len(loaded)


def _is_right(kind: TrackerKind, question: Callable[[TrackerKind, Any], bool]) -> bool:
    stay = StayTable(model=kind.model, rows=1).load()[0]
    try:
        with transaction.atomic():
            return question(kind, stay)
    except Exception:  # noqa: BLE001 - a peer that raises gives no right answer
        return False
