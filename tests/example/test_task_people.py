"""Who does a task, who hears of it, and what a person has locked on it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from api.models import (
    Notification,
    PermissionOverride,
    PropertyOwnership,
    Task,
    User,
)
from api.models.auth import Role
from api.models.task_choices import TaskType
from api.services.permission import get_access, list_workers
from api.services.task import (
    assign_task,
    assign_to_me,
    attach_fields,
    change_task,
    create_task,
    duplicate_task,
    mute_task,
    notify_manager,
    unmute_task,
)
from django_modernize.context import change_context
from tests.example.rows import change, read

pytestmark = pytest.mark.django_db


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
