"""Events are found by the values that a change took away or brought."""

import datetime as dt
import math
import uuid
from decimal import Decimal

import pytest
from django.db import models

from django_modernize.audit import AuditEvent
from tests.testapp import models as testapp
from tests.testapp.models import EveryField, Ledger

pytestmark = pytest.mark.django_db(transaction=True)

SEARCHED = {
    "big": -(2**40),
    "boolean": True,
    "decimal": Decimal("12.500"),
    "floating": 0.25,
    "text": 'a "quoted", (odd) \\ text',
    "json": {"a": [1, None]},
    "date": dt.date(2026, 1, 2),
    "moment": dt.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=dt.UTC),
    "key": uuid.UUID(int=7),
    "time": dt.time(1, 2, 3),
}


def test_rows_that_came_or_went_are_found_by_each_of_their_values():
    every = EveryField.objects.create(**SEARCHED)
    EveryField.objects.create(text="another")
    key = every.pk
    every.delete()
    for name in SEARCHED:
        if name == "json":
            continue
        creation, deletion = AuditEvent.objects.filter(object_id=key).order_by("id")
        new, old = creation.changes[name][1], deletion.changes[name][0]
        assert old == new
        found = AuditEvent.objects.changed(name, new=new)
        assert list(found) == [creation], name
        assert list(AuditEvent.objects.changed(name, old=old)) == [deletion], name
        assert deletion not in AuditEvent.objects.changed(name, old=None), name


MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("big", -(2**40), -(2**40) + 1),
        ("binary", b"\x00\xff", b"\x00"),
        ("boolean", True, False),
        ("boolean", False, True),
        ("date", dt.date(2026, 1, 2), dt.date(2026, 1, 3)),
        ("moment", MOMENT, MOMENT + dt.timedelta(microseconds=1)),
        ("moment", MOMENT.replace(microsecond=600), MOMENT),
        ("decimal", Decimal(2), Decimal("2.5")),
        ("decimal", Decimal("-12.50"), Decimal("12.50")),
        ("decimal", Decimal("0.001"), Decimal("0.0011")),
        ("decimal", Decimal("123456789.125"), Decimal("123456789.126")),
        ("duration", dt.timedelta(days=-1, microseconds=7), dt.timedelta(days=-1)),
        ("file", "a/b.txt", "b.txt"),
        ("floating", 5.0, 5.5),
        ("floating", 1 / 3, 1 / 7),
        ("floating", 1e-7, 1e-8),
        ("floating", 1e300, 1e301),
        ("floating", math.inf, -math.inf),
        ("address", "2001:db8::1", "2001:db8::2"),
        ("json", {"b": [1, 2.5, None, True, "é\n"], "a": {}}, {"b": [1, 2.5, None, True, "é\n"]}),
        ("json", [], {}),
        ("json", "text", "tex"),
        ("json", 5.0, 6.0),
        ("json", False, True),
        ("text", '2026, "quoted" \\ (odd)', "2026"),
        ("time", dt.time(1, 2, 3, 400), dt.time(1, 2, 3)),
        ("key", uuid.UUID(int=7), uuid.UUID(int=8)),
        ("id", uuid.UUID(int=9), uuid.UUID(int=8)),
    ],
)
def test_events_are_found_by_values_as_the_field_holds_them(
    name, value, other, django_assert_num_queries
):
    row = EveryField.objects.create(**({"id": uuid.UUID(int=1)} | {name: value}))
    if name != "id":
        EveryField.objects.update(**{name: None})
        EveryField.objects.update(**{name: value})
    row.delete()
    EveryField.objects.create()
    changed = AuditEvent.objects.changed
    after, before = (
        [event.action for event in changed(name, **{side: value})] for side in ("new", "old")
    )
    with django_assert_num_queries(1):
        list(changed(name, new=value))
    assert after == (["create"] if name == "id" else ["update", "create"])
    assert before == (["delete"] if name == "id" else ["delete", "update"])
    assert list(AuditEvent.objects.for_model(EveryField).changed(name, new=value))
    assert not changed(name, new=other)
    assert not changed(name, old=other)


def test_a_value_is_found_as_text_as_well():
    key = uuid.UUID(int=7)
    EveryField.objects.create(key=key, decimal=2, date=dt.date(2026, 1, 2), floating=5)
    for name, texts in {
        "key": [key.hex, str(key)],
        "decimal": ["2", "2.0", "2.000", 2, 2.0],
        "date": ["2026-01-02"],
        "floating": [5, 5.0],
    }.items():
        for text in texts:
            assert AuditEvent.objects.changed(name, new=text).count() == 1, (name, text)


def test_members_in_another_order_are_the_same_json():
    EveryField.objects.create(json={"a": 1, "b": [2, 3]})
    assert AuditEvent.objects.changed("json", new={"b": [2, 3], "a": 1}).count() == 1
    assert AuditEvent.objects.changed("json", new={"b": [3, 2], "a": 1}).count() == 0


def test_json_null_is_nothing():
    EveryField.objects.create(json=models.Value(None, models.JSONField()), text="null")
    assert AuditEvent.objects.changed("json", new=None).count() == 1
    assert AuditEvent.objects.changed("text", new=None).count() == 0


def test_text_is_not_taken_for_a_number_of_another_model():
    Ledger.objects.create(title="2.00")
    EveryField.objects.create(text="2.000", decimal=2)
    assert AuditEvent.objects.changed("title", new="2").count() == 0
    assert AuditEvent.objects.changed("text", new=Decimal("2.0")).count() == 0


def test_a_foreign_key_is_found_by_the_object_and_by_its_key():
    parent = Ledger.objects.create(title="parent")
    child = Ledger.objects.create(title="child", parent=parent)
    changed = AuditEvent.objects.changed
    for value in (parent, parent.pk):
        assert [event.object_id for event in changed("parent", new=value)] == [str(child.pk)]
    assert not changed("parent", new=child)


def test_links_are_found_by_the_objects_that_they_lead_to():
    keyword = testapp.Keyword.objects.create()
    book = testapp.Book.objects.create(title="a", pages=1)
    book.tags.add(keyword)
    book.tags.remove(keyword)
    one, other = testapp.Reader.objects.create(), testapp.Reader.objects.create()
    one.friends.add(other)
    for name, linked in (("tags", keyword), ("friends", other)):
        for value in (linked, linked.pk, [linked], [linked.pk]):
            (event,) = AuditEvent.objects.changed(name, new=value)
            assert event.action == "m2m_add"
    assert AuditEvent.objects.changed("tags", old=keyword).get().action == "m2m_remove"


def test_what_no_field_of_that_name_holds_is_refused():
    key, changed = uuid.UUID(int=7), AuditEvent.objects.changed
    for name, value in (("nowhere", key), ("date", key), ("parent", EveryField())):
        with pytest.raises(TypeError, match="no model has a field of that name"):
            changed(name, new=value)
    with pytest.raises(ValueError, match="has no key yet"):
        changed("parent", new=Ledger(title="new"))


@pytest.mark.database_lacks("sqlite", reason="has no arrays")
def test_arrays_are_found():
    values = {
        "names": ["a b", 'it\'s "quoted"', None],
        "prices": [Decimal("1.5"), Decimal(2)],
        "moments": [dt.datetime(2026, 1, 1, 1, 30, 0, 500000, tzinfo=dt.UTC)],
        "keys": [uuid.UUID(int=7)],
        "blobs": [b"\x00\xff"],
        "grid": [[1, 2], [3, 4]],
    }
    drawer = testapp.Drawer.objects.create(**values)
    for name in values:
        testapp.Drawer.objects.update(**{name: None})
        testapp.Drawer.objects.update(**{name: values[name]})
    drawer.delete()
    for name, value in values.items():
        found = AuditEvent.objects.changed(name, new=value)
        assert [event.action for event in found] == ["update", "create"], name


def test_a_value_that_was_not_there_is_found_as_nothing():
    every = EveryField.objects.create(text="only this")
    (creation,) = AuditEvent.objects.all()
    assert list(AuditEvent.objects.changed("date", new=None)) == [creation]
    assert list(AuditEvent.objects.changed("text", new=None)) == []
    every.delete()
    assert AuditEvent.objects.changed("date", old=None).count() == 2
