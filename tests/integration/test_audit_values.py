"""Values come back as what the field holds, and what JSON cannot hold is kept all the same."""

import datetime as dt
import math
import os
import uuid
from contextlib import nullcontext
from decimal import Decimal

import pytest
from django.db import connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_modernize.audit import AuditEvent, erase, history, seal, verify
from django_modernize.audit.changes import ERASED
from django_modernize.audit.decoders import decode_value
from django_modernize.audit.encoders import encode_value
from django_modernize.audit.locking import unlocked
from django_modernize.audit.recording import RecordedEvent, record_events
from django_modernize.context import change_context
from tests.connections import other_program
from tests.testapp import models as testapp
from tests.testapp.models import EveryField, Ledger, Purse
from tests.testapp.models_values import Money

pytestmark = pytest.mark.django_db(transaction=True)

# PostgreSQL has no NUL in text, and nobody a lone surrogate.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries(
    {
        "big": INTEGERS,
        "binary": st.binary(max_size=30),
        "boolean": st.booleans(),
        "date": st.dates(),
        # Of the years at the ends there is none in every zone.
        "moment": st.datetimes(
            dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1), timezones=st.just(dt.UTC)
        ),
        # SQLite keeps fifteen digits.
        "decimal": st.decimals(-999_999_999, 999_999_999, places=3, allow_nan=False),
        "duration": st.timedeltas(dt.timedelta(days=-9_999_999), dt.timedelta(days=9_999_999)),
        "file": TEXTS,
        "floating": st.floats(allow_nan=False),
        "address": st.ip_addresses().map(str),
        "json": JSON.filter(lambda value: value is not None),
        "text": TEXTS,
        "time": st.times(),
        "key": st.uuids(),
    }
)


def last_events(count):
    return list(AuditEvent.objects.order_by("-id")[:count])[::-1]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(VALUES, VALUES)
def test_events_give_back_what_a_row_held(tables, first, second):
    row = EveryField.objects.create(**first)
    stored = EveryField.objects.values(*first).get(pk=row.pk)
    EveryField.objects.filter(pk=row.pk).update(**second)
    changed = EveryField.objects.values(*second).get(pk=row.pk)
    row.delete()
    events = last_events(2 if stored == changed else 3)
    created, *between, deleted = [event.decode_changes() for event in events]
    updated = between[0] if between else {}
    for name in first:
        assert created[name] == (None, stored[name])
        assert deleted[name] == (changed[name], None)
        assert updated.get(name, (stored[name], changed[name])) == (stored[name], changed[name])
        assert type(created[name][1]) is type(stored[name])


@pytest.fixture
def tables(transactional_db):
    """Tables that a property writes to, and leaves as they were."""


def store(field, literal):
    """Have another program store a value in a field, and take it away; give both events."""
    field = EveryField._meta.get_field(field)
    quote = connection.ops.quote_name
    table, column, key = quote(EveryField._meta.db_table), quote(field.column), uuid.uuid4()
    row = key if connection.vendor == "postgresql" else key.hex
    with other_program() as program:
        program.execute(f"INSERT INTO {table} (id, {column}) VALUES ('{row}', {literal})")
        program.execute(f"UPDATE {table} SET {column} = NULL WHERE id = '{row}'")
    created, emptied = [event.decode_changes()[field.name] for event in last_events(2)]
    assert repr(created[1]) == repr(emptied[0])
    return created[1]


@pytest.mark.database_lacks("postgresql", reason="holds in a column what its type says alone")
@pytest.mark.parametrize(
    ("field", "literal", "kept"),
    [
        ("big", "'many'", "many"),
        ("big", "9e999", "Inf"),
        ("big", "-9e999", "-Inf"),
        ("big", "1e20", 10**20),
        ("big", "x'ff00'", "FF00"),
        ("boolean", "'perhaps'", "perhaps"),
        ("boolean", "9e999", "Inf"),
        ("boolean", "7", 7),
        ("date", "9e999", "Inf"),
        ("date", "'soon'", "soon"),
        ("time", "2e0", 2),
        ("duration", "1e30", 1e30),
        ("decimal", "'a lot'", "a lot"),
        ("decimal", "9e999", Decimal("Infinity")),
        ("floating", "-9e999", -math.inf),
        ("floating", "'1.5'", 1.5),
        ("text", "x'ff00'", "FF00"),
        ("text", "'a' || char(0) || 'b'", "a\x00b"),
        ("text", "cast(x'e941' AS text)", "\N{REPLACEMENT CHARACTER}A"),
        ("moment", "x'e941'", "\N{REPLACEMENT CHARACTER}A+00:00"),
        ("key", "'no key'", "no key"),
        ("address", "'nowhere'", "nowhere"),
        ("binary", "'text'", b"text"),
    ],
)
def test_what_sqlite_lets_any_column_hold_is_kept(field, literal, kept):
    assert store(field, literal) == kept


@pytest.mark.database_lacks("sqlite", reason="has no such values")
@pytest.mark.parametrize(
    ("field", "literal", "kept"),
    [
        ("date", "'infinity'", "infinity"),
        ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
        ("date", "'12345-01-01'", "12345-01-01"),
        ("moment", "'-infinity'", "-infinity"),
        ("time", "'24:00'", "24:00:00"),
        ("floating", "'NaN'", math.nan),
        ("floating", "'-Infinity'", -math.inf),
        ("floating", "5e-324", 5e-324),
        ("decimal", "'NaN'", Decimal("NaN")),
        ("duration", "'178000000 years'", 5617252800000000000000),
        ("address", "'10.0.0.0/8'", "10.0.0.0/8"),
        (
            "json",
            """'{"a": 123456789012345678901234567890}'""",
            {"a": 123456789012345678901234567890},
        ),
    ],
)
def test_what_python_or_json_has_no_value_for_is_kept(field, literal, kept):
    assert repr(store(field, literal)) == repr(kept)


@pytest.mark.database_lacks("sqlite", reason="holds at most 64 bits")
@pytest.mark.parametrize("duration", [dt.timedelta.min, dt.timedelta.max])
def test_the_longest_durations_are_recorded(duration):
    EveryField.objects.create(duration=duration)
    assert last_events(1)[0].decode_changes()["duration"] == (None, duration)


@pytest.mark.database_lacks("postgresql", reason="refuses text that is not in its encoding")
def test_text_that_is_no_utf8_hinders_neither_reading_nor_sealing():
    with other_program() as program:
        program.execute(
            "INSERT INTO testapp_ledger (title, amount) VALUES (cast(x'e9' AS text), 1)"
        )
        program.execute("INSERT INTO testapp_ledger (title, amount) VALUES ('good', 1)")
    titles = [event.changes["title"][1] for event in AuditEvent.objects.order_by("id")]
    assert titles == ["\N{REPLACEMENT CHARACTER}", "good"]
    seal()
    assert verify().is_sound


@pytest.mark.parametrize("is_atomic", [False, True])
def test_text_that_the_driver_refuses_leaves_nothing_behind(is_atomic):
    block = transaction.atomic if is_atomic else nullcontext
    with change_context(reason="refused"), pytest.raises(UnicodeEncodeError), block():
        Ledger.objects.create(title="half \ud83d")
    with change_context(reason="good"), block():
        Ledger.objects.create(title="whole \U0001f600")
    assert [(event.reason, event.changes["title"]) for event in AuditEvent.objects.all()] == [
        ("good", [None, "whole \U0001f600"])
    ]


def test_an_infinity_does_not_hinder_a_search_in_the_trail():
    Ledger.objects.create(title="a", amount=1)
    infinity = "9e999" if connection.vendor == "sqlite" else "1"
    with other_program() as program:
        program.execute(f"UPDATE testapp_ledger SET amount = {infinity}")
    Ledger.objects.update(amount=2)
    assert AuditEvent.objects.changed("amount", new=2).count() == 1


def test_a_table_of_more_columns_than_functions_take_arguments_is_recorded():
    first = {f"column_{number}": {"a": None, "b": [number, '"', {}]} for number in range(150)}
    row = testapp.WideRow.objects.create(**first)
    testapp.WideRow.objects.update(column_0=1, column_70=2, column_149=3)
    row.delete()
    created, updated, deleted = [event.decode_changes() for event in last_events(3)]
    assert {name: pair[1] for name, pair in created.items()} == {"id": created["id"][1], **first}
    assert {name: pair[1] for name, pair in updated.items()} == {
        "column_0": 1,
        "column_70": 2,
        "column_149": 3,
    }
    assert deleted["column_149"] == (3, None)
    seal()
    assert verify().is_sound


def test_a_field_of_the_projects_own_gives_its_own_values():
    Purse.objects.create(money=Money("1.50", "EUR"), coins=[1, 2])
    changes = last_events(1)[0].decode_changes()
    assert changes["money"] == (None, Money("1.50", "EUR"))
    assert changes["coins"] == (None, (1, 2))


def test_a_field_that_cannot_read_a_value_gives_it_as_it_was_stored():
    class Sealed(models.TextField):
        def from_db_value(self, value, expression, connection):
            raise LookupError("no key opens this")

    assert decode_value(Sealed(), "********") == "********"


def test_a_field_that_was_renamed_or_lost_still_gives_values_of_its_type():
    key = uuid.uuid4()
    old = RecordedEvent(
        object_type="testapp.purse",
        object_id="1",
        action="update",
        changes={"owner": [None, key.hex], "weight": ["1.50", "2.50"], "colour": ["red", "blue"]},
    )
    record_events([old])
    assert last_events(1)[0].decode_changes() == {
        "holder": (None, key),
        "weight": (Decimal("1.50"), Decimal("2.50")),
        # Of what nobody knows any more, the value is kept as it was written.
        "colour": ("red", "blue"),
    }


def test_an_event_of_a_model_that_is_gone_is_readable():
    record_events(
        [
            RecordedEvent(
                object_type="gone.model", object_id="1", action="update", changes={"a": [1, 2]}
            )
        ]
    )
    assert last_events(1)[0].decode_changes() == {"a": (1, 2)}


def test_a_generated_value_has_the_type_of_what_it_is_generated_from():
    field = models.GeneratedField(
        expression=models.F("a"), output_field=models.DecimalField(), db_persist=True
    )
    assert decode_value(field, "1.5") == Decimal("1.5")


@pytest.mark.database_lacks("sqlite", reason="has neither arrays nor ranges")
def test_arrays_and_ranges_come_back():
    from django.db.backends.postgresql.psycopg_any import (
        DateRange,
        DateTimeTZRange,
        NumericRange,
    )

    def moment(hour):
        return dt.datetime(2026, 1, 1, hour, 30, tzinfo=dt.UTC)

    values = {
        "names": ["plain", 'it\'s "quoted", with {braces}', None, ""],
        "prices": [Decimal("12345678901234567890.0123456789")],
        "moments": [moment(1), moment(2)],
        "pauses": [dt.timedelta(days=-3, microseconds=7)],
        "keys": [uuid.uuid4()],
        "blobs": [b"\x00\xff"],
        "grid": [[1, 2], [3, 4]],
        "numbers": NumericRange(1, 5),
        "amounts": NumericRange(Decimal("0.5"), None, "(]"),
        "days": DateRange(dt.date(2026, 1, 1), dt.date(2026, 2, 1)),
        "times": DateTimeTZRange(moment(1), moment(2)),
    }
    testapp.Drawer.objects.create(**values)
    stored = testapp.Drawer.objects.values(*values).get()
    testapp.Drawer.objects.update(numbers=NumericRange(empty=True), names=[], grid=None)
    testapp.Drawer.objects.all().delete()
    created, updated, deleted = [event.decode_changes() for event in last_events(3)]
    assert {name: created[name][1] for name in values} == stored
    # What other records are read into is what a trigger would have written.
    written = last_events(3)[0].changes
    for name, value in stored.items():
        field = testapp.Drawer._meta.get_field(name)
        assert decode_value(field, encode_value(field, value)) == decode_value(
            field, written[name][1]
        )
    assert encode_value(field, DateTimeTZRange(empty=True)) == "empty"
    assert updated["numbers"] == (NumericRange(1, 5), NumericRange(empty=True))
    assert updated["grid"] == ([[1, 2], [3, 4]], None)
    assert deleted["names"] == ([], None)


@pytest.mark.database_lacks("postgresql", reason="refuses text that is not in its encoding")
def test_a_key_that_is_no_utf8_is_kept_readable_and_can_be_erased():
    with other_program() as program:
        for letter in ("41", "e9"):
            program.execute(
                "INSERT INTO testapp_bookcase (code, room)"
                f" VALUES (cast(x'63{letter}' AS text), cast(x'ff{letter}' AS text))"
            )
    seal()
    events = AuditEvent.objects.for_model(testapp.Bookcase).order_by("id")
    assert [event.object_id for event in events] == ["cA", "c\\xe9"]
    assert [str(event) for event in events]
    broken = testapp.Bookcase(pk=os.fsdecode(b"c\xe9"))
    assert [event.pk for event in history(broken)] == [events[1].pk]

    assert erase(broken, ["room"], reason="asked to") == 1

    kept, erased, erasure = AuditEvent.objects.order_by("id")
    assert kept.changes["room"] == [None, "\N{REPLACEMENT CHARACTER}A"]
    assert erased.changes["code"] == [None, "c\N{REPLACEMENT CHARACTER}"]
    assert erased.changes["room"] == [None, ERASED]
    assert (erasure.action, erasure.object_id) == ("erase", "c\\xe9")
    assert verify().is_sound


@pytest.mark.database_lacks("sqlite", reason="wrote JSON at all times")
def test_events_from_before_rows_were_written_as_text_read_and_prove_as_they_did():
    book = EveryField.objects.create(text="one")
    with unlocked(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE modernize_audit_event SET changes ="
            """ E'{"new":{"text":"one",\\n "boolean":null}}'"""
        )
    seal()
    (event,) = AuditEvent.objects.changed("text", new="one")
    assert event.changes == {"text": [None, "one"]}
    assert erase(book, ["text"]) == 1
    assert verify().is_sound


@pytest.mark.database_lacks("sqlite", reason="has no such settings")
def test_how_a_session_likes_to_see_values_changes_no_event():
    values = {
        "moment": dt.datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=dt.UTC),
        "date": dt.date(2026, 1, 2),
        "floating": 0.25,
        "time": dt.time(1, 2, 3),
    }
    EveryField.objects.create(**values)
    with connection.cursor() as cursor:
        cursor.execute("SET datestyle TO german; SET timezone TO 'Asia/Tokyo'")
        cursor.execute("SET extra_float_digits TO -5")
        EveryField.objects.create(**values)
        cursor.execute("RESET datestyle; RESET timezone; RESET extra_float_digits")
    first, second = AuditEvent.objects.order_by("id")
    for name in values:
        assert first.changes[name] == second.changes[name]
        assert first.decode_changes()[name][1] == values[name]


def test_an_amount_is_told_with_the_places_of_its_field():
    """SQLite stores 12.500 as 12.5, and the trail has it so."""
    EveryField.objects.create(decimal="12.500")
    (event,) = history(EveryField.objects.get())
    old, new = event.decode_changes()["decimal"]
    assert (old, str(new)) == (None, "12.500")
