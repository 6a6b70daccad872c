"""Tasks wait for those before them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from api.models import (
    Task,
    TaskDependency,
)
from api.services.changes import making_changes
from api.services.task import (
    add_dependency,
    remove_dependency,
    set_status,
)
from django_modernize.integrity import ConstraintViolated
from tests.example.rows import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(make_task, manager):
    """Wash before fold."""
    fold, wash = make_task("fold"), make_task("wash")
    add_dependency(actor=manager, task=fold, needed=wash)
    return fold, wash


def test_a_task_waits_while_another_before_it_is_open(chain, manager):
    fold, wash = chain
    assert read(fold).status == "waiting_dependency"
    with pytest.raises(ValidationError, match="Missing: the task “wash” before it"):
        set_status(actor=manager, task=fold, status="completed")
    set_status(actor=manager, task=wash, status="completed")
    assert read(fold).status == "pending"
    set_status(actor=manager, task=wash, status="in_progress")
    assert read(fold).status == "waiting_dependency"


def test_a_task_no_longer_waits_for_one_that_is_cancelled_deleted_or_no_longer_before_it(
    chain, manager
):
    fold, wash = chain
    set_status(actor=manager, task=wash, status="cancelled")
    assert read(fold).status == "pending"
    set_status(actor=manager, task=wash, status="pending")
    assert read(fold).status == "waiting_dependency"
    with making_changes():
        wash.delete()
    assert read(fold).status == "pending"
    with making_changes():
        wash.restore()
    assert read(fold).status == "waiting_dependency"
    assert remove_dependency(actor=manager, task=fold, needed=wash)
    assert not remove_dependency(actor=manager, task=fold, needed=wash)
    assert read(fold).status == "pending"


def test_many_tasks_before_it_that_are_written_in_bulk_count_as_well(chain, make_task):
    fold, wash = chain
    with making_changes():
        Task.objects.filter(pk=wash.pk).update(status="completed")
    assert read(fold).status == "pending"
    assert read(fold).locked_fields == []


def test_tasks_wait_for_one_another_in_no_circle_by_any_door(chain, make_task, manager):
    fold, wash = chain
    sort = make_task("sort")
    add_dependency(actor=manager, task=wash, needed=sort)
    with pytest.raises(ConstraintViolated, match="sort → fold → wash → sort") as caught:
        add_dependency(actor=manager, task=sort, needed=fold)
    assert caught.value.code == "cycle"
    with pytest.raises(ValidationError, match="wait for one another"):
        TaskDependency(task=sort, needed=sort).full_clean()
    writes = [
        lambda: TaskDependency.objects.create(task=sort, needed=fold),
        lambda: TaskDependency.objects.bulk_create([TaskDependency(task=sort, needed=fold)]),
        lambda: sort.depends_on.add(fold),
        lambda: TaskDependency.objects.filter(task=wash).update(needed=fold),
    ]
    for write in writes:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_dependency_that_is_there_already_is_refused(chain, manager):
    fold, wash = chain
    with pytest.raises(ConstraintViolated):
        add_dependency(actor=manager, task=fold, needed=wash)


def test_staff_do_not_say_what_comes_before_what(chain, cleaner):
    fold, wash = chain
    with pytest.raises(PermissionDenied):
        add_dependency(actor=cleaner, task=wash, needed=fold)
    with pytest.raises(PermissionDenied):
        remove_dependency(actor=cleaner, task=fold, needed=wash)
