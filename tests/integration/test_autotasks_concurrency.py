"""Two workers at once, and one that is killed, never make a task twice."""

import datetime
import re
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_modernize.autotasks import applying, running
from django_modernize.autotasks.running import run_subject
from django_modernize.autotasks.subjects import get_subject
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyRecord, DutyTemplate, Venue, Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visits():
    venue = Venue.objects.create(name="Barn")
    starts = timezone.now() + datetime.timedelta(days=5)
    return Visit.objects.bulk_create(
        [Visit(venue=venue, starts=starts, guest=str(index)) for index in range(20)]
    )


def run_in_threads(count, work):
    """Let each thread wait for the others, then work; return what went wrong."""
    barrier, errors = threading.Barrier(count), []

    def run():
        barrier.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 the test shows it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_workers_at_once_make_each_task_once(visits):
    for name in ("One", "Two"):
        make_template(name=name)
    assert run_in_threads(4, lambda: run_subject(get_subject("visit"))) == []
    assert Duty.objects.count() == DutyRecord.objects.count() == 2 * len(visits)
    assert not DutyTemplate.objects.exclude(failed_at=None).exists()


def test_a_worker_that_stops_in_the_middle_leaves_nothing_half(visits, monkeypatch):
    make_template()

    def stop(plan):
        raise KeyboardInterrupt

    monkeypatch.setattr(applying, "_refresh_records", stop)
    with pytest.raises(KeyboardInterrupt):
        run_subject(get_subject("visit"))
    assert Duty.objects.count() == DutyRecord.objects.count() == 0
    monkeypatch.undo()
    run_subject(get_subject("visit"))
    assert Duty.objects.count() == DutyRecord.objects.count() == len(visits)


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
@pytest.mark.parametrize(
    ("change", "values"),
    [
        ("starts", {"title": "By hand", "locked": ["title", "due_at"]}),
        ("deleted", {"status": "done"}),
    ],
)
def test_what_a_person_does_between_a_plan_and_its_writing_stays(
    visits, monkeypatch, change, values
):
    make_template()
    run_subject(get_subject("visit"))
    visit, duty = visits[0], Duty.objects.get(visit=visits[0])
    if change == "deleted":
        visit.delete()
    else:
        Visit.objects.filter(pk=visit.pk).update(starts=visit.starts + datetime.timedelta(days=1))
    lock = running.lock_tasks

    def change_and_lock(plan):
        Duty.objects.filter(pk=duty.pk).update(**values)
        return lock(plan)

    monkeypatch.setattr(running, "lock_tasks", change_and_lock)
    run_subject(get_subject("visit"))
    stored = Duty.objects.get(pk=duty.pk)
    assert {name: getattr(stored, name) for name in values} == values
    assert stored.due_at == duty.due_at


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_a_run_locks_the_tasks_that_it_changes_in_the_order_of_their_keys(visits):
    make_template()
    run_subject(get_subject("visit"))
    Visit.objects.update(starts=timezone.now() + datetime.timedelta(days=9))
    with CaptureQueriesContext(connection) as captured:
        run_subject(get_subject("visit"))
    statements = [one["sql"] for one in captured if "testapp_duty" in one["sql"]]
    writing = next(n for n, sql in enumerate(statements) if sql.startswith("UPDATE"))
    assert [
        sql for sql in statements[:writing] if re.search("ORDER BY .* ASC FOR NO KEY UPDATE", sql)
    ]
