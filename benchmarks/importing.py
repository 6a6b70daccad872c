"""AriStay's import of a workbook, against reading it and storing the same rows in plain Django."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from statistics import median
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction

from api.models import Booking
from api.models.base import HouseModel
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.excel_import import ImportReport, Timings, import_bookings
from api.services.excel_import.rows import parse_row
from api.services.excel_import.workbook import read_schedule
from api.services.task_template.defaults import provide_templates

from .database import clear_tables
from .harness import Benchmark, Variant
from .report import Facts

__all__ = ["list_benchmarks", "list_facts"]

FIRST, AGAIN = "first import", "the same file again"

_timings: dict[str, list[Timings]] = {FIRST: [], AGAIN: []}


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurement; the workbook has a tenth of the rows."""
    data = write_workbook(make_bookings(count=rows // 10, seed=1, start=date(2026, 12, 1)))
    yield Benchmark(
        group="import",
        title=f"import of {rows // 10:,} bookings",
        variants=(
            Variant(
                name="plain Django: read, bulk_create()",
                prepare=lambda: prepare_plain(data),
                run=lambda values: read_and_create(data, values),
                uses_library=False,
            ),
            Variant(name=FIRST, prepare=empty_tables, run=lambda _: run_import(FIRST, data)),
            Variant(
                name=AGAIN, prepare=lambda: fill_tables(data), run=lambda _: run_import(AGAIN, data)
            ),
        ),
    )


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the parts of the imports that were measured, without the one that warmed up."""
    parts = ("read_ms", "check_ms", "write_ms")
    medians = {
        name: [median(getattr(one, part) for one in timings[1:]) for part in parts]
        for name, timings in _timings.items()
    }
    yield Facts(
        title=f"parts of the import of {rows // 10:,} bookings, wall time in ms",
        headings=("import", "read", "check", "write", "together"),
        rows=[
            (name, *(f"{value:,.0f}" for value in (*values, sum(values))))
            for name, values in medians.items()
        ],
    )


def run_import(name: str, data: bytes) -> None:
    _timings[name].append(import_workbook(data).timings)


def import_workbook(data: bytes) -> ImportReport:
    return import_bookings(data, file_name="measured.xlsx", create_properties=True)


def empty_tables() -> None:
    """Leave nothing but the users, and the rules that a new company begins with."""
    stored = [plain_booking(), *apps.get_app_config("api").get_models()]
    stored.remove(get_user_model())
    clear_tables(*(model._meta.db_table for model in stored))
    provide_templates()


def fill_tables(data: bytes) -> None:
    """Leave what a first import leaves."""
    empty_tables()
    import_workbook(data)


def prepare_plain(data: bytes) -> list[dict[str, Any]]:
    """Return the values that an import stores, with an empty table to store them in."""
    fill_tables(data)
    names = [
        field.attname for field in plain_booking()._meta.concrete_fields if not field.primary_key
    ]
    return list(Booking._base_manager.values(*names))


def read_and_create(data: bytes, values: list[dict[str, Any]]) -> None:
    plain = plain_booking()
    schedule = read_schedule(data, sheet="")
    for row in schedule.rows:
        parse_row(row, schedule.columns)
    with transaction.atomic():
        plain._base_manager.bulk_create([plain(**one) for one in values])


@cache
def plain_booking() -> type[models.Model]:
    """Return a stored model with the columns of a booking, and no constraint, mixin or index."""
    mixed_in = {field.name for field in HouseModel._meta.local_fields}
    own = [field for field in Booking._meta.local_fields if field.name not in mixed_in]
    body: dict[str, Any] = {field.name: copy_field(field) for field in own}
    body["Meta"] = type("Meta", (), {"app_label": "benchmarks"})
    plain = type("PlainBooking", (models.Model,), {**body, "__module__": __name__})
    with connection.schema_editor() as editor:
        editor.create_model(plain)
    return plain


def copy_field(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    _, _, arguments, keywords = field.deconstruct()
    if field.is_relation:
        keywords["related_name"] = "+"
    return type(field)(*arguments, **keywords)
