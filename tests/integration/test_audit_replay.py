"""Whoever replays the trail arrives at the table as it is, whatever was written in whatever way."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_modernize.audit import AuditEvent
from django_modernize.audit.keys import object_key
from tests.testapp.models import EveryField

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "big": st.none() | st.integers(-(2**63), 2**63 - 1),
        "binary": st.none() | st.binary(max_size=20),
        "boolean": st.none() | st.booleans(),
        "date": st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
        "moment": st.none()
        | st.datetimes(dt.datetime(1000, 1, 2), dt.datetime(9999, 12, 30)).map(
            lambda moment: moment.replace(tzinfo=dt.UTC)
        ),
        "decimal": st.none() | st.decimals(-(10**8), 10**8, places=3),
        "duration": st.none() | st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999)),
        "floating": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
        "json": st.none() | JSON,
        "text": st.none() | TEXT,
        "time": st.none() | st.times(),
        "key": st.none() | st.uuids(),
    },
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "bulk_create", "save", "update", "bulk_update", "delete"]),
        st.integers(0, 5),
        VALUES,
    ),
    max_size=8,
)


def take_step(kind, position, values):
    """Write in one of the ways that there are."""
    if kind in ("create", "bulk_create"):
        rows = [EveryField(**values), *([EveryField()] if kind == "bulk_create" else [])]
        EveryField.objects.bulk_create(rows) if rows[1:] else rows[0].save()
    rows = list(EveryField.objects.order_by("id"))
    if rows:
        change_row(kind, rows[position % len(rows)], values)


def change_row(kind, row, values):
    for name, value in values.items():
        setattr(row, name, value)
    if kind == "save":
        row.save()
    elif kind == "update" and values:
        EveryField.objects.filter(pk=row.pk).update(**values)
    elif kind == "bulk_update" and values:
        EveryField.objects.bulk_update([row], list(values))
    elif kind == "delete":
        EveryField.objects.filter(pk=row.pk).delete()


def replay():
    """Return the rows that the trail tells of, and check each old value on the way."""
    rows = {}
    for event in AuditEvent.objects.order_by("id"):
        row = rows.setdefault(event.object_id, {})
        for name, (old, new) in event.decode_changes().items():
            assert row.get(name) == old
            row[name] = new
        if event.action == "delete":
            assert not any(value is not None for value in rows.pop(event.object_id).values())
    return rows


def read_rows():
    fields = [field.attname for field in EveryField._meta.concrete_fields]
    rows = {}
    for row in EveryField.objects.all():
        key = object_key(row)
        values = {name: getattr(row, name) for name in fields}
        values["binary"] = None if row.binary is None else bytes(row.binary)
        values["file"] = row.file.name
        values["owner"] = values.pop("owner_id")
        rows[key] = {name: value for name, value in values.items() if value is not None}
    return rows


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_replaying_the_trail_gives_the_table(steps):
    with transaction.atomic():
        for step in steps:
            take_step(*step)
        told = {
            key: {name: value for name, value in row.items() if value is not None}
            for key, row in replay().items()
        }
        assert told == read_rows()
        transaction.set_rollback(True)


def test_decimals_keep_all_their_digits():
    EveryField.objects.create(decimal=Decimal("123456789.123"))
    event = AuditEvent.objects.get()
    assert event.decode_changes()["decimal"] == (None, Decimal("123456789.123"))
