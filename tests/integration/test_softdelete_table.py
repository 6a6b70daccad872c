"""Everything that Django does with rows, one line for each: whom it shows if room 0 is deleted."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management import call_command
from django.db.models import Avg, Count, Exists, Max, OuterRef, Prefetch, Subquery
from django.forms import inlineformset_factory, modelform_factory, modelformset_factory
from django.http import Http404
from django.shortcuts import aget_object_or_404, get_list_or_404, get_object_or_404

from django_modernize.softdelete import HeldByDeleted
from tests.testapp.models import Album, House, Label, Marker, Rack, Room, Stay, Track

pytestmark = pytest.mark.django_db

LIVING, EVERY, DELETED = [1, 2], [0, 1, 2], [0]


@pytest.fixture(autouse=True)
def house():
    """A house with three rooms and a stay in each; the first room is deleted."""
    house = House.objects.create(name="house")
    for number in range(3):
        Stay.objects.create(room=Room.objects.create(house=house, number=number))
    Room.objects.get(number=0).delete()
    return house


def numbers(rows):
    return sorted(row.number for row in rows)


def the_house():
    return House.objects.get()


def keys():
    return list(Room.all_objects.values_list("pk", flat=True))


def living_rooms_of_house():
    return Room.objects.filter(house=OuterRef("pk"))


def prefetched(lookup):
    return House.objects.prefetch_related(lookup).get()


def is_missing(look):
    try:
        look()
    except (Room.DoesNotExist, Http404):
        return True
    return False


def dumped(*options):
    from io import StringIO

    output = StringIO()
    call_command("dumpdata", "testapp.room", *options, stdout=output)
    return sorted(row["fields"]["number"] for row in json.loads(output.getvalue()))


def choices(form, name):
    return sorted(row.pk for row in form.fields[name].queryset)


SHOWN = {
    "objects": (lambda: numbers(Room.objects.all()), LIVING),
    "all_objects": (lambda: numbers(Room.all_objects.all()), EVERY),
    "deleted_objects": (lambda: numbers(Room.deleted_objects.all()), DELETED),
    "alive": (lambda: numbers(Room.all_objects.alive()), LIVING),
    "deleted": (lambda: numbers(Room.all_objects.deleted()), DELETED),
    "filter": (lambda: numbers(Room.objects.filter(number__gte=0)), LIVING),
    "exclude": (lambda: numbers(Room.objects.exclude(number=9)), LIVING),
    "values": (lambda: sorted(row["number"] for row in Room.objects.values("number")), LIVING),
    "values_list": (lambda: sorted(Room.objects.values_list("number", flat=True)), LIVING),
    "slice": (lambda: numbers(Room.objects.order_by("number")[:2]), LIVING),
    "distinct": (lambda: sorted(Room.objects.values_list("number", flat=True).distinct()), LIVING),
    "union": (lambda: numbers(Room.objects.union(Room.objects.all())), LIVING),
    "or": (lambda: numbers(Room.objects.all() | Room.deleted_objects.all()), EVERY),
    "raw": (lambda: numbers(Room.objects.raw("SELECT * FROM testapp_room")), EVERY),
    "in_bulk": (lambda: numbers(Room.objects.in_bulk(keys()).values()), LIVING),
    "in_bulk of all": (lambda: numbers(Room.all_objects.in_bulk(keys()).values()), EVERY),
    "iterator": (lambda: numbers(Room.objects.iterator(chunk_size=1)), LIVING),
    "get": (lambda: is_missing(lambda: Room.objects.get(number=0)), True),
    "get of all": (lambda: is_missing(lambda: Room.all_objects.get(number=0)), False),
    "first": (lambda: Room.objects.order_by("number").first().number, 1),
    "earliest": (lambda: Room.objects.earliest("number").number, 1),
    "last": (lambda: Room.objects.order_by("-number").last().number, 1),
    "count": (lambda: Room.objects.count(), 2),
    "exists": (lambda: Room.objects.filter(number=0).exists(), False),
    "contains": (lambda: Room.objects.contains(Room.all_objects.get(number=0)), False),
    "aggregate": (lambda: Room.objects.aggregate(mean=Avg("number"))["mean"], 1.5),
    "get_object_or_404": (lambda: is_missing(lambda: get_object_or_404(Room, number=0)), True),
    "get_list_or_404": (lambda: is_missing(lambda: get_list_or_404(Room, number=0)), True),
    "refresh_from_db": (lambda: Room.all_objects.get(number=0).refresh_from_db(), None),
    "related manager": (lambda: numbers(the_house().rooms.all()), LIVING),
    "related count": (lambda: the_house().rooms.count(), 2),
    "related manager by name": (
        lambda: numbers(the_house().rooms(manager="all_objects").all()),
        EVERY,
    ),
    "prefetch": (lambda: numbers(prefetched("rooms").rooms.all()), LIVING),
    "prefetch of all": (
        lambda: numbers(prefetched(Prefetch("rooms", Room.all_objects.all())).rooms.all()),
        EVERY,
    ),
    "prefetch in steps": (
        lambda: sum(len(room.stays.all()) for room in prefetched("rooms__stays").rooms.all()),
        2,
    ),
    "select_related": (
        lambda: numbers(stay.room for stay in Stay.all_objects.select_related("room")),
        EVERY,
    ),
    "key": (lambda: numbers(stay.room for stay in Stay.all_objects.all()), EVERY),
    "exists subquery": (
        lambda: House.objects.filter(Exists(living_rooms_of_house().filter(number=0))).exists(),
        False,
    ),
    "subquery": (
        lambda: (
            House.objects.annotate(
                low=Subquery(living_rooms_of_house().order_by("number").values("number")[:1])
            )
            .get()
            .low
        ),
        1,
    ),
    "in a queryset": (
        lambda: Stay.all_objects.filter(room__in=Room.objects.all()).count(),
        2,
    ),
    # What a join meets is told where joins are: see join_alive().
    "count over a join": (lambda: House.objects.aggregate(n=Count("rooms"))["n"], 3),
    "filter over a join": (lambda: House.objects.filter(rooms__number=0).count(), 1),
    "serializers": (
        lambda: len(json.loads(serializers.serialize("json", Room.objects.all()))),
        2,
    ),
    "dumpdata": (lambda: dumped(), LIVING),
    "dumpdata --all": (lambda: dumped("--all"), EVERY),
    "form's choices": (
        lambda: len(choices(modelform_factory(Stay, fields=["room"])(), "room")),
        2,
    ),
    "formset": (
        lambda: numbers(modelformset_factory(Room, fields=["number"])().get_queryset()),
        LIVING,
    ),
    "inline formset": (
        lambda: numbers(
            inlineformset_factory(House, Room, fields=["number"])(instance=the_house()).queryset
        ),
        LIVING,
    ),
    "update": (lambda: Room.objects.update(number=7), 2),
    "update of all": (lambda: Room.all_objects.update(number=7), 3),
    "delete": (lambda: Room.objects.all().delete()[1]["testapp.Room"], 2),
    "delete of all": (lambda: Room.all_objects.all().delete()[1]["testapp.Room"], 2),
    "restore": (lambda: Room.deleted_objects.restore()[1]["testapp.Room"], 1),
    "hard_delete": (lambda: Room.objects.all().hard_delete()[1]["testapp.Room"], 2),
}


@pytest.mark.parametrize(("look", "expected"), SHOWN.values(), ids=list(SHOWN))
def test_who_is_shown(look, expected):
    assert look() == expected


async def listed(rows):
    return sorted([row.number async for row in rows])


async def asks(awaitable):
    try:
        await awaitable
    except (Room.DoesNotExist, Http404):
        return False
    return True


async def hide_and_bring_back():
    room = await Room.objects.aget(number=1)
    assert (await room.adelete())[1] == {"testapp.Room": 1, "testapp.Stay": 1}
    assert (await room.arestore())[0] == 2
    assert (await room.asoft_delete(reason="why"))[0] == 2
    await room.arefresh_from_db(from_queryset=Room.all_objects.all())
    assert (room.is_deleted, room.deletion_reason) == (True, "why")
    await room.ahard_delete()
    return await listed(Room.all_objects.all())


async def fetch_in_bulk():
    every = [key async for key in Room.all_objects.values_list("pk", flat=True)]
    found = await Room.objects.ain_bulk(every)
    return sorted(room.number for room in found.values())


async def find_or_make(method):
    house = await House.objects.aget()
    _, is_new = await getattr(Room.objects, method)(house=house, number=0)
    _, is_newer = await getattr(Room.objects, method)(house=house, number=0)
    return is_new, is_newer


async def ask_aggregate():
    return (await Room.objects.aaggregate(high=Max("number"), low=Avg("number")))["low"]


async def first_number(method, *arguments):
    return (await getattr(Room.objects.order_by("number"), method)(*arguments)).number


async def create_many():
    house = await House.objects.aget()
    made = await Room.objects.abulk_create([Room(house=house, number=5)])
    made[0].number = 6
    return await Room.objects.abulk_update(made, ["number"])


async def related_rooms():
    house = await House.objects.aget()
    assert await house.rooms.acount() == 2
    return await listed(house.rooms.all())


ASYNC = {
    "async for": (lambda: listed(Room.objects.all()), LIVING),
    "aiterator": (lambda: listed(Room.objects.aiterator()), LIVING),
    "aget": (lambda: asks(Room.objects.aget(number=0)), False),
    "aget of all": (lambda: asks(Room.all_objects.aget(number=0)), True),
    "acount": (lambda: Room.objects.acount(), 2),
    "aexists": (lambda: Room.objects.filter(number=0).aexists(), False),
    "acontains": (lambda: contains_deleted(), False),
    "afirst": (lambda: first_number("afirst"), 1),
    "alast": (lambda: first_number("alast"), 2),
    "aearliest": (lambda: first_number("aearliest", "number"), 1),
    "alatest": (lambda: first_number("alatest", "number"), 2),
    "aaggregate": (ask_aggregate, 1.5),
    "ain_bulk": (fetch_in_bulk, LIVING),
    "aget_object_or_404": (lambda: asks(aget_object_or_404(Room, number=0)), False),
    "aupdate": (lambda: Room.objects.aupdate(number=7), 2),
    "aget_or_create": (lambda: find_or_make("aget_or_create"), (True, False)),
    "aupdate_or_create": (lambda: find_or_make("aupdate_or_create"), (True, False)),
    "abulk": (create_many, 1),
    "related manager": (related_rooms, LIVING),
    "of an instance": (hide_and_bring_back, [0, 2]),
    "adelete": (lambda: total(Room.objects.all().adelete()), 4),
    "arestore": (lambda: total(Room.deleted_objects.all().arestore()), 2),
    "arestore of a manager": (lambda: total(Room.deleted_objects.arestore()), 2),
    "ahard_delete": (lambda: total(Room.all_objects.all().ahard_delete()), 6),
}


async def contains_deleted():
    return await Room.objects.acontains(await Room.all_objects.aget(number=0))


async def total(awaitable):
    return (await awaitable)[0]


@pytest.mark.parametrize(("look", "expected"), ASYNC.values(), ids=list(ASYNC))
def test_async_code_is_shown_the_same(look, expected):
    async def ask():
        return await look()

    assert async_to_sync(ask)() == expected


@pytest.fixture
def album():
    Rack.objects.create(pk=1, name="rack")
    return Album.objects.create(title="album")


def test_a_generic_key_resolves_to_a_deleted_row(album):
    Marker.objects.create(marked=album)
    Album.objects.all().delete()
    Marker.all_objects.update(deleted_at=None, deletion_id=None)
    assert Marker.objects.get().marked == album
    assert Marker.objects.prefetch_related("marked").get().marked.is_deleted


def test_a_generic_relation_shows_the_living(album):
    content_type = ContentType.objects.get_for_model(Album)
    for _ in range(2):
        Marker.objects.create(content_type=content_type, object_id=album.pk)
    Marker.objects.first().delete()
    assert album.markers.count() == 1
    assert len(Album.objects.prefetch_related("markers").get().markers.all()) == 1


@pytest.mark.parametrize("method", ["get_or_create", "update_or_create"])
@pytest.mark.parametrize("owner", ["manager", "related manager", "links"])
def test_a_deleted_row_is_not_found_and_its_value_is_free_or_told(album, method, owner):
    track = Track.objects.create(album=album, title="one")
    track.delete()
    Label.objects.create(name="rock").delete()
    managers = {"manager": Track.objects, "related manager": album.tracks, "links": album.labels}
    find = getattr(managers[owner], method)
    if owner == "links":
        with pytest.raises(HeldByDeleted):
            find(name="rock")
        return
    found, is_new = find(album=album, title="one")
    assert (is_new, found == track) == (True, False)
    assert find(album=album, title="one") == (found, False)


def test_an_inline_formset_hides_what_it_removes(house):
    formset_class = inlineformset_factory(House, Room, fields=["number"], extra=0)
    rooms = list(house.rooms.order_by("number"))
    data = {"rooms-TOTAL_FORMS": 2, "rooms-INITIAL_FORMS": 2}
    for position, room in enumerate(rooms):
        data |= {f"rooms-{position}-id": room.pk, f"rooms-{position}-number": room.number}
    data["rooms-0-DELETE"] = "on"
    formset = formset_class(data, instance=house, queryset=house.rooms.order_by("number"))
    assert formset.is_valid(), formset.errors
    formset.save()
    assert (numbers(Room.objects.all()), numbers(Room.all_objects.all())) == ([2], EVERY)


def test_a_form_cannot_choose_a_deleted_parent(house):
    house.delete()
    form = modelform_factory(Room, fields=["house", "number"])({"house": house.pk, "number": 1})
    assert list(form.errors) == ["house"]
