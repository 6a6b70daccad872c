"""Every block of Python in the pages on the features runs, with AriStay's rows where it wants some.

What a block defines or imports is there for the next one of its page, and no other import is. The
pages on stamps, on the diff, on the trail and on histories that are carried over have tests of
their own, with models of their own.
"""

import inspect
import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from types import SimpleNamespace
from unittest.mock import patch

import openpyxl
import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.test.utils import isolate_apps, override_settings
from django.utils import timezone
from django.utils.module_loading import import_string

from api.models import (
    AutoTaskTemplate,
    Booking,
    InventoryCategory,
    InventoryItem,
    Property,
    ScheduleTemplate,
    Task,
)
from api.models.task_choices import TaskType
from api.services.changes import making_changes
from api.services.inventory import start_stock
from django_modernize import autotasks
from django_modernize.autotasks import schedules
from django_modernize.autotasks.models import Trigger
from django_modernize.conf import get_settings
from django_modernize.context import get_context
from tests.pages import ROOT, python_blocks

pytestmark = pytest.mark.django_db

FEATURES = ROOT / "docs" / "features"
ELSEWHERE = {
    "stamps": "tests/integration/test_stamps_docs.py",
    "model_diff": "tests/integration/test_stamps_docs.py",
    "audit": "tests/integration/test_audit_docs.py",
    "carrying_over": "tests/integration/test_history_to_events.py",
}
# What a project has to say itself, so that no row of AriStay's can stand for it.
ONLY_COMPILED = {
    ("soft_delete", "join_alive"): "test_softdelete_faults.py runs it with relations of its own",
}
DEFINITION = r"^class \w+\((?:\w+Mixin|models\.Model|AutoTask\w+|RecurringTask\w+)"
PATHS = ("MIDDLEWARE", "FILE_UPLOAD_HANDLERS")


def run_page(name, rows):
    """Run the blocks of a page one after another, and judge the settings that they name."""
    names = {"__name__": "api.models.of_a_page", "INSTALLED_APPS": []}
    for number, block in enumerate(python_blocks(FEATURES / f"{name}.md")):
        if any(name == page and word in block for page, word in ONLY_COMPILED):
            continue
        if not re.search(DEFINITION, block, re.MULTILINE):
            names |= rows
        with isolate_apps("api"), patch.object(admin, "register", lambda _: lambda made: made):
            exec(compile(block, f"{name}.md, block {number}", "exec"), names)
        judge_settings(names)
    return names


def judge_settings(names):
    for one in PATHS:
        for path in names.pop(one, ()):
            import_string(path)
    if "MODERNIZE" in names:
        with override_settings(MODERNIZE=names.pop("MODERNIZE")):
            get_settings()


def make_stay(house, days):
    start = timezone.now() + timedelta(days=days)
    return Booking(
        property=house, guest_name="Ada", check_in=start, check_out=start + timedelta(days=2)
    )


@pytest.fixture
def _tasks_of_django(monkeypatch):
    """Let the module of Django's own tasks be that of the backport where there is none yet."""
    if find_spec("django.tasks") is None:
        for name in ("", ".backends", ".backends.immediate"):
            module = import_module(f"django_tasks{name}")
            monkeypatch.setitem(sys.modules, f"django.tasks{name}", module)


@pytest.mark.usefixtures("_tasks_of_django")
def test_the_context(administrator, cleaner):
    names = run_page("context", {"ann": administrator, "bob": cleaner})
    seen = []
    middleware = names["ImpersonationMiddleware"](lambda request: seen.append(get_context()))
    middleware(SimpleNamespace(impersonator=administrator, user=cleaner))
    assert seen[0].actor == administrator


def test_integrity(owl):
    bookings = [make_stay(owl, 30), make_stay(owl, 40)]
    run_page("integrity", {"Booking": Booking, "bookings": bookings})
    assert Booking.objects.count() == 2


def test_soft_delete(owl, administrator):
    cursor = SimpleNamespace(execute=lambda statement: None)
    run_page(
        "soft_delete", {"house": owl, "House": Property, "ann": administrator, "cursor": cursor}
    )
    assert not Property.all_objects.exists()


@pytest.fixture
def _registers(monkeypatch):
    """Have what registers look at its arguments and register nothing: AriStay has done so."""
    for module, name in ((autotasks, "register_subject"), (schedules, "register_schedule")):
        judge = inspect.signature(getattr(module, name)).bind_partial
        monkeypatch.setattr(module, name, judge)


@pytest.mark.usefixtures("_registers")
def test_rules_for_tasks(owl, administrator, monkeypatch):
    with making_changes():
        booking = make_stay(owl, 10)
        booking.save()
    template, task = AutoTaskTemplate.objects.get(is_active=True), Task.objects.get()
    schedule = ScheduleTemplate.objects.create(
        name="Pool", property=owl, rule="FREQ=WEEKLY", first_day=date(2026, 1, 1), title="Pool"
    )
    rows = {
        "stored": schedule,
        "schedule": schedule,
        "Booking": Booking,
        "booking": booking,
        "bookings": [make_stay(owl, 30)],
        "form": SimpleNamespace(changed_data=["due_date"]),
        "form_token": "17",
        "register_subject": autotasks.register_subject,
        "task": task,
        "template": template,
        "extra_cleaning": AutoTaskTemplate.objects.create(
            name="Extra cleaning",
            title="Clean once more",
            task_type=TaskType.CLEANING,
            subject_key="booking",
            trigger=Trigger.BY_HAND,
            anchor="check_in",
        ),
    }
    names = run_page("auto_tasks", rows)
    assert names["explain"](task).template == template
    assert Booking.objects.count() == 2


def test_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    book, stream = openpyxl.Workbook(), BytesIO()
    book.active.title = "Bookings"
    book.active.append(["Code", "Guest"])
    book.save(stream)
    file = ContentFile(stream.getvalue(), name="plan.xlsx")
    names = run_page("uploads", {"request": SimpleNamespace(FILES={"plan": file})})
    assert names["read"].rows == [["Code", "Guest"]]


def test_permissions(administrator, cleaner):
    rows = {
        "manager": administrator,
        "cleaner": cleaner,
        "end_of_august": timezone.now() + timedelta(days=30),
        "request": SimpleNamespace(user=cleaner),
    }
    assert not run_page("permissions", rows)["tasks"].exists()


def test_inventory(owl, crane, administrator):
    item = InventoryItem.objects.create(
        name="Soap", category=InventoryCategory.objects.create(name="Bathroom")
    )
    here, there = (
        start_stock(actor=administrator, item=item, house=house, par=Decimal(2), stock=Decimal(10))
        for house in (owl, crane)
    )
    rows = {"user": administrator, "soap": here, "soap_next_door": there, "Decimal": Decimal}
    run_page("inventory", rows)
    here.refresh_from_db()
    assert here.stock == 5


def test_every_page_with_python_is_run_by_some_test():
    ours = {"context", "integrity", "soft_delete", "auto_tasks", "uploads", "permissions"}
    ours.add("inventory")
    pages = {path.stem for path in FEATURES.glob("*.md") if python_blocks(path)}
    assert pages == ours | ELSEWHERE.keys()
    assert all((ROOT / path).exists() for path in ELSEWHERE.values())
