"""Tasks are made, changed and copied, and how far they have come."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.models import (
    Booking,
    Task,
    TaskDependency,
)
from api.models.auth import Role
from api.models.task_choices import TaskStatus, TaskType
from api.services.task import (
    change_task,
    count_by_status,
    create_task,
    duplicate_task,
    list_next_statuses,
    set_status,
    set_statuses,
)
from tests.example.rows import Corner, change, read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("old", TaskStatus)
@pytest.mark.parametrize("new", TaskStatus)
def test_a_status_is_followed_only_by_those_that_may(make_task, old, new):
    task = make_task(status=old)
    is_legal = old == new or new in Task.status_flow[old]
    writes = [
        lambda: Task.objects.filter(pk=task.pk).update(status=new),
        lambda: Task.objects.bulk_update([change(Task.objects.get(), status=new)], ["status"]),
        lambda: change(Task.objects.get(), status=new).save(),
    ]
    for write in writes:
        with transaction.atomic():
            if is_legal:
                write()
                assert read(task).status == new
            else:
                with pytest.raises(ValidationError, match="cannot become"):
                    write()
                with pytest.raises(ValidationError):
                    change(Task.objects.get(), status=new).full_clean()
            transaction.set_rollback(True)


def test_what_is_begun_and_completed_has_its_times_and_what_is_taken_up_again_has_not(
    make_task, manager
):
    task = make_task()
    set_status(actor=manager, task=task, status="in_progress")
    begun = read(task).started_at
    assert begun is not None
    set_status(actor=manager, task=task, status="completed")
    assert read(task).completed_at is not None
    set_status(actor=manager, task=task, status="in_progress")
    assert (read(task).started_at, read(task).completed_at) == (begun, None)
    Task.objects.update(status="completed")
    assert read(task).completed_at is not None


def test_an_expression_as_a_status_is_refused_as_nobody_can_judge_it(make_task):
    make_task()
    with pytest.raises(ValueError, match="cannot be judged"):
        Task.objects.update(status=F("task_type"))


def test_many_statuses_at_once_leave_those_that_cannot_and_say_why(make_task, manager):
    before, after, done = make_task("before"), make_task("after"), make_task(status="cancelled")
    TaskDependency.objects.create(task=after, needed=make_task("first"))
    outcome = set_statuses(actor=manager, tasks=[before, after, done], status="completed")
    assert outcome.changed == [before]
    assert outcome.refused == {
        after: "Missing: the task “first” before it.",
        done: "What is “cancelled” cannot become “completed”.",
    }
    assert read(before).locked_fields == ["status"]


def test_many_statuses_cost_the_same_however_many_tasks(make_task, manager):
    def count(number):
        tasks = [make_task() for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            set_statuses(actor=manager, tasks=tasks, status="completed")
        return len(captured)

    assert count(2) >= count(12)


def test_a_status_that_there_is_not_is_refused(make_task, manager):
    with pytest.raises(ValidationError, match="no status"):
        set_status(actor=manager, task=make_task(), status="canceled")


def test_the_next_statuses_are_those_that_a_person_may_set(make_task):
    assert list_next_statuses(make_task()) == ["in_progress", "completed", "cancelled"]
    assert list_next_statuses(make_task(status="cancelled")) == ["pending"]


def test_counts_by_status_are_of_what_one_sees_in_one_query(
    make_task, manager, cleaner, django_assert_num_queries
):
    make_task()
    make_task(task_type=TaskType.LAUNDRY, status="cancelled")
    assert count_by_status(actor=manager)["cancelled"] == 1
    assert count_by_status(actor=cleaner) == {
        "pending": 1,
        "waiting_dependency": 0,
        "in_progress": 0,
        "completed": 0,
        "cancelled": 0,
    }
    with django_assert_num_queries(1):
        counts = count_by_status(actor=manager, tasks=Task.objects.filter(status="cancelled"))
    assert sum(counts.values()) == 1


def test_who_may_not_change_a_task_sets_no_status(make_task, cleaner, make_person):
    task = make_task(task_type=TaskType.LAUNDRY)
    for person in (cleaner, make_person(Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            set_status(actor=person, task=task, status="completed")
    with pytest.raises(PermissionDenied):
        set_statuses(actor=cleaner, tasks=[make_task(), task], status="completed")
    assert set(Task.objects.values_list("status", flat=True)) == {"pending"}


def test_a_manager_makes_a_task_and_staff_do_not(owl, manager, cleaner):
    task = create_task(actor=manager, title="Mow", property=owl, assigned_to=cleaner)
    assert (task.created_by, task.created_via) == (manager, "manual")
    with pytest.raises(PermissionDenied):
        create_task(actor=cleaner, title="Mow", property=owl)
    with pytest.raises(ValidationError):
        create_task(actor=manager, title="", property=owl)
    with pytest.raises(TypeError, match="status"):
        create_task(actor=manager, title="Mow", property=owl, status="completed")


def test_staff_change_their_work_and_do_not_hand_it_on(make_task, cleaner, manager):
    task = make_task()
    change_task(actor=cleaner, task=task, description="Mind the step")
    assert read(task).description == "Mind the step"
    change_task(actor=cleaner, task=task, assigned_to=cleaner)
    with pytest.raises(PermissionDenied):
        change_task(actor=cleaner, task=task, assigned_to=manager)


def test_a_copy_is_to_be_done_once_more(make_task, manager, cleaner):
    task = make_task(
        description="all rooms", due_date=timezone.now(), assigned_to=cleaner, status="completed"
    )
    copy = duplicate_task(actor=manager, task=task)
    assert copy.pk != task.pk
    assert (copy.status, copy.completed_at, copy.made_by) == ("pending", None, None)
    for name in ("title", "description", "property", "due_date", "assigned_to", "task_type"):
        assert getattr(copy, name) == getattr(task, name)
    with pytest.raises(PermissionDenied):
        duplicate_task(actor=cleaner, task=task)


def test_a_task_that_has_the_status_already_is_neither_changed_nor_refused(make_task, manager):
    done = make_task(status=TaskStatus.COMPLETED)
    outcome = set_statuses(actor=manager, tasks=[done, make_task()], status="completed")
    assert done not in outcome.changed
    assert (len(outcome.changed), outcome.refused) == (1, {})


def test_a_task_of_a_booking_is_of_its_house(owl, manager):
    booking = Corner(owl).make(Booking)
    assert create_task(actor=manager, title="Towels", booking=booking).property == owl
