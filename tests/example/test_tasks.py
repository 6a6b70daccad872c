"""What people do to tasks, and what tasks refuse, by whichever door."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.models import (
    Booking,
    Notification,
    PermissionOverride,
    PropertyOwnership,
    Task,
    TaskDependency,
    TaskWork,
    User,
)
from api.models.auth import Role
from api.models.task_choices import TaskStatus, TaskType
from api.services.changes import making_changes
from api.services.permission import get_access, list_workers
from api.services.task import (
    add_dependency,
    assign_task,
    assign_to_me,
    attach_fields,
    change_task,
    count_by_status,
    create_task,
    duplicate_task,
    find_running,
    list_next_statuses,
    mute_task,
    notify_manager,
    remove_dependency,
    set_status,
    set_statuses,
    start_timer,
    stop_timer,
    sum_work,
    unmute_task,
)
from django_modernize.context import change_context
from django_modernize.integrity import ConstraintViolated
from tests.example.rows import Corner

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_task(owl):
    """Return a maker of cleanings, as a machine makes them."""

    def make(title="Clean", **values):
        return Task.objects.create(
            **{"title": title, "property": owl, "task_type": TaskType.CLEANING, **values}
        )

    return make


def read(task):
    return Task.all_objects.get(pk=task.pk)


# Statuses


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


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


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


# Dependencies


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


# Locks


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Scrub"),
        ("description", "the floor"),
        ("due_date", timezone.now()),
        ("task_type", "inspection"),
    ],
)
def test_what_a_person_sets_is_locked_by_whichever_door(make_task, manager, name, value):
    task = make_task()
    with change_context(actor=manager, source="manual"):
        for write in (
            lambda: change(Task.objects.get(), **{name: value}).save(),
            lambda: change(Task.objects.get(), **{name: value}).save(update_fields=[name]),
            lambda: Task.objects.update(**{name: value}),
            lambda: Task.objects.bulk_update([change(Task.objects.get(), **{name: value})], [name]),
        ):
            with transaction.atomic():
                write()
                assert read(task).locked_fields == [name]
                transaction.set_rollback(True)


@pytest.mark.parametrize("source", ["excel_import", "system", "migration"])
def test_what_automation_sets_is_not_locked(make_task, manager, source):
    task = make_task()
    with change_context(actor=manager, source=source):
        Task.objects.update(title="Scrub")
        change(Task.objects.get(), description="the floor").save()
    assert read(task).locked_fields == []


def test_what_a_person_saves_unchanged_is_not_locked(make_task, manager):
    task = make_task()
    change_task(actor=manager, task=task, title="Clean")
    assert read(task).locked_fields == []


def test_locks_add_up_and_are_given_back_field_by_field(make_task, manager):
    task = make_task()
    change_task(actor=manager, task=task, title="Scrub", due_date=timezone.now())
    assign_task(actor=manager, task=task, assignee=manager)
    assert read(task).locked_fields == ["assigned_to", "due_date", "title"]
    attach_fields(actor=manager, task=task, names=["title"])
    assert read(task).locked_fields == ["assigned_to", "due_date"]
    attach_fields(actor=manager, task=task)
    assert read(task).locked_fields == []
    with pytest.raises(ValidationError):
        attach_fields(actor=manager, task=task, names=["property"])


# Who does it, and who hears of it


def test_staff_take_what_nobody_has_and_a_manager_what_somebody_has(make_task, cleaner, manager):
    task = make_task()
    assign_to_me(actor=cleaner, task=task)
    assert read(task).assigned_to == cleaner
    assign_to_me(actor=manager, task=task)
    assert read(task).assigned_to == manager
    with pytest.raises(PermissionDenied, match="Somebody else"):
        assign_to_me(actor=cleaner, task=task)
    with pytest.raises(PermissionDenied):
        assign_task(actor=cleaner, task=task, assignee=cleaner)
    assign_task(actor=manager, task=task, assignee=None)
    assert read(task).assigned_to is None


def test_nobody_gets_a_task_who_has_left(make_task, cleaner, manager):
    cleaner.is_active = False
    with pytest.raises(ValidationError, match="has left"):
        assign_task(actor=manager, task=make_task(), assignee=cleaner)


def test_a_task_is_muted_and_heard_of_again(make_task, cleaner):
    task = make_task()
    mute_task(actor=cleaner, task=task)
    mute_task(actor=cleaner, task=task)
    assert list(task.muted_by.all()) == [cleaner]
    unmute_task(actor=cleaner, task=task)
    assert not task.muted_by.exists()
    with pytest.raises(PermissionDenied):
        mute_task(actor=cleaner, task=make_task(task_type=TaskType.LAUNDRY))


def test_managers_are_called_to_a_task_and_hear_of_it_once_while_unread(
    make_task, cleaner, manager, administrator
):
    task = make_task()
    assert notify_manager(actor=cleaner, task=task, message="No hot water") == 2
    assert notify_manager(actor=cleaner, task=task, message=" Still none ") == 2
    notices = Notification.objects.filter(verb="attention", matter=f"task:{task.pk}")
    assert {notice.recipient for notice in notices} == {manager, administrator}
    assert {(notice.count, notice.changes["message"]) for notice in notices} == {(2, "Still none")}
    assert notify_manager(actor=manager, task=task, message="Come") == 1
    for message in (" ", "x" * 501):
        with pytest.raises(ValidationError):
            notify_manager(actor=cleaner, task=task, message=message)


# Making, changing, copying


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


# The timer


def test_a_person_has_one_timer_and_another_task_stops_it(make_task, cleaner):
    first, second = make_task(), make_task()
    span = start_timer(actor=cleaner, task=first)
    assert start_timer(actor=cleaner, task=first) == span
    assert read(first).status == "in_progress"
    start_timer(actor=cleaner, task=second)
    assert find_running(cleaner).task == second
    assert TaskWork.objects.get(task=first).ended_at is not None
    assert stop_timer(actor=cleaner).task == second
    assert stop_timer(actor=cleaner) is None


def test_a_second_running_timer_of_a_person_is_refused_by_the_database(make_task, cleaner):
    task = make_task()
    start_timer(actor=cleaner, task=task)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskWork.objects.create(task=task, user=cleaner, started_at=timezone.now())


def test_the_work_on_a_task_is_the_sum_of_what_has_ended(make_task, cleaner, manager):
    task = make_task()
    now = timezone.now()
    for person, minutes in ((cleaner, 30), (manager, 15)):
        TaskWork.objects.create(
            task=task, user=person, started_at=now, ended_at=now + timedelta(minutes=minutes)
        )
    start_timer(actor=cleaner, task=task)
    assert sum_work(task) == timedelta(minutes=45)


# What a permission does not open


def test_a_colleagues_task_is_not_taken_by_a_change(cleaner, make_person, make_task):
    colleague = make_person(Role.STAFF, task_group="cleaning")
    task = make_task(assigned_to=colleague)
    with pytest.raises(PermissionDenied):
        change_task(actor=cleaner, task=task, assigned_to=cleaner)
    assert change_task(actor=cleaner, task=make_task(), assigned_to=cleaner).assigned_to == cleaner


def test_a_copy_gives_a_colleague_no_work_but_of_whoever_may_assign(
    manager, make_staff, make_person, make_task
):
    colleague = make_person(Role.STAFF, task_group="cleaning")
    helper = make_staff("add_task", "view_all_tasks")
    task = make_task(assigned_to=colleague)
    assert duplicate_task(actor=helper, task=task).assigned_to is None
    assert duplicate_task(actor=manager, task=task).assigned_to == colleague


def test_a_task_is_not_put_into_a_house_that_the_actor_does_not_see(make_person, owl, crane):
    owner = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner)
    for name in ("api.add_task", "api.change_task"):
        PermissionOverride.objects.create(
            user=owner, permission=name, is_granted=True, reason="for a test"
        )
    task = create_task(actor=owner, title="Mow", property=owl, assigned_to=owner)
    with pytest.raises(PermissionDenied):
        create_task(actor=owner, title="Mow", property=crane)
    with pytest.raises(PermissionDenied):
        change_task(actor=owner, task=task, property=crane)
    assert read(task).property == owl


def test_a_task_that_has_the_status_already_is_neither_changed_nor_refused(make_task, manager):
    done = make_task(status=TaskStatus.COMPLETED)
    outcome = set_statuses(actor=manager, tasks=[done, make_task()], status="completed")
    assert done not in outcome.changed
    assert (len(outcome.changed), outcome.refused) == (1, {})


def test_a_task_of_a_booking_is_of_its_house(owl, manager):
    booking = Corner(owl).make(Booking)
    assert create_task(actor=manager, title="Towels", booking=booking).property == owl


def test_a_timer_leaves_the_status_of_work_that_has_begun(make_task, cleaner):
    task = make_task(status=TaskStatus.IN_PROGRESS)
    start_timer(actor=cleaner, task=task)
    task.refresh_from_db()
    assert (task.status, find_running(cleaner).task) == (TaskStatus.IN_PROGRESS, task)


def test_nobody_gets_a_task_who_may_only_look(make_task, manager, make_person, cleaner, owl):
    viewer, task = make_person(Role.VIEWER), make_task()
    with pytest.raises(ValidationError, match="may only look at tasks") as refused:
        assign_task(actor=manager, task=task, assignee=viewer)
    assert refused.value.error_dict["assigned_to"][0].code == "no_worker"
    with pytest.raises(ValidationError, match="may only look at tasks"):
        change_task(actor=manager, task=task, assigned_to=viewer)
    with pytest.raises(ValidationError, match="may only look at tasks"):
        create_task(actor=manager, title="Mow", property=owl, assigned_to=viewer)
    Task.objects.filter(pk=task.pk).update(assigned_to=viewer)
    # Who had it before may keep it.
    assert change_task(actor=manager, task=task, title="Wash", assigned_to=viewer).title == "Wash"


def test_who_may_be_given_a_task_is_who_may_change_it(manager, make_person, cleaner, administrator):
    viewer, helper, gone = (make_person(Role.VIEWER) for _ in range(3))
    barred = make_person(Role.STAFF)
    for person, is_granted in ((helper, True), (barred, False)):
        PermissionOverride.objects.create(
            user=person, permission="api.change_task", is_granted=is_granted, reason="so"
        )
    PermissionOverride.objects.create(
        user=gone,
        permission="api.change_task",
        is_granted=True,
        reason="once",
        expires_at=timezone.now() + timedelta(days=1),
    )
    PermissionOverride.objects.filter(user=gone).update(expires_at=timezone.now())
    workers = set(list_workers(get_access(administrator)))
    assert {cleaner, manager, helper, administrator} <= workers
    assert workers & {viewer, barred, gone} == set()
    assert viewer in list_workers(get_access(administrator), keep=Q(pk=viewer.pk))
    User.objects.filter(pk=cleaner.pk).update(is_active=False)
    assert cleaner not in list_workers(get_access(administrator))
