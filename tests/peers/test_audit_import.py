"""Records that other packages wrote become events of the trail, once, with the values they were."""

import datetime as dt
import json
import subprocess
import sys
import uuid
from decimal import Decimal
from io import StringIO

import pytest
import reversion
from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from reversion.models import Version

from django_modernize.audit import AuditEvent, seal, track, verify
from django_modernize.audit.tracking import _tracked
from django_modernize.contrib.audit_import import services
from django_modernize.contrib.audit_import.models import ImportedRecord
from django_modernize.contrib.audit_import.services import import_records
from django_modernize.contrib.audit_import.sources import load_source
from tests.screens import Screen
from tests.testapp.models import Person

from .models import Kept, Logged, Versioned

pytestmark = pytest.mark.django_db(transaction=True)

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


def source_of(name):
    return load_source(name)


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")


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
    assert import_records(source_of(name), dry_run=True) == import_records(source_of(name))
    count = AuditEvent.objects.count()
    monkeypatch.setattr(services, "BATCH_SIZE", 2)
    assert import_records(source_of(name)) == 0
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
        import_records(source_of(name), progress=die)
    assert imported(name).count() == 1
    import_records(source_of(name))
    assert [event.changes for event in imported(name)] == whole


def describe_all(name):
    source = source_of(name)
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
    import_records(source_of("simple_history"))
    seal()
    assert verify().is_sound
    assert imported("simple_history").first().created_at == Kept.history.last().history_date


def test_what_was_not_told_is_not_made_up(ann):
    Kept.objects.bulk_create([Kept(name="silent")])
    row = Kept.objects.get()
    row.name = "told"
    row.save()
    import_records(source_of("simple_history"))
    (event,) = imported("simple_history")
    assert (event.action, list(event.changes)) == ("update", ["known state"])
    assert event.changes["known state"][1]["name"] == "told"


def list_links():
    events = imported("simple_history")
    return [(event.action, event.changes) for event in events if "m2m" in event.action]


def test_links_are_carried_over_with_their_keys(ann):
    bob = Person.objects.create(username="bob")
    row = Kept.objects.create(name="linked")
    row.friends.add(ann, bob)
    row.friends.remove(ann)
    row.guests.add(ann, through_defaults={"nights": 3})
    row.friends.set([ann])
    row.delete()
    import_records(source_of("simple_history"))
    assert list_links() == [
        ("m2m_add", {"friends": [None, [ann.pk, bob.pk]]}),
        ("m2m_remove", {"friends": [[ann.pk], None]}),
        ("m2m_add", {"guests": [None, [ann.pk]]}),
        ("m2m_remove", {"friends": [[bob.pk], None]}),
        ("m2m_add", {"friends": [None, [ann.pk]]}),
        ("m2m_remove", {"friends": [[ann.pk], None]}),
        ("m2m_remove", {"guests": [[ann.pk], None]}),
    ]
    assert imported("simple_history").last().action == "delete"


def test_links_go_by_the_row_before_in_another_batch(ann, monkeypatch):
    monkeypatch.setattr(services, "BATCH_SIZE", 1)
    row = Kept.objects.create(name="linked")
    row.friends.add(ann)
    row.save()
    import_records(source_of("simple_history"))
    assert list_links() == [("m2m_add", {"friends": [None, [ann.pk]]})]


def test_links_of_a_row_whose_beginning_is_unknown_are_part_of_its_known_state(ann):
    Kept.objects.bulk_create([Kept(name="silent")])
    Kept.objects.get().friends.add(ann)
    import_records(source_of("simple_history"))
    (event,) = imported("simple_history")
    assert event.changes["known state"][1]["friends"] == [ann.pk]


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
    import_records(source_of("simple_history"))
    import_records(source_of("auditlog"))
    known = imported("simple_history").first().changes["known state"][1]
    assert (known["name"], known["data"]) == ("********", {"name": "open"})
    changes = AuditEvent.objects.values_list("changes", flat=True)
    assert "ann" not in "".join(str(change) for change in changes)
    assert known["friends"] == "********"


def test_entries_of_a_model_of_the_project_s_own_are_carried_over():
    command = [sys.executable, "-m", "tests.peers.own_entries"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == [
        ["create", {"username": [None, "ann"]}, '{"branch": "north"}'],
        ["update", {"username": ["ann", "eve"]}, '{"ticket": 17, "branch": "south"}'],
    ]


def test_links_go_by_their_names_and_an_access_is_left_out(ann):
    row = Logged.objects.create()
    row.friends.add(ann)
    LogEntry.objects.log_create(row, force_log=True, action=LogEntry.Action.ACCESS)
    import_records(source_of("auditlog"))
    assert [event.action for event in imported("auditlog")] == ["create", "update"]
    assert imported("auditlog").last().changes == {"friends added": [None, ["ann"]]}


def test_values_that_auditlog_keeps_as_json_are_read_too(ann, settings):
    settings.AUDITLOG_STORE_JSON_CHANGES = True
    write_logged(ann)
    import_records(source_of("auditlog"))
    created, updated, _deleted = imported("auditlog")
    assert updated.decode_changes() == {"count": (-3, 4)}
    assert created.decode_changes()["flag"] == (None, False)
    assert created.decode_changes()["length"] == (None, VALUES["length"])


def test_what_a_field_of_today_cannot_read_stays_as_it_was_written():
    Logged.objects.create(name="old")
    told = {"count": ["few", "many"], "moment": ["None", "at noon"], "data": ["None", "{'a'}"]}
    LogEntry.objects.update(changes={**told, "price": [[1], "2.5"]})
    import_records(source_of("auditlog"))
    assert imported("auditlog").get().changes == {
        "count": ["few", "many"],
        "moment": [None, "at noon"],
        "data": [None, "{'a'}"],
        "price": [[1], "2.500"],
    }


def test_entries_of_one_request_stay_together(ann):
    number = uuid.uuid4()
    for cid in (str(number), "trace-17", "trace-17", ""):
        key = Logged.objects.create(owner=ann).pk
        LogEntry.objects.filter(object_pk=key).update(cid=cid)
    import_records(source_of("auditlog"))
    first, second, third, last = (event.request_id for event in imported("auditlog"))
    assert (first, last) == (number, None)
    assert second == third is not None


@pytest.fixture
def reversion_in_xml():
    """Versions that are written from now on are XML, as a project may choose."""
    reversion.unregister(Versioned)
    reversion.register(Versioned, format="xml")
    yield
    reversion.unregister(Versioned)
    reversion.register(Versioned)


def save_version(**values):
    with reversion.create_revision():
        return Versioned.objects.update_or_create(pk=7, defaults=values)


def test_a_version_in_another_format_tells_the_same(request):
    save_version(**VALUES)
    request.getfixturevalue("reversion_in_xml")
    save_version(**VALUES)
    save_version(count=4)
    import_records(source_of("reversion"))
    # The version in which only the format is another tells of nothing.
    created, updated = imported("reversion")
    assert created.decode_changes()["length"] == (None, VALUES["length"])
    assert updated.decode_changes() == {"count": (-3, 4)}


@pytest.mark.parametrize(
    ("written_as", "found"), [("xml", "peers.forgotten"), ("forgotten", "peers.versioned")]
)
@pytest.mark.usefixtures("reversion_in_xml")
def test_a_version_that_nobody_can_read_any_more_is_kept_whole(written_as, found):
    save_version(name="old")
    version = Version.objects.get()
    text = version.serialized_data.replace("peers.versioned", found)
    Version.objects.update(serialized_data=text, format=written_as)
    import_records(source_of("reversion"))
    assert imported("reversion").get().changes == {f"serialized as {written_as}": [None, text]}


@needs_triggers
def test_an_event_with_a_label_of_the_project_s_own_says_so(ann):
    import pghistory

    row = apps.get_model("peers", "Evented").objects.create(name="seen")
    pghistory.create_event(row, label="looked_at")
    with pghistory.context(url="/spring/"):
        pghistory.create_event(row, label="looked_at")
    events = apps.get_model("peers", "EventedEvent").objects
    # A label may have gone from the code since.
    events.filter(pgh_id=events.latest("pgh_id").pgh_id).update(pgh_label="forgotten")
    import_records(source_of("pghistory"))
    assert [(event.action, event.reason, event.changes) for event in imported("pghistory")][1:] == [
        ("update", "looked_at", {}),
        ("update", "forgotten, url: /spring/", {}),
    ]


@needs_triggers
def test_an_update_that_tells_of_nothing_new_is_left_out():
    row = apps.get_model("peers", "Evented").objects.create(count=1)
    row.count = 2
    row.save()
    again = apps.get_model("peers", "EventedEvent").objects.latest("pgh_id")
    again.pgh_id = None
    again.save()
    import_records(source_of("pghistory"))
    assert [event.action for event in imported("pghistory")] == ["create", "update"]


@needs_triggers
def test_events_of_a_model_without_a_context_are_carried_over():
    row = apps.get_model("peers", "Bare").objects.create(name="alone")
    import_records(source_of("pghistory"))
    event = imported("pghistory").get()
    assert (event.object_id, event.request_id, event.reason) == (str(row.pk), None, "")
    assert event.decode_changes()["name"] == (None, "alone")


@needs_triggers
def test_events_that_hold_the_row_as_it_was_are_refused_with_the_way_out(monkeypatch):
    import pghistory

    table = apps.get_model("peers", "EventedEvent")
    trackers = [pghistory.UpdateEvent("before", row=pghistory.Old)]
    monkeypatch.setattr(table, "pgh_trackers", trackers)
    with pytest.raises(CommandError, match=r"keeps the old row .*'before'.* with --model"):
        call_command("audit_import", "--from", "pghistory")


def test_a_terminal_is_told_how_far_the_import_is():
    Kept.objects.create()
    screen = Screen()
    call_command("audit_import", "--from", "simple_history", stdout=StringIO(), stderr=screen)
    assert screen.getvalue() == "\rpeers.historicalkept: 1 records"


def test_a_record_that_was_carried_over_is_named_by_its_table_and_key():
    Kept.objects.create()
    import_records(source_of("simple_history"))
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
    with pytest.raises(CommandError, match="Put it back for the import") as refusal:
        call_command("audit_import", "--from", name, "--model", "peers.Logged")
    assert declared in str(refusal.value)
