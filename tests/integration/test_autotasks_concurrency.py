"""Two workers at once, and one that is killed, never make a task twice."""

import datetime
import threading

import pytest
from django.db import connection
from django.utils import timezone

from django_modernize.autotasks import applying
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
