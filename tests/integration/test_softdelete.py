"""A deletion hides what Django would delete, in one statement per relation, and can be undone."""

import uuid

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.db.models import ProtectedError, RestrictedError
from django.forms import modelform_factory

from django_modernize.audit import AuditEvent, history
from django_modernize.context import change_context
from django_modernize.softdelete import RestoreConflict, delete_together
from tests.testapp.models import Annex, Bill, Guest, House, Note, Person, Room, Stay

pytestmark = pytest.mark.django_db

MODELS = (House, Annex, Room, Stay, Guest, Bill, Note)


def dump():
    """Return every row of every model, hidden ones too."""
    rows = [row for model in MODELS for row in model._base_manager.order_by("pk")]
    return serializers.serialize("json", rows)


@pytest.fixture
def house():
    house = House.objects.create(name="Lake house")
    for number in range(3):
        room = Room.objects.create(house=house, number=number)
        Stay.objects.create(room=room)
    return house


def test_deleted_rows_are_hidden_and_not_gone(house):
    house.delete()
    assert house.is_deleted
    assert not House.objects.exists()
    assert House.all_objects.get() == House.deleted_objects.get() == house
    assert House.all_objects.deleted().count() == 1
    assert not House.all_objects.alive().exists()


def test_a_deletion_takes_its_children_and_counts_as_django_does(house):
    other = Room.objects.create(house=House.objects.create(name="Other"))
    assert house.delete() == (7, {"testapp.House": 1, "testapp.Room": 3, "testapp.Stay": 3})
    assert list(Room.objects.all()) == [other]
    assert not Stay.objects.exists()
    assert len(set(Stay.all_objects.values_list("deletion_id")) | {(house.deletion_id,)}) == 1


def test_restore_brings_back_exactly_what_the_deletion_took(house):
    Room.objects.first().delete()
    before = dump()
    house.delete()
    assert house.restore() == (5, {"testapp.House": 1, "testapp.Room": 2, "testapp.Stay": 2})
    assert dump() == before
    assert not house.is_deleted


def test_who_when_and_why_are_on_every_row(house):
    person = Person.objects.create(username="ann")
    with change_context(actor=person, reason="sold"):
        house.delete()
    for row in (House.all_objects.get(), *Room.all_objects.all(), *Stay.all_objects.all()):
        assert (row.deleted_by, row.deletion_reason) == (person, "sold")
        assert row.deleted_at == house.deleted_at


def test_soft_delete_names_who_and_why(house):
    person = Person.objects.create(username="ann")
    house.soft_delete(user=person, reason="sold")
    house.refresh_from_db(from_queryset=House.all_objects.all())
    assert (house.deleted_by, house.deletion_reason) == (person, "sold")
    event = history(house).first()
    assert (event.action, event.actor, event.reason) == ("soft_delete", person, "sold")


def test_the_trail_tells_a_deletion_and_a_restore_from_a_change(house):
    house.delete()
    house.restore()
    assert list(history(house).values_list("action", flat=True)) == [
        "restore",
        "soft_delete",
        "create",
    ]
    assert AuditEvent.objects.filter(action="soft_delete", object_type="testapp.room").count() == 3


def test_a_second_deletion_does_nothing(house):
    house.delete()
    first = house.deletion_id
    before = dump()
    assert house.delete() == (0, {})
    assert House.all_objects.all().delete() == (0, {})
    assert (dump(), house.deletion_id) == (before, first)


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(
    house, django_assert_num_queries, django_assert_max_num_queries
):
    # Two for each of House, Room and Stay, two for those that inherit, protect or restrict, and two
    # to begin and to end.
    with django_assert_max_num_queries(10) as few:
        house.delete()
    with django_assert_max_num_queries(10) as few_back:
        house.restore()
    big = House.objects.create(name="Big")
    rooms = Room.objects.bulk_create([Room(house=big) for _ in range(200)])
    Stay.objects.bulk_create([Stay(room=room) for room in rooms])
    with django_assert_num_queries(len(few)):
        assert big.delete()[0] == 401
    with django_assert_num_queries(len(few_back)):
        big.restore()


def test_a_queryset_deletes_and_restores_as_one(house):
    House.objects.create(name="Second")
    before = dump()
    assert House.objects.all().delete()[0] == 8
    assert House.deleted_objects.restore()[0] == 8
    assert dump() == before


def test_a_tree_goes_as_a_whole_and_comes_back():
    root = House.objects.create(name="root")
    wing = House.objects.create(name="wing", wing_of=root)
    House.objects.create(name="wing of wing", wing_of=wing)
    assert root.delete() == (3, {"testapp.House": 3})
    root.restore()
    assert House.objects.count() == 3


def test_a_cycle_ends():
    first = House.objects.create(name="first")
    second = House.objects.create(name="second", wing_of=first)
    House.objects.filter(pk=first.pk).update(wing_of=second)
    assert first.delete()[0] == 2
    assert second.refresh_from_db(from_queryset=House.all_objects.all()) is None
    assert second.restore()[0] == 2


def test_a_living_row_that_protects_stops_the_deletion(house):
    guest = Guest.objects.create(house=house)
    before = dump()
    with pytest.raises(ProtectedError, match=r"Guest\.house") as caught:
        house.delete()
    assert caught.value.protected_objects == {guest}
    assert dump() == before
    guest.delete()
    assert house.delete()[0] == 7


def test_an_error_names_the_rule_and_carries_a_hundred_of_the_rows(house):
    Guest.objects.bulk_create([Guest(house=house) for _ in range(101)])
    with pytest.raises(ProtectedError, match=r"by protected foreign keys Guest\.house") as caught:
        house.delete()
    assert len(caught.value.protected_objects) == 100


def test_a_row_that_restricts_stops_the_deletion_unless_it_goes_along(house):
    bill = Bill.objects.create(house=house)
    Stay.objects.update(bill=bill)
    with pytest.raises(RestrictedError, match=r"Stay\.bill"):
        bill.delete()
    assert not bill.is_deleted
    assert house.delete()[1]["testapp.Bill"] == 1


def test_children_that_cannot_be_hidden_stay(house):
    note = Note.objects.create(house=house)
    house.delete()
    assert Note.objects.get() == note
    assert note.house == house


def test_an_inherited_row_goes_and_comes_back_with_its_parent_row():
    annex = Annex.objects.create(name="Annex")
    Room.objects.create(house=annex)
    before = dump()
    assert annex.delete()[1]["testapp.Room"] == 1
    assert not House.objects.exists()
    assert not Annex.objects.exists()
    annex.restore()
    assert dump() == before
    House.objects.get().delete()
    assert not Annex.objects.exists()


def test_a_taken_name_is_a_conflict_that_names_it_and_changes_nothing(house):
    house.delete()
    House.objects.create(name="Lake house")
    before = dump()
    with pytest.raises(RestoreConflict, match="Lake house") as caught:
        house.restore()
    assert len(caught.value.conflicts) == 1
    assert dump() == before
    assert house.is_deleted


def test_a_child_cannot_come_back_under_a_deleted_parent(house):
    room = house.rooms.first()
    room.delete()
    house.delete()
    with pytest.raises(RestoreConflict, match="restore that first"):
        room.restore()
    house.restore()
    assert room.restore()[0] == 2


def test_living_rows_are_not_looked_at_by_a_restore(house, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert House.all_objects.restore() == (0, {})


@pytest.mark.parametrize(
    "name", ["soft_delete", "restore", "hard_delete", "asoft_delete", "arestore", "ahard_delete"]
)
def test_a_template_cannot_call_what_changes_rows(house, name):
    assert getattr(house, name).alters_data
    if hasattr(House.objects.all(), name):
        assert getattr(House.objects.all(), name).alters_data


@pytest.mark.parametrize("name", ["delete", "adelete", "hard_delete", "ahard_delete"])
def test_a_manager_offers_no_deletion_of_all_rows(name):
    assert not hasattr(House.objects, name)


def test_the_marks_are_for_no_form_and_need_no_value():
    assert set(modelform_factory(House, fields="__all__").base_fields) == {"name", "wing_of"}
    House(name="valid").full_clean()


def test_a_living_row_is_not_restored(house):
    assert house.restore() == (0, {})
    assert House.objects.restore() == (0, {})


def test_a_deleted_name_blocks_nobody(house):
    house.delete()
    House(name="Lake house").full_clean()
    House.objects.create(name="Lake house")


def test_hard_delete_deletes_for_good(house):
    house.delete()
    house.hard_delete()
    assert not House.all_objects.exists()
    assert not Room.all_objects.exists()
    House.objects.create(name="a")
    House.objects.all().hard_delete()
    assert not House.all_objects.exists()


def test_async_twins_do_the_same(house):
    async def go_and_come_back():
        await house.asoft_delete(reason="async")
        assert not await House.objects.aexists()
        await house.arestore()
        assert await House.objects.acount() == 1
        await House.objects.all().adelete()
        await House.deleted_objects.all().arestore()
        await house.adelete()
        await house.ahard_delete()

    async_to_sync(go_and_come_back)()
    assert not House.all_objects.exists()


def test_related_managers_show_the_living(house):
    house.rooms.first().delete()
    assert house.rooms.count() == 2
    fetched = House.objects.prefetch_related("rooms").get()
    assert len(fetched.rooms.all()) == 2


def test_a_projects_own_queryset_composes(house):
    assert House.objects.named("Lake house").get() == house
    assert House.objects.all().named("Lake house").delete()[0] == 7
    assert not House.objects.named("Lake house").exists()


@pytest.mark.parametrize(
    "rows",
    [
        lambda: House.objects.all()[:1],
        lambda: House.objects.values("name"),
        lambda: House.objects.distinct("name"),
    ],
)
def test_what_django_refuses_to_delete_is_refused(house, rows):
    with pytest.raises(TypeError, match="Cannot delete"):
        rows().delete()


def test_an_unsaved_row_cannot_be_deleted():
    with pytest.raises(ValueError, match="save it first"):
        House(name="unsaved").delete()


def test_two_deletions_have_different_ids(house):
    other = House.objects.create(name="Other")
    house.delete()
    other.delete()
    assert house.deletion_id != other.deletion_id
    assert isinstance(house.deletion_id, uuid.UUID)


def test_rows_of_several_models_go_and_come_back_as_one_deletion(house):
    before = dump()
    result = delete_together(Stay.objects.all(), Room.objects.filter(house=house))
    assert result == (6, {"testapp.Stay": 3, "testapp.Room": 3})
    ids = {
        *Stay.all_objects.values_list("deletion_id"),
        *Room.all_objects.values_list("deletion_id"),
    }
    assert len(ids) == 1
    Room.all_objects.first().restore()
    assert dump() == before


@pytest.mark.parametrize("order", [1, -1])
def test_what_goes_together_keeps_its_keys(house, order):
    room = Room.objects.first()
    guest = Guest.objects.create(house=House.objects.create(name="Other"), favourite=room)
    delete_together(*[Guest.objects.all(), Room.objects.filter(pk=room.pk)][::order])
    hidden = Guest.all_objects.get(pk=guest.pk)
    assert hidden.favourite_id == room.pk
    hidden.restore()
    assert not Room.objects.filter(pk=room.pk).exists()
    Room.all_objects.get(pk=room.pk).restore()
    assert Guest.objects.get().favourite == room


def test_what_one_of_several_takes_along_is_restricted_by_what_stays_alone(house):
    bill = Bill.objects.create()
    stay = Stay.objects.create(room=Room.objects.first(), bill=bill)
    with pytest.raises(RestrictedError):
        delete_together(Bill.objects.all(), Room.objects.filter(pk=0))
    delete_together(Bill.objects.all(), Stay.objects.filter(pk=stay.pk))
    assert not Bill.objects.exists()


def test_nothing_goes_where_one_of_several_is_protected(house):
    Guest.objects.create(house=house)
    with pytest.raises(ProtectedError):
        delete_together(Stay.objects.all(), House.objects.all())
    assert (House.objects.count(), Stay.objects.count()) == (1, 3)


def test_nothing_is_deleted_where_nothing_is_named():
    assert delete_together() == (0, {})
