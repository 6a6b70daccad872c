"""Partitions and heirs on PostgreSQL: a change is recorded, whichever table it names."""

import pytest
from django.db import connection

from django_modernize.audit import AuditEvent
from django_modernize.audit.checks import check_triggers
from django_modernize.triggers.installer import compare_triggers
from tests.testapp.models import Measurement, Vehicle

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has neither partitions nor heirs"),
]


def run(*statements):
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


@pytest.fixture
def partitions():
    run(
        "CREATE TABLE walk_measurement (id integer, day date, value integer, PRIMARY KEY (id, day))"
        " PARTITION BY RANGE (day)",
        "CREATE TABLE walk_january PARTITION OF walk_measurement"
        " FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE walk_rest PARTITION OF walk_measurement DEFAULT",
    )
    yield
    run("DROP TABLE walk_measurement CASCADE")


@pytest.fixture
def heir():
    run(
        "CREATE TABLE walk_vehicle (id serial PRIMARY KEY, wheels integer)",
        "CREATE TABLE walk_truck (load integer, PRIMARY KEY (id)) INHERITS (walk_vehicle)",
    )
    yield
    run("DROP TABLE walk_truck", "DROP TABLE walk_vehicle")


def told(model):
    events = AuditEvent.objects.for_model(model).order_by("id")
    return [(event.action, event.object_id, event.changes) for event in events]


@pytest.mark.usefixtures("partitions")
def test_changes_by_way_of_the_whole_table_are_recorded_once():
    Measurement.objects.create(id=1, day="2026-01-05", value=1)
    Measurement.objects.update(value=2)
    # The row moves from one partition to another.
    Measurement.objects.update(day="2026-03-01")
    Measurement.objects.all().delete()
    first, moved = '[1,"2026-01-05"]', '[1,"2026-03-01"]'
    # In which order the two ends of a move are told is the server's matter.
    assert sorted(event[:2] for event in told(Measurement)) == [
        ("create", first),
        ("create", moved),
        ("delete", first),
        ("delete", moved),
        ("update", first),
    ]


@pytest.mark.usefixtures("partitions")
def test_changes_that_name_a_partition_are_recorded_under_the_models_name():
    run(
        "INSERT INTO walk_january VALUES (1, '2026-01-05', 1)",
        "UPDATE walk_january SET value = 2",
        "DELETE FROM walk_january",
    )
    key = '[1,"2026-01-05"]'
    assert told(Measurement) == [
        ("create", key, {"id": [None, 1], "day": [None, "2026-01-05"], "value": [None, 1]}),
        ("update", key, {"value": [1, 2]}),
        ("delete", key, {"id": [1, None], "day": ["2026-01-05", None], "value": [2, None]}),
    ]


@pytest.mark.usefixtures("partitions")
def test_each_table_that_is_emptied_leaves_an_event():
    run("TRUNCATE walk_january")
    assert told(Measurement) == [("truncate", "", {})]
    run("TRUNCATE walk_measurement")
    assert told(Measurement) == [("truncate", "", {})] * 4


@pytest.mark.usefixtures("partitions")
def test_a_partition_that_is_attached_later_is_watched_from_then_on():
    run(
        "CREATE TABLE walk_june (id integer NOT NULL, day date NOT NULL, value integer)",
        "ALTER TABLE walk_measurement ATTACH PARTITION walk_june"
        " FOR VALUES FROM ('2026-06-01') TO ('2026-07-01')",
        "INSERT INTO walk_june VALUES (1, '2026-06-05', 1)",
    )
    assert [event[:2] for event in told(Measurement)] == [("create", '[1,"2026-06-05"]')]
    assert compare_triggers(connection).is_clean


@pytest.mark.usefixtures("partitions")
def test_a_partition_without_its_triggers_is_an_error():
    with connection.connection.cursor() as driver:
        driver.execute("DROP TRIGGER modernize_audit_walk_january_insert ON walk_january")
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E202"]


@pytest.mark.usefixtures("heir")
def test_rows_of_an_heir_are_recorded_by_way_of_either_table():
    run("INSERT INTO walk_truck (id, wheels, load) VALUES (7, 6, 900)")
    Vehicle.objects.update(wheels=8)
    run("UPDATE walk_truck SET load = 800", "DELETE FROM walk_truck")
    assert told(Vehicle) == [
        ("create", "7", {"id": [None, 7], "wheels": [None, 6]}),
        ("update", "7", {"wheels": [6, 8]}),
        ("delete", "7", {"id": [7, None], "wheels": [8, None]}),
    ]
