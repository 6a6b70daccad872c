"""A Celery application whose broker is a folder."""

import os
from pathlib import Path

import celery
import django
from django.apps import apps

from django_modernize.contrib.celery import carry_context

if not apps.ready:
    django.setup()

app = celery.Celery("tests")
carry_context()


def use_folder(folder):
    """Have messages lie in a folder."""
    parts = {name: Path(folder) / name for name in ("queue", "control")}
    for part in parts.values():
        part.mkdir(parents=True, exist_ok=True)
    app.conf.update(
        broker_url="filesystem://",
        broker_transport_options={
            "data_folder_in": str(parts["queue"]),
            "data_folder_out": str(parts["queue"]),
            "control_folder": str(parts["control"]),
        },
        broker_connection_retry_on_startup=False,
        task_ignore_result=True,
        worker_enable_remote_control=False,
    )


@app.task(bind=True, max_retries=1)
def create_ledger(self, title, fails_first=False):
    """Write a row, at the second attempt if told."""
    from tests.testapp.models import Ledger

    if fails_first and not self.request.retries:
        raise self.retry(countdown=0)
    Ledger.objects.create(title=title)


@app.task
def enqueue_ledger(title):
    """Leave the writing to another task."""
    create_ledger.delay(title)


if "CELERY_FOLDER" in os.environ:
    use_folder(os.environ["CELERY_FOLDER"])
