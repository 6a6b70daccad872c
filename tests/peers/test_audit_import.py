"""Records of every package are carried over whole and once, at a cost that does not grow."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from django_modernize.audit import AuditEvent, seal, track, verify
from django_modernize.audit.tracking import _tracked
from django_modernize.contrib.audit_import import services
from django_modernize.contrib.audit_import.models import ImportedRecord
from django_modernize.contrib.audit_import.services import import_records
from django_modernize.contrib.audit_import.sources import load_source
from tests.peers.records import (
    EVERY_SOURCE,
    VALUES,
    WRITERS,
    imported,
    needs_triggers,
    write_kept,
)
from tests.screens import Screen
from tests.testapp.models import Person

from .models import Kept, Logged

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", EVERY_SOURCE)
def test_an_object_s_whole_life_is_carried_over(name, ann):
    model, key = WRITERS[name](ann)
    call_command("audit_import", "--from", name, "--model", model._meta.label, stdout=StringIO())
    events = list(imported(name))
    # A version tells of no deletion.
    life = ["create", "update", "delete"][: 2 if name == "reversion" else 3]
    assert [event.action for event in events] == life
    assert {event.object_id for event in events} == {str(key)}
    created, updated = events[:2]
    assert updated.decode_changes() == {"count": (-3, 4)}
    new = {field: pair[1] for field, pair in created.decode_changes().items()}
    missing = {"auditlog": {"binary"}, "reversion": {"id"}}
    expected = {**VALUES, "owner": ann.pk, "id": key}
    for field in expected.keys() - missing.get(name, set()):
        assert new[field] == expected[field], field
    assert (created.actor_id, created.actor_label) == (ann.pk, "ann")


@pytest.mark.parametrize("name", EVERY_SOURCE)
def test_a_second_run_adds_nothing_and_a_dry_run_neither(name, ann, monkeypatch):
    WRITERS[name](ann)
    assert import_records(load_source(name), dry_run=True) == import_records(load_source(name))
    count = AuditEvent.objects.count()
    monkeypatch.setattr(services, "BATCH_SIZE", 2)
    assert import_records(load_source(name)) == 0
    assert AuditEvent.objects.count() == count


@pytest.mark.parametrize("name", EVERY_SOURCE)
def test_what_broke_off_goes_on_and_neighbours_are_found_across_batches(name, ann, monkeypatch):
    WRITERS[name](ann)
    whole = [event.changes for event in describe_all(name)]
    monkeypatch.setattr(services, "BATCH_SIZE", 1)

    class Killed(Exception):
        pass

    def die(table, count):
        raise Killed

    with pytest.raises(Killed):
        import_records(load_source(name), progress=die)
    assert imported(name).count() == 1
    import_records(load_source(name))
    assert [event.changes for event in imported(name)] == whole


def describe_all(name):
    source = load_source(name)
    for records in source.list_tables(None, "default"):
        rows = list(records.order_by(*source.order))
        if rows:
            for events in source.describe_records(rows, "default"):
                yield from events


@pytest.mark.parametrize("name", EVERY_SOURCE)
def test_the_number_of_statements_does_not_depend_on_the_records(name, ann):
    def count():
        statements = []

        def note(execute, sql, params, many, context):
            statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            list(describe_all(name))
        return len(statements)

    WRITERS[name](ann)
    list(describe_all(name))
    few = count()
    for _ in range(5):
        WRITERS[name](ann)
    assert count() == few


def test_a_sealed_trail_takes_older_records_and_stays_sound(ann):
    Person.objects.create(username="bob")
    seal()
    write_kept(ann)
    import_records(load_source("simple_history"))
    seal()
    assert verify().is_sound
    assert imported("simple_history").first().created_at == Kept.history.last().history_date


@pytest.fixture
def masked():
    """Models whose names and friends are secret."""
    for model in (Kept, Logged):
        track(model, mask=["name", "friends"])
    yield
    for model in (Kept, Logged):
        _tracked.pop(model)


@pytest.mark.usefixtures("masked")
def test_what_a_model_masks_is_not_carried_over_in_any_shape(ann):
    Kept.objects.bulk_create([Kept(name="ann's secret", data={"name": "open"})])
    row = Kept.objects.get()
    row.friends.add(ann)
    row.save()
    Logged.objects.create(name="ann's secret").friends.add(ann)
    import_records(load_source("simple_history"))
    import_records(load_source("auditlog"))
    known = imported("simple_history").first().changes["known state"][1]
    assert (known["name"], known["data"]) == ("********", {"name": "open"})
    changes = AuditEvent.objects.values_list("changes", flat=True)
    assert "ann" not in "".join(str(change) for change in changes)
    assert known["friends"] == "********"


def test_a_terminal_is_told_how_far_the_import_is():
    Kept.objects.create()
    screen = Screen()
    call_command("audit_import", "--from", "simple_history", stdout=StringIO(), stderr=screen)
    assert screen.getvalue() == "\rpeers.historicalkept: 1 records"


def test_a_record_that_was_carried_over_is_named_by_its_table_and_key():
    Kept.objects.create()
    import_records(load_source("simple_history"))
    record = Kept.history.get().pk
    assert str(ImportedRecord.objects.get()) == f"peers.historicalkept {record}"


def test_the_migration_makes_the_tables_of_today():
    call_command("makemigrations", "modernize_audit_import", check=True, dry_run=True, verbosity=0)


def test_a_package_that_is_not_installed_is_named(settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "reversion"]
    with pytest.raises(CommandError, match="'reversion' is not in INSTALLED_APPS"):
        call_command("audit_import", "--from", "reversion")


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("simple_history", "HistoricalRecords()"),
        pytest.param("pghistory", "@pghistory.track()", marks=needs_triggers),
    ],
)
def test_records_that_no_model_leads_to_are_not_taken_for_none(name, declared):
    with pytest.raises(CommandError, match="Restore it for the import") as refusal:
        call_command("audit_import", "--from", name, "--model", "peers.Logged")
    assert declared in str(refusal.value)
