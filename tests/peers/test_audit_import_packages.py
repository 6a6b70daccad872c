"""What is peculiar to the records of each package."""

import json
import subprocess
import sys
import uuid

import pytest
import reversion
from auditlog.models import LogEntry
from django.apps import apps
from django.core.management import CommandError, call_command
from reversion.models import Version

from django_modernize.contrib.audit_import import services
from django_modernize.contrib.audit_import.services import import_records
from django_modernize.contrib.audit_import.sources import load_source
from tests.peers.records import VALUES, imported, needs_triggers, write_logged
from tests.testapp.models import Person

from .models import Kept, Logged, Versioned

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_not_told_is_not_made_up(ann):
    Kept.objects.bulk_create([Kept(name="silent")])
    row = Kept.objects.get()
    row.name = "told"
    row.save()
    import_records(load_source("simple_history"))
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
    import_records(load_source("simple_history"))
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
    import_records(load_source("simple_history"))
    assert list_links() == [("m2m_add", {"friends": [None, [ann.pk]]})]


def test_links_of_a_row_whose_beginning_is_unknown_are_part_of_its_known_state(ann):
    Kept.objects.bulk_create([Kept(name="silent")])
    Kept.objects.get().friends.add(ann)
    import_records(load_source("simple_history"))
    (event,) = imported("simple_history")
    assert event.changes["known state"][1]["friends"] == [ann.pk]


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
    import_records(load_source("auditlog"))
    assert [event.action for event in imported("auditlog")] == ["create", "update"]
    assert imported("auditlog").last().changes == {"friends added": [None, ["ann"]]}


def test_values_that_auditlog_keeps_as_json_are_read_too(ann, settings):
    settings.AUDITLOG_STORE_JSON_CHANGES = True
    write_logged(ann)
    import_records(load_source("auditlog"))
    created, updated, _deleted = imported("auditlog")
    assert updated.decode_changes() == {"count": (-3, 4)}
    assert created.decode_changes()["flag"] == (None, False)
    assert created.decode_changes()["length"] == (None, VALUES["length"])


def test_what_a_field_of_today_cannot_read_stays_as_it_was_written():
    Logged.objects.create(name="old")
    told = {"count": ["few", "many"], "moment": ["None", "at noon"], "data": ["None", "{'a'}"]}
    LogEntry.objects.update(changes={**told, "price": [[1], "2.5"]})
    import_records(load_source("auditlog"))
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
    import_records(load_source("auditlog"))
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
    import_records(load_source("reversion"))
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
    import_records(load_source("reversion"))
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
    import_records(load_source("pghistory"))
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
    import_records(load_source("pghistory"))
    assert [event.action for event in imported("pghistory")] == ["create", "update"]


@needs_triggers
def test_events_of_a_model_without_a_context_are_carried_over():
    row = apps.get_model("peers", "Bare").objects.create(name="alone")
    import_records(load_source("pghistory"))
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
