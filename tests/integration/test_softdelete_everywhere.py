"""Deleted rows in everything else that Django does with rows."""

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.forms import modelform_factory

from django_modernize.softdelete import AliveIndex, HeldByDeleted, join_alive
from tests.testapp.models import Album, Chapter, House, Label, Rack, Room, SoftCrate, Track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rack():
    """The default of an album's reserve."""
    return Rack.objects.create(pk=1, name="rack")


@pytest.fixture
def house():
    house = House.objects.create(name="house")
    for number in range(3):
        Room.objects.create(house=house, number=number)
    house.rooms.first().delete()
    return house


def test_a_join_sees_the_living_alone_where_that_is_asked_for(house):
    counted = House.objects.annotate(living=join_alive("rooms"))
    assert House.objects.annotate(number=Count("rooms")).get().number == 3
    assert counted.annotate(number=Count("living")).get().number == 2
    assert not counted.filter(living__number=0).exists()
    high = House.objects.annotate(high=join_alive("rooms", Q(rooms__number__gt=1)))
    assert high.annotate(number=Count("high")).get().number == 1


def test_a_join_over_links_sees_the_living_alone():
    album = Album.objects.create(title="album")
    album.labels.set([Label.objects.create(name=name) for name in "ab"])
    Label.objects.get(name="a").delete()
    assert [label.name for label in album.labels.all()] == ["b"]
    assert [
        label.name for label in Album.objects.prefetch_related("labels").get().labels.all()
    ] == ["b"]
    joined = Album.objects.annotate(living=join_alive("labels")).annotate(number=Count("living"))
    assert joined.get().number == 1


def test_a_subquery_and_its_kin_see_what_the_manager_shows(house):
    rooms = Room.objects.filter(house=OuterRef("pk"), number=0)
    assert not House.objects.filter(Exists(rooms)).exists()
    keys = list(Room.all_objects.values_list("pk", flat=True))
    assert len(Room.objects.in_bulk(keys)) == 2
    assert len(list(Room.objects.iterator())) == 2
    assert len(Room.all_objects.in_bulk(keys)) == 3


def test_a_key_to_a_deleted_parent_resolves_also_when_joined():
    track = Track.objects.create(album=Album.objects.create(title="album"))
    Album.objects.all().delete()
    track = Track.all_objects.select_related("album").get(pk=track.pk)
    assert track.album.is_deleted
    assert Track.all_objects.get(pk=track.pk).album == track.album


def test_a_deleted_rows_guarded_value_is_free_for_get_or_create():
    Album.objects.create(title="album").delete()
    album, is_new = Album.objects.get_or_create(title="album")
    assert is_new
    assert Album.objects.update_or_create(title="album", defaults={"shelf": None}) == (album, False)
    assert Album.all_objects.count() == 2


@pytest.mark.parametrize("method", ["get_or_create", "update_or_create"])
def test_a_value_that_a_deleted_row_still_holds_is_told(method):
    label = Label.objects.create(name="rock")
    label.delete()
    with pytest.raises(HeldByDeleted, match="restore it, purge it, or use UniqueAlive") as caught:
        getattr(Label.objects, method)(name="rock")
    assert caught.value.holder == label
    assert getattr(Label.all_objects, method)(name="rock") == (label, False)


def test_a_held_value_is_told_where_a_living_row_is_to_get_it():
    label = Label.objects.create(name="rock")
    label.delete()
    Label.objects.create(name="pop")
    with pytest.raises(HeldByDeleted) as caught:
        Label.objects.update_or_create(name="pop", defaults={"name": "rock"})
    assert caught.value.holder == label


def test_what_is_left_out_of_the_check_is_not_looked_for():
    Label.objects.create(name="rock")
    Label(name="rock").validate_unique(exclude={"name"})
    with pytest.raises(ValidationError):
        Label(name="rock").validate_unique()


def test_a_form_refuses_what_the_database_would_and_frees_what_it_frees():
    Label.objects.create(name="rock").delete()
    form = modelform_factory(Label, fields=["name"])({"name": "rock"})
    assert form.errors == {"name": ["Label with this Name already exists."]}
    assert modelform_factory(Label, fields=["name"])({"name": "pop"}).is_valid()
    with pytest.raises(ValidationError):
        Label(name="rock").full_clean()
    Album.objects.create(title="album").delete()
    assert "title" not in modelform_factory(Album, fields=["title"])({"title": "album"}).errors


def test_a_bulk_update_of_all_rows_reaches_the_deleted_ones(house):
    assert Room.all_objects.update(number=9) == 3
    assert Room.objects.update(number=8) == 2


def test_a_dump_of_everything_brings_back_the_deleted_too(house, tmp_path):
    path = tmp_path / "dump.json"
    Room.objects.first().delete()
    labels = ["testapp.house", "testapp.room"]
    call_command("dumpdata", *labels, "--all", "--output", str(path), verbosity=0)
    before = serializers.serialize("json", Room.all_objects.order_by("pk"))
    Room.all_objects.all().hard_delete()
    call_command("loaddata", str(path), verbosity=0)
    assert serializers.serialize("json", Room.all_objects.order_by("pk")) == before


def test_a_refusal_of_another_kind_and_nothing_at_all_are_held_by_nobody():
    Rack.objects.create(pk=2, name="rack").delete()
    Rack(name="other").validate_unique()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Rack.objects.get_or_create(name=None, defaults={"pk": 3})
    assert not isinstance(refusal.value, HeldByDeleted)


def test_async_twins_see_the_same(house):
    async def look():
        assert await Room.objects.acount() == 2
        room = await Room.objects.afirst()
        await room.adelete()
        assert [one async for one in Room.objects.all()] == [await Room.objects.aget()]
        assert await room.arestore() == (1, {"testapp.Room": 1})
        with pytest.raises(HeldByDeleted):
            await Label.objects.aget_or_create(name="rock")

    Label.objects.create(name="rock").delete()
    async_to_sync(look)()


def test_an_index_of_living_rows_serves_their_list():
    assert AliveIndex("-name", name="a").deconstruct()[1:] == (("-name",), {"name": "a"})
    SoftCrate.objects.bulk_create(SoftCrate(name=str(number)) for number in range(2000))
    SoftCrate.objects.filter(pk__gt=SoftCrate.objects.first().pk + 100).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE testapp_softcrate")
    plan = SoftCrate.objects.order_by("name")[:20].explain()
    assert "crate_alive" in plan


def test_chapters_of_a_deleted_album_are_counted_by_whom_asks_for_all():
    album = Album.objects.create(title="album")
    Chapter.objects.create(track=Track.objects.create(album=album))
    album.delete()
    assert Album.all_objects.aggregate(number=Count("tracks__chapters")) == {"number": 1}
    assert Album.objects.aggregate(number=Count("tracks__chapters")) == {"number": 0}
