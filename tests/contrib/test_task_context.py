"""The context travels with a background task, whose signature stays as it is."""

import json
import pickle

import pytest
from asgiref.sync import async_to_sync

from django_modernize.audit import AuditEvent
from django_modernize.context import change_context, get_context
from tests.testapp.models import Person

from . import jobs
from .tasks import task_backends

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_queue():
    yield
    task_backends["default"].queue.clear()


def work():
    """Do what is queued, long after whoever queued it has gone."""
    with change_context(actor_label="worker"):
        task_backends["default"].work()


def told():
    return [
        (event.actor_id, event.actor_label, event.reason, event.changes["title"][1])
        for event in AuditEvent.objects.for_model(jobs.Ledger).order_by("id")
    ]


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")


@pytest.mark.parametrize(
    "task", [jobs.create_ledger, jobs.create_ledger_async, jobs.create_numbered_ledger]
)
def test_a_task_runs_in_the_context_in_which_it_was_enqueued(ann, task):
    with change_context(actor=ann, reason="her import"):
        task.enqueue(title="later")
    work()
    assert told() == [(ann.pk, "ann", "her import", "later")]


def test_tasks_of_several_people_are_told_apart_and_leave_nothing_behind(ann):
    for name in ("bob", "eve"):
        with change_context(actor_label=name):
            jobs.create_ledger.enqueue(name)
    with change_context(actor_label="worker"):
        task_backends["default"].work()
        assert get_context().actor_label == "worker"
    assert [(label, title) for _, label, _, title in told()] == [("bob", "bob"), ("eve", "eve")]


def test_a_task_that_is_enqueued_asynchronously_takes_the_context_along(ann):
    async def enqueue():
        with change_context(actor=ann, reason="async"):
            await jobs.create_ledger.aenqueue("later", amount=2)

    async_to_sync(enqueue)()
    work()
    assert told() == [(ann.pk, "ann", "async", "later")]


def test_a_worker_may_run_a_task_asynchronously(ann):
    with change_context(actor=ann, reason="her import"):
        result = jobs.create_ledger.enqueue("later")

    async def work_at_once():
        await result.task.acall(*result.args, **result.kwargs)

    async_to_sync(work_at_once)()
    assert told() == [(ann.pk, "ann", "her import", "later")]


def test_a_user_who_is_deleted_meanwhile_leaves_key_and_name(ann):
    key = ann.pk
    with change_context(actor=ann):
        jobs.create_ledger.enqueue("later")
    ann.delete()
    work()
    assert told() == [(key, "ann", "", "later")]


def test_the_context_survives_any_queue(ann):
    with change_context(actor=ann):
        result = jobs.create_ledger.using(priority=7).enqueue("later")
    assert json.loads(json.dumps(result.kwargs)) == result.kwargs
    copy = pickle.loads(pickle.dumps(result.task))
    assert (copy.func, copy.priority) == (jobs.create_ledger.func, 7)


def test_a_task_of_another_backend_is_left_alone(ann):
    with change_context(actor=ann):
        jobs.create_ledger_plainly.enqueue("plain")
        jobs.create_ledger_plainly.using(backend="default").enqueue("moved")
    work()
    assert [title for *_, title in told()] == ["plain", "moved"]


def test_a_task_can_be_called_without_a_queue():
    with change_context(reason="direct"):
        jobs.create_ledger.call("direct")
    assert [(reason, title) for _, _, reason, title in told()] == [("direct", "direct")]
