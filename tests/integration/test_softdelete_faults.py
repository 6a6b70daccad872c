"""Faults of other packages for soft delete, each with a test that this one has not got it."""

from datetime import date

import pytest
from asgiref.sync import async_to_sync
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.db.models import Count, ProtectedError

from django_modernize.softdelete import join_alive
from tests.testapp.models import (
    Album,
    Annex,
    Club,
    Fellow,
    Guest,
    House,
    Membership,
    Note,
    Rental,
    Room,
    Stay,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    house = House.objects.create(name="house")
    for number in range(3):
        Room.objects.create(house=house, number=number)
    return house


def test_a_cyclic_key_does_not_hang():
    first, second = (House.objects.create(name=name) for name in "ab")
    House.objects.filter(pk=first.pk).update(wing_of=second)
    House.objects.filter(pk=second.pk).update(wing_of=first)
    itself = House.objects.create(name="itself")
    House.objects.filter(pk=itself.pk).update(wing_of=itself)
    assert (first.delete()[0], itself.delete()[0]) == (2, 1)
    assert (second.restore()[0], itself.restore()[0]) == (2, 1)


def test_multi_table_inheritance_is_no_sql_error():
    annex = Annex.objects.create(name="annex")
    for rows in (Annex.objects.filter(size=1), House.objects.filter(annex__size=1)):
        assert rows.delete() == (2, {"testapp.House": 1, "testapp.Annex": 1})
        assert Annex.all_objects.filter(pk=annex.pk).restore()[0] == 2
    assert Annex.objects.filter(deleted_at=None).update(name="new", size=2) == 1
    assert Annex.objects.exclude(size=3).hard_delete()[0] == 2


def test_a_second_delete_destroys_nothing(house):
    house.delete()
    for again in (house.delete, House.all_objects.all().delete, House.deleted_objects.all().delete):
        assert again() == (0, {})
    assert house.restore()[0] == 4


def test_a_queryset_delete_minds_protect(house):
    Guest.objects.create(house=house)
    House.objects.create(name="free")
    with pytest.raises(ProtectedError):
        House.objects.all().delete()
    assert House.objects.count() == 2


def test_children_that_are_not_soft_deletable_stay(house):
    note = Note.objects.create(house=house, text="kept")
    house.delete()
    house.restore()
    assert Note.objects.get() == note


def test_a_constraint_makes_no_new_migration_each_time():
    for constraint in (*Album._meta.constraints, *Rental._meta.constraints):
        text, imports = MigrationWriter.serialize(constraint)
        names = {}
        exec("\n".join(imports), names)
        assert eval(text, names) == constraint


def test_an_update_of_all_objects_reaches_deleted_rows(house):
    house.rooms.first().delete()
    assert Room.all_objects.update(number=9) == 3
    assert set(Room.all_objects.values_list("number", flat=True)) == {9}


def test_adelete_hides_as_delete_does(house):
    async def delete():
        assert (await Room.objects.filter(number=0).adelete())[0] == 1
        assert (await house.adelete())[0] == 3

    async_to_sync(delete)()
    assert (Room.objects.count(), Room.all_objects.count()) == (0, 3)


def test_joins_can_leave_deleted_rows_out(house):
    room = house.rooms.get(number=0)
    Stay.objects.create(room=room)
    room.delete()
    living = House.objects.annotate(living=join_alive("rooms"))
    assert not living.filter(living__number=0).exists()
    assert living.annotate(number=Count("living")).get().number == 2


def test_joins_of_several_steps_can_leave_deleted_rows_out(house):
    stay = Stay.objects.create(room=house.rooms.get(number=0))
    deep = House.objects.annotate(deep=join_alive("rooms__stays"))
    assert deep.filter(deep__bill=None, deep__isnull=False).get() == house
    assert deep.filter(rooms__number=0).filter(deep__isnull=False).get() == house
    assert deep.aggregate(number=Count("deep")) == {"number": 1}
    stay.delete()
    assert not deep.filter(deep__isnull=False).exists()
    assert deep.aggregate(number=Count("deep")) == {"number": 0}


def test_links_can_leave_deleted_rows_out():
    club = Club.objects.create(name="club")
    club.members.add(Fellow.objects.create(name="ann"))
    Membership.objects.all().delete()
    living = Club.objects.annotate(living=join_alive("membership"))
    assert not living.filter(living__member__name="ann").exists()
    assert (club.members.count(), living.aggregate(number=Count("living"))["number"]) == (0, 0)


def test_stamps_that_are_set_by_themselves_do_not_change_on_restore():
    rental = Rental.objects.create(code="a", begins=date(2024, 1, 1), ends=date(2024, 1, 2))
    before = Rental.all_objects.values().get()
    rental.delete()
    rental.restore()
    assert Rental.all_objects.values().get() == before
    assert any(isinstance(field, models.DateTimeField) for field in Rental._meta.fields)
