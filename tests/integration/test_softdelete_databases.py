"""Objects of another database: what soft delete does stays there, and asks the default nothing."""

import io
import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from django_modernize.context import change_context
from django_modernize.softdelete import (
    HeldByDeleted,
    RestoreConflict,
    post_restore,
    post_soft_delete,
    pre_restore,
    pre_soft_delete,
)
from django_modernize.softdelete.models import DeletionJournal
from django_modernize.softdelete.previews import count_taken, preview_deletion
from tests.testapp.models import (
    Album,
    Annex,
    Bill,
    Club,
    Deed,
    Fellow,
    Guest,
    House,
    Label,
    Marker,
    Membership,
    Person,
    Rack,
    Room,
    Stay,
    Track,
)

pytestmark = pytest.mark.django_db

MODELS = (House, Annex, Room, Stay, Guest, Bill, Rack, Album, Track, Marker, Label, Membership)


@pytest.fixture(autouse=True)
def second(shared_second):
    """Another database, while every statement to the default one fails."""

    def refuse(execute, sql, params, many, context):
        raise AssertionError(f"The default database was asked: {sql}")

    ContentType.objects.clear_cache()
    with connection.execute_wrapper(refuse):
        yield shared_second


@pytest.fixture
def house(second):
    house = Annex.objects.using(second).create(name="there")
    room = house.rooms.create(number=1)
    room.stays.create()
    return house


@pytest.fixture
def album(second):
    Rack.objects.using(second).create(pk=1, name="rack")
    rack = Rack.objects.using(second).create(pk=2, name="shelf", code=uuid.uuid4())
    album = Album.objects.using(second).create(
        title="there", shelf=rack, by_code=rack, reserve=rack, anywhere=rack
    )
    album.tracks.create()
    album.labels.add(Label.objects.using(second).create(name="rock"))
    album.markers.create()
    return album


@contextmanager
def refused(words, using):
    with pytest.raises(IntegrityError, match=words), transaction.atomic(using=using):
        yield


def dump(using):
    return {
        model.__name__: sorted(map(repr, model._base_manager.using(using).values_list()))
        for model in MODELS
    }


@pytest.mark.parametrize(
    "delete",
    [
        lambda house: house.delete(),
        lambda house: House.objects.using("second").filter(pk=house.pk).delete(),
        lambda house: Annex.objects.using("second").all().delete(),
    ],
    ids=["row", "rows", "rows of a child"],
)
def test_a_deletion_and_its_restore_stay_there(second, house, delete):
    before = dump(second)
    assert delete(house)[0] == 4
    assert not Stay.objects.using(second).exists()
    House.all_objects.using(second).get().restore()
    assert dump(second) == before


def test_replaced_keys_generic_children_and_links_stay_there(second, album):
    before = dump(second)
    Rack.objects.using(second).get(pk=2).delete()
    assert DeletionJournal.objects.using(second).count() == 3
    album.refresh_from_db()
    assert (album.shelf, album.by_code, album.reserve_id) == (None, None, 1)
    assert album.delete()[0] == 3
    Album.deleted_objects.using(second).restore()
    Rack.deleted_objects.using(second).restore()
    assert dump(second) == before
    assert not DeletionJournal.objects.using(second).exists()


def test_who_deletes_is_known_there(second, house):
    ann = Person.objects.db_manager(second).create(username="ann")
    with change_context(actor=ann, reason="sold"):
        house.delete()
    room = Room.all_objects.using(second).get()
    assert (room.deleted_by, room.deletion_reason) == (ann, "sold")


def test_rules_are_judged_there(second, house):
    guest = Guest.objects.using(second).create(house=house)
    with pytest.raises(ProtectedError):
        house.delete()
    guest.delete()
    bill = Bill.objects.using(second).create()
    Stay.objects.using(second).update(bill=bill)
    with pytest.raises(RestrictedError):
        bill.delete()


def test_conflicts_are_found_there(second, album):
    track = album.tracks.get()
    track.delete()
    album.delete()
    with pytest.raises(RestoreConflict, match="belongs to the deleted album"):
        track.restore()
    Album.objects.using(second).create(title="there")
    with pytest.raises(RestoreConflict, match="already exists"):
        track.restore(with_parents=True)


def test_listeners_are_told_where(second, house):
    heard = []

    def listen(sender, instance, using, **kwargs):
        heard.append((using, instance._state.db))

    signals = (pre_soft_delete, post_soft_delete, pre_restore, post_restore)
    for signal in signals:
        signal.connect(listen, sender=Room)
    try:
        house.delete()
        house.restore()
    finally:
        for signal in signals:
            signal.disconnect(listen, sender=Room)
    assert heard == [(second, second)] * 4


def test_held_values_are_found_there(second):
    label = Label.objects.using(second).create(name="rock")
    label.delete()
    with pytest.raises(HeldByDeleted) as caught:
        Label.objects.using(second).get_or_create(name="rock")
    assert caught.value.holder == label


def test_previews_ask_there(second, house):
    preview = preview_deletion(House.objects.using(second))
    assert {model.__name__: count for model, count in preview.counts.items()} == {
        "House": 1,
        "Annex": 1,
        "Room": 1,
        "Stay": 1,
    }
    house.delete()
    assert count_taken(house, house.deletion_id)[Stay] == 1


def test_guards_stand_there(second, house):
    house.delete()
    with refused("deleted row of testapp_house", second):
        Room.objects.using(second).create(house_id=house.pk)
    deed = Deed.objects.using(second).create()
    with refused("keeps its rows", second):
        Deed.objects.using(second).all()._raw_delete(second)
    deed.hard_delete()
    assert not Deed.all_objects.using(second).exists()


def test_a_purge_removes_there(second, house, album):
    house.delete()
    album.delete()
    Deed.objects.using(second).create().delete()
    for model in (House, Room, Stay, Album, Track, Marker, Deed):
        model.all_objects.using(second).update(deleted_at=timezone.now() - timedelta(days=2))
    call_command(
        "softdelete_purge", "--older-than", "1d", "--database", second, stdout=io.StringIO()
    )
    for model in (House, Annex, Room, Stay, Album, Track, Deed):
        assert not model._base_manager.using(second).exists()


def test_managers_of_links_ask_there(second):
    club = Club.objects.using(second).create(name="club")
    club.members.set([Fellow.objects.using(second).create(name=name) for name in "ab"])
    club.members.remove(Fellow.objects.using(second).get(name="a"))
    assert (club.members.count(), Membership.all_objects.using(second).count()) == (1, 2)
    fetched = Club.objects.using(second).prefetch_related("members").get()
    assert [one.name for one in fetched.members.all()] == ["b"]


class ReadsElsewhere:
    """A router of a project that reads from a copy."""

    def db_for_read(self, model, **hints):
        return "default"

    def db_for_write(self, model, **hints):
        return "second"


def test_rows_are_deleted_and_restored_where_a_router_writes(second, house, settings):
    settings.DATABASE_ROUTERS = [ReadsElsewhere()]
    assert Room.objects.filter(number=1).delete()[0] == 2
    assert Room.deleted_objects.filter(number=1).restore()[0] == 2
    assert Room.objects.filter(number=1).hard_delete()[0] == 2
    assert not Room.all_objects.using(second).exists()
