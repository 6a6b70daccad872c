"""Rows that are inserted together are what saving them one by one would have made."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from api.models import Booking, Task
from api.services.bulk_insert import insert_rows
from django_modernize.audit import AuditEvent
from django_modernize.context import change_context

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 18, 12, 0, 0, 123456, tzinfo=UTC)
NAMES = ("property", "check_in", "check_out", "guest_name", "earnings", "booked_on", "raw_row")
ODD_NAME = 'O\'Neill "%s" Ünïcode ; -- \\ {}'


def values(house, day=0, name="Ada"):
    start = NOON + timedelta(days=day)
    return (
        house.pk,
        start,
        start + timedelta(days=1),
        name,
        Decimal("12.34"),
        date(2026, 1, 2),
        {"a": [1, None, "ü", ODD_NAME]},
    )


def stored(booking):
    own = {"id", "guest_name", "check_in", "check_out", "created_at", "modified_at"}
    return {
        name: value
        for name, value in Booking.objects.values().get(pk=booking).items()
        if name not in own
    }


def test_a_row_is_what_saving_it_would_have_made(owl, administrator):
    with change_context(actor=administrator, source="excel_import", reason="test"):
        (key,) = insert_rows(Booking(listing_name="Gem"), NAMES, [values(owl)])
        saved = Booking(listing_name="Gem", property=owl)
        for name, value in list(zip(NAMES, values(owl, 5), strict=True))[1:]:
            setattr(saved, name, value)
        saved.save()
    assert stored(key) == stored(saved.pk)
    assert Booking.objects.get(pk=key).check_in == NOON


def test_json_may_be_written_out_already(owl):
    *first, raw = values(owl)
    plain = insert_rows(Booking(), NAMES, [values(owl, 5)])
    written = insert_rows(Booking(), NAMES, [[*first, json.dumps(raw)]], texts=["raw_row"])
    assert stored(*written) == stored(*plain)


def test_keys_come_in_the_order_of_the_rows(owl):
    rows = [values(owl, day, f"Guest {day}") for day in range(50)]
    keys = insert_rows(Booking(), NAMES, rows)
    names = Booking.objects.in_bulk(keys)
    assert [names[key].guest_name for key in keys] == [row[3] for row in rows]


def test_keys_of_later_rows_are_free(owl):
    insert_rows(Booking(), NAMES, [values(owl)])
    Booking.objects.create(
        property=owl, check_in=NOON + timedelta(days=9), check_out=NOON + timedelta(days=10)
    )
    insert_rows(Booking(), NAMES, [values(owl, 20)])
    assert Booking.objects.count() == 3


def test_no_text_is_taken_for_sql(owl):
    (key,) = insert_rows(Booking(listing_name=ODD_NAME), NAMES, [values(owl, name=ODD_NAME)])
    booking = Booking.objects.get(pk=key)
    assert (booking.guest_name, booking.listing_name) == (ODD_NAME, ODD_NAME)
    assert booking.raw_row == {"a": [1, None, "ü", ODD_NAME]}


def test_each_row_leaves_an_event_with_the_context(owl, administrator):
    with change_context(actor=administrator, source="excel_import"):
        insert_rows(Booking(), NAMES, [values(owl), values(owl, 5)])
    events = AuditEvent.objects.filter(object_type="api.booking", action="create")
    assert [(one.actor_id, one.source) for one in events] == [
        (administrator.pk, "excel_import")
    ] * 2


def test_one_wrong_row_inserts_none(owl):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Booking(), NAMES, [values(owl), values(owl)])
    assert not Booking.objects.exists()


def test_statements_do_not_grow_with_the_rows(owl):
    for count in (1, 300):
        Booking.all_objects.all().hard_delete()
        with CaptureQueriesContext(connection) as captured:
            insert_rows(Booking(), NAMES, [values(owl, day) for day in range(count)])
        assert len(captured) <= 2


def test_nothing_to_insert_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_rows(Task(), ("title",), []) == []


def test_a_field_without_a_column_is_refused():
    with pytest.raises(TypeError, match="no field with a column"):
        insert_rows(Booking(), ("tasks",), [(1,)])
