"""AriStay's import of a workbook, against reading it and storing the same rows in plain Django."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from statistics import median
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import connection, models, transaction

from api.models import Booking, BookingImportLog, BookingImportPlan
from api.models.base import HouseModel
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.excel_import import ImportReport, Timings, import_bookings
from api.services.excel_import.rows import parse_row
from api.services.excel_import.workbook import read_schedule
from api.services.import_plan import apply_plan, approve_labels, create_plan, undo_import
from api.services.task_template.defaults import provide_templates
from django_modernize.audit import untracked

from .database import clear_tables
from .harness import Benchmark, Variant
from .report import Facts

__all__ = ["list_benchmarks", "list_facts"]

FIRST, AGAIN, LATER = "first import", "the same file again", "a later save of it"
RULELESS, UNTRACKED = "first import, no rules for tasks", "first import, no rules and no trail"
LATER_UNTRACKED = "a later save of it, no trail"
PLAN, APPLY, UNDO = "as a plan: read and stored", "a plan applied", "an import undone"
PARTS: Final = ("read_ms", "check_ms", "write_ms", "tasks_ms")

UNTRACKED_TWINS: Final = {FIRST: UNTRACKED, RULELESS: UNTRACKED, LATER: LATER_UNTRACKED}
"""What the same import takes without the trail; one that changes nothing writes none."""

_timings: dict[str, list[Timings]] = {
    name: [] for name in (FIRST, RULELESS, UNTRACKED, AGAIN, LATER, LATER_UNTRACKED)
}


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurement; the workbook has a tenth of the rows."""
    count = rows // 10
    bookings = make_bookings(count=count, seed=1, start=date(2026, 12, 1))
    data, later = write_workbook(bookings), write_workbook(save_later(bookings))
    yield Benchmark(
        group="import",
        title=f"import of {count:,} bookings",
        variants=(
            Variant(
                name="plain Django: read, bulk_create()",
                prepare=lambda: prepare_plain(data),
                run=lambda values: read_and_create(data, values),
                uses_library=False,
            ),
            measure_import(FIRST, empty_and_rule, data),
            measure_import(RULELESS, empty_tables, data),
            measure_import(UNTRACKED, empty_tables, data, has_trail=False),
            measure_import(AGAIN, lambda: fill_tables(data), data),
            measure_import(LATER, lambda: fill_tables(data), later),
            measure_import(LATER_UNTRACKED, lambda: fill_tables(data), later, has_trail=False),
            Variant(name=PLAN, prepare=empty_and_rule, run=lambda _: store_plan(data)),
            Variant(name=APPLY, prepare=lambda: prepare_plan(data), run=apply_stored),
            Variant(name=UNDO, prepare=lambda: fill_tables(data), run=undo_stored),
        ),
    )


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the parts of the imports that were measured, without the one that warmed up."""
    medians = {
        name: [median(getattr(one, part) for one in timings[1:]) for part in PARTS]
        for name, timings in _timings.items()
        if len(timings) > 1
    }
    yield Facts(
        title=f"parts of the import of {rows // 10:,} bookings, wall time in ms",
        headings=("import", "read", "plan", "write", "tasks", "together", "of writing, audit"),
        rows=[
            (
                name,
                *(f"{value:,.0f}" for value in (*values, sum(values))),
                describe_trail(name, medians),
            )
            for name, values in medians.items()
        ],
    )


def describe_trail(name: str, medians: Mapping[str, Sequence[float]]) -> str:
    """Return what the trail takes of the writing: what its twin without one does not take."""
    twin = medians.get(UNTRACKED_TWINS.get(name, ""))
    if twin is None:
        return "-"
    writing = PARTS.index("write_ms")
    return f"{medians[name][writing] - twin[writing]:,.0f}"


def measure_import(
    name: str, prepare: Callable[[], object], data: bytes, *, has_trail: bool = True
) -> Variant:
    return Variant(name=name, prepare=prepare, run=lambda _: run_import(name, data, has_trail))


def run_import(name: str, data: bytes, has_trail: bool) -> None:
    with nullcontext() if has_trail else untracked("measured"):
        _timings[name].append(import_workbook(data).timings)


def import_workbook(data: bytes) -> ImportReport:
    return import_bookings(data, file_name="measured.xlsx", create_properties=True)


def save_later(bookings: list[Any]) -> list[Any]:
    """Return bookings as a week later: a tenth further on, some longer, a few new."""
    changed = [
        replace(one, status="Currently hosting")
        if number % 10 == 0
        else replace(one, guest_name=f"{one.guest_name} Jr.")
        if number % 50 == 1
        else one
        for number, one in enumerate(bookings)
    ]
    last = max(one.end for one in bookings)
    fresh = make_bookings(count=max(1, len(bookings) // 50), seed=2, start=last + timedelta(days=1))
    return [*changed, *fresh]


def empty_tables() -> None:
    """Leave nothing but the users."""
    stored = [plain_booking(), *apps.get_app_config("api").get_models()]
    stored.remove(get_user_model())
    clear_tables(*(model._meta.db_table for model in stored))


def empty_and_rule() -> None:
    """Leave the users, and the rules for tasks that a new company begins with."""
    empty_tables()
    provide_templates()


def fill_tables(data: bytes) -> BookingImportLog:
    """Leave what a first import leaves."""
    empty_and_rule()
    return BookingImportLog.objects.get(pk=import_workbook(data).log_id)


def store_plan(data: bytes) -> BookingImportPlan:
    """Leave a plan to be applied."""
    file = ContentFile(data, name="measured.xlsx")
    return create_plan(file, actor=find_actor())


def prepare_plan(data: bytes) -> BookingImportPlan:
    """Leave a plan in which every house is approved."""
    empty_and_rule()
    plan = store_plan(data)
    return approve_labels(plan, plan.labels.all(), actor=find_actor())


def apply_stored(plan: BookingImportPlan) -> None:
    apply_plan(plan, actor=find_actor())


def undo_stored(log: BookingImportLog) -> None:
    undo_import(log, actor=find_actor())


def find_actor() -> Any:
    users: Any = get_user_model()._default_manager
    found, _ = users.get_or_create(username="measurer", is_superuser=True)
    return found


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
