"""The timer of a task."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from api.models import (
    TaskWork,
)
from api.models.task_choices import TaskStatus
from api.services.task import (
    find_running,
    start_timer,
    stop_timer,
    sum_work,
)
from tests.example.rows import read

pytestmark = pytest.mark.django_db


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


def test_a_timer_leaves_the_status_of_work_that_has_begun(make_task, cleaner):
    task = make_task(status=TaskStatus.IN_PROGRESS)
    start_timer(actor=cleaner, task=task)
    task.refresh_from_db()
    assert (task.status, find_running(cleaner).task) == (TaskStatus.IN_PROGRESS, task)
