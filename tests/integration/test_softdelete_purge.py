"""Rows that were deleted long enough ago go for good; what must stay stays."""

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.utils import timezone

from django_modernize.audit import AuditEvent
from django_modernize.softdelete.models import DeletionJournal
from tests.testapp.models import (
    Album,
    Crew,
    House,
    Meal,
    Mess,
    Note,
    Paper,
    Pile,
    Rack,
    Record,
    Room,
    Stay,
    Track,
)

pytestmark = pytest.mark.django_db


def purge(*arguments):
    out = StringIO()
    call_command("softdelete_purge", "--older-than", "90d", *arguments, stdout=out)
    return out.getvalue()


def age(*models):
    for model in models:
        rows = model._base_manager.filter(deleted_at__isnull=False)
        rows.update(deleted_at=timezone.now() - timedelta(days=100))


@pytest.fixture
def house():
    house = House.objects.create(name="old")
    room = Room.objects.create(house=house)
    Stay.objects.create(room=room)
    Note.objects.create(house=house)
    return house


def test_old_deletions_go_with_all_that_hung_on_them_and_leave_an_event_each(house):
    young = House.objects.create(name="young")
    Room.objects.create(house=young)
    House.objects.create(name="living")
    house.delete()
    age(House, Room, Stay)
    young.delete()
    text = purge("--batch-size", "1")
    assert "1 rows of testapp.House removed." in text
    assert set(House.all_objects.values_list("name", flat=True)) == {"young", "living"}
    assert Room.all_objects.count() == 1
    assert not Stay.all_objects.exists()
    assert not Note.objects.exists()
    event = AuditEvent.objects.filter(action="delete", object_type="testapp.house").get()
    assert event.reason.startswith("purge of rows deleted more than 90 days")
    assert purge() == "No row is old enough, or other rows keep those that are.\n"


def test_who_asks_for_much_is_told_of_each_batch(house):
    for number in range(3):
        Room.objects.create(house=house, number=number + 2)
    house.delete()
    age(House, Room, Stay)
    told = purge("--batch-size", "2", "-v", "2", "--model", "testapp.Room").splitlines()
    # Of the first two rooms one has a stay, which goes another day.
    assert told == ["testapp.Room: 1", "testapp.Room: 3", "3 rows of testapp.Room removed."]


def test_a_dry_run_counts_and_removes_nothing(house):
    house.delete()
    age(House, Room, Stay)
    assert "1 rows of testapp.House would be removed." in purge("--dry-run")
    assert House.all_objects.exists()


def test_one_model_can_be_chosen(house):
    house.delete()
    age(House, Room, Stay)
    purge("--model", "testapp.Stay")
    assert (Stay.all_objects.count(), Room.all_objects.count()) == (0, 1)
    for label, reason in (("testapp.Nothing", "no model"), ("testapp.Note", "not soft-deletable")):
        with pytest.raises(CommandError, match=reason):
            purge("--model", label)


def test_a_row_on_hold_stays_with_all_that_it_needs(house, monkeypatch):
    room = Room.objects.create(house=house, number=7)
    house.delete()
    age(House, Room, Stay)
    monkeypatch.setattr(Room, "purge_hold", Q(number=7))
    purge()
    assert list(Room.all_objects.all()) == [room]
    assert list(House.all_objects.all()) == [house]
    monkeypatch.setattr(Room, "purge_hold", None)
    purge()
    assert not House.all_objects.exists()


def test_a_tree_and_a_cycle_go_as_a_whole():
    root = House.objects.create(name="root")
    House.objects.create(name="wing", wing_of=House.objects.create(name="part", wing_of=root))
    first = House.objects.create(name="first")
    second = House.objects.create(name="second", wing_of=first)
    House.objects.filter(pk=first.pk).update(wing_of=second)
    House.objects.all().delete()
    age(House)
    purge()
    assert not House.all_objects.exists()


def test_files_go_when_the_purge_is_committed(django_capture_on_commit_callbacks):
    kept, gone = (
        Paper.objects.create(scan=ContentFile(b"text", name=f"{name}.txt")) for name in "ab"
    )
    try:
        gone.delete()
        age(Paper)
        with django_capture_on_commit_callbacks(execute=True):
            purge()
            assert default_storage.exists(gone.scan.name)
        assert not default_storage.exists(gone.scan.name)
        assert default_storage.exists(kept.scan.name)
    finally:
        default_storage.delete(kept.scan.name)


def test_a_file_that_another_row_has_too_stays(django_capture_on_commit_callbacks):
    kept = Paper.objects.create(scan=ContentFile(b"text", name="shared.txt"))
    gone = Paper.objects.create(scan=kept.scan.name)
    try:
        gone.delete()
        age(Paper)
        with django_capture_on_commit_callbacks(execute=True):
            purge()
        assert Paper.all_objects.get() == kept
        assert default_storage.exists(kept.scan.name)
    finally:
        default_storage.delete(kept.scan.name)


def test_the_journal_forgets_the_keys_of_rows_that_are_gone():
    album = Album.objects.create(title="album")
    Track.objects.create(album=album)
    Record.objects.create(batch="a", number=1, album=album)
    album.delete()
    assert DeletionJournal.objects.exists()
    age(Album, Track)
    purge()
    assert not Album.all_objects.exists()
    assert not DeletionJournal.objects.exists()
    assert Record.objects.get().album is None


@pytest.mark.parametrize(
    ("model", "field"), [("testapp.gone", "album"), ("testapp.record", "gone")]
)
def test_keys_of_a_model_or_field_that_is_no_more_stop_no_purge(model, field):
    old, young = (Pile.objects.create(name=name) for name in ("old", "young"))
    old.delete()
    age(Pile)
    DeletionJournal.objects.create(
        deletion_id=uuid.uuid4(), model=model, field=field, row_key="1", old_key="1"
    )
    assert purge() == "1 rows of testapp.Pile removed.\n"
    assert Pile.all_objects.get() == young


def test_a_row_that_points_to_a_deleted_one_keeps_it():
    rack = Rack.objects.create(pk=1, name="rack")
    Album.objects.create(title="album", reserve=None, anywhere=rack)
    rack.delete()
    age(Rack)
    purge()
    assert Rack.all_objects.get() == rack
    Album.objects.update(anywhere=None)
    purge()
    assert not Rack.all_objects.exists()


def test_a_row_whose_child_is_protected_keeps_no_other_of_its_batch():
    crews = [Crew.objects.create() for _ in range(5)]
    Meal.objects.create(mess=Mess.objects.create(crew=crews[1]))
    Mess.objects.create(crew=crews[3])
    Crew.objects.all().delete()
    age(Crew)
    purge()
    assert Crew.all_objects.get() == crews[1]
    assert Mess.objects.get().crew == crews[1]


@pytest.mark.parametrize("text", ["90", "d", "-1d", "3y"])
def test_an_age_that_is_none_is_refused(text):
    with pytest.raises(CommandError, match="is not an age"):
        call_command("softdelete_purge", f"--older-than={text}")
