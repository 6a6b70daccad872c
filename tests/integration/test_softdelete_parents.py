"""No living child comes under a deleted parent: both databases refuse it, with the same words."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from django_modernize.triggers.installer import compare_triggers
from tests.connections import other_program
from tests.testapp.models import Bill, Guest, House, Room, Stay

pytestmark = pytest.mark.django_db(transaction=True)

REFUSAL = (
    "testapp_room.house_id points to a deleted row of testapp_house: restore the parent first, or "
    "choose another."
)


@pytest.fixture
def house():
    """A deleted one."""
    house = House.objects.create(name="house")
    house.delete()
    return house


@pytest.fixture
def room():
    return Room.objects.create(house=House.objects.create(name="living"))


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def save_moved(room, house):
    room.house = house
    room.save()


def bulk_update(room, house):
    room.house = house
    Room.objects.bulk_update([room], ["house"])


def upsert(room, house):
    Room.objects.bulk_create(
        [Room(pk=room.pk, house=house)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["house"],
    )


WAYS = {
    "create": lambda room, house: Room.objects.create(house=house),
    "related manager": lambda room, house: house.rooms.create(),
    "bulk_create": lambda room, house: Room.objects.bulk_create([Room(house=house)]),
    "upsert": upsert,
    "save": save_moved,
    "update": lambda room, house: Room.objects.update(house=house),
    "bulk_update": bulk_update,
    "sql": lambda room, house: run("UPDATE testapp_room SET house_id = %s", house.pk),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_living_child_of_a_deleted_parent_is_refused_on_every_way(house, room, way):
    before = list(Room.all_objects.values_list())
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        way(room, house)
    assert str(caught.value).partition("\n")[0] == REFUSAL
    assert list(Room.all_objects.values_list()) == before


def test_another_program_is_refused_too(house, room):
    with other_program() as program, pytest.raises(Exception, match="deleted row of testapp_house"):
        program.execute(f"UPDATE testapp_room SET house_id = {house.pk}")


def test_a_key_that_protects_or_restricts_is_guarded_and_one_that_is_replaced_is_not(house, room):
    bill = Bill.objects.create()
    bill.delete()
    with pytest.raises(IntegrityError, match="deleted row of testapp_house"), transaction.atomic():
        Guest.objects.create(house=house)
    with pytest.raises(IntegrityError, match="deleted row of testapp_bill"), transaction.atomic():
        Stay.objects.create(room=room, bill=bill)
    guest = Guest.objects.create(house=room.house, favourite=room)
    room.delete()
    guest.favourite = room
    guest.save()


def test_a_hidden_child_may_hang_on_a_hidden_parent(house, room):
    room.delete()
    Room.all_objects.filter(pk=room.pk).update(house=house)
    Room.all_objects.update(number=2)
    with transaction.atomic():
        house.restore()
        assert room.restore() == (1, {"testapp.Room": 1})


def test_guards_survive_a_rebuild_and_a_new_name_of_the_parents_table(house, room):
    state = ProjectState.from_apps(apps)

    def migrate(*operations):
        nonlocal state
        for operation in operations:
            before = state.clone()
            operation.state_forwards("testapp", state)
            with connection.schema_editor(atomic=True) as editor:
                operation.database_forwards("testapp", editor, before, state)
            Room.objects.create(house=room.house)

    migrate(
        migrations.AlterField("house", "name", models.CharField(max_length=60)),
        migrations.AddField("house", "note", models.TextField(default="")),
        migrations.RemoveField("house", "note"),
        migrations.AlterField("house", "name", models.CharField(max_length=50)),
    )
    migrate(migrations.AlterField("room", "number", models.BigIntegerField(default=1)))
    migrate(migrations.AlterField("room", "number", models.IntegerField(default=1)))
    assert compare_triggers(connection).is_clean
    with pytest.raises(IntegrityError, match="deleted row of testapp_house"):
        Room.objects.create(house=house)
    migrate(migrations.AlterModelTable("house", "elsewhere"))
    migrate(migrations.AlterModelTable("house", "testapp_house"))
    assert compare_triggers(connection).is_clean
