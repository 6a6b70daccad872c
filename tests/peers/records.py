"""Records as each of the other packages writes them."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import reversion
from auditlog.context import set_actor
from django.apps import apps

from django_modernize.audit import AuditEvent

from .models import Kept, Logged, Versioned

MOMENT = dt.datetime(2024, 2, 29, 23, 59, 1, 123000, tzinfo=dt.UTC)
VALUES = {
    "name": 'None of "it\'s" é',
    "count": -3,
    "flag": False,
    "day": dt.date(2024, 2, 29),
    "moment": MOMENT,
    "price": Decimal("12.500"),
    "length": dt.timedelta(days=1, seconds=2, milliseconds=3),
    "ratio": 0.1,
    "address": "10.0.0.1",
    "data": {"a": [1, None, "x"]},
    "hour": dt.time(9, 30),
    "code": uuid.UUID(int=7),
    "binary": b"\x00\xff",
}
needs_triggers = pytest.mark.database_lacks("sqlite", reason="has no pghistory")


def write_logged(ann):
    # It cannot write bytes that are no UTF-8: the save fails.
    values = {name: value for name, value in VALUES.items() if name != "binary"}
    with set_actor(ann, remote_addr="10.1.1.1"):
        row = Logged.objects.create(**values, owner=ann)
        row.count = 4
        row.save()
        key = row.pk
        row.delete()
    return Logged, key


def write_kept(ann):
    row = Kept(**VALUES, owner=ann)
    row._history_user, row._change_reason = ann, "spring"
    row.save()
    row.count = 4
    row.save()
    key = row.pk
    row.delete()
    return Kept, key


def write_versioned(ann):
    with reversion.create_revision():
        row = Versioned.objects.create(**VALUES, owner=ann)
        reversion.set_user(ann)
        reversion.set_comment("spring")
    with reversion.create_revision():
        row.count = 4
        row.save()
        reversion.set_user(ann)
    key = row.pk
    row.delete()
    return Versioned, key


def write_evented(ann):
    import pghistory

    Evented = apps.get_model("peers", "Evented")
    with pghistory.context(user=ann.pk, url="/spring/"):
        row = Evented.objects.create(**VALUES, owner=ann)
        row.count = 4
        row.save()
        key = row.pk
        row.delete()
    return Evented, key


WRITERS = {
    "auditlog": write_logged,
    "simple_history": write_kept,
    "reversion": write_versioned,
    "pghistory": write_evented,
}
EVERY_SOURCE = [
    "auditlog",
    "simple_history",
    "reversion",
    pytest.param("pghistory", marks=needs_triggers),
]


def imported(name):
    return AuditEvent.objects.filter(source=name).order_by("id")
