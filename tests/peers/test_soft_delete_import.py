"""Rows that other packages hid are hidden by the mixin, come back as they would, and go back."""

import uuid
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.utils import timezone
from softdelete.models import ChangeSet, SoftDeleteRecord

from django_modernize.migrate import (
    BooleanToSoftDelete,
    ChangeSetsToSoftDelete,
    TimestampToSoftDelete,
)
from django_modernize.migrate.changesets_to_soft_delete import name_deletion
from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.models import DeletionJournal
from tests.isolation import isolate_beside_people

from .models import FlaggedHouse, SafeHouse, SafeRoom, ShelvedHouse, ShelvedRoom

pytestmark = pytest.mark.django_db(transaction=True)

MARKS = {
    "deleted_at": models.DateTimeField(null=True, blank=True, editable=False),
    "deleted_by": models.ForeignKey(
        "testapp.Person", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    ),
    "deletion_reason": models.TextField(blank=True, default="", editable=False),
    "deletion_id": models.UUIDField(null=True, blank=True, editable=False, db_index=True),
}


def add_marks(model, *, but=()):
    return [
        migrations.AddField(model, name, field) for name, field in MARKS.items() if name not in but
    ]


class Way:
    """The migrations of one project, there and back."""

    def __init__(self, operations):
        self.operations = operations
        state = ProjectState()
        named = {getattr(operation, "model_name", "").lower() for operation in operations}
        for model in apps.get_models():
            label, name = model._meta.app_label, model._meta.model_name
            # The whole project would take a minute.
            if label in ("auth", "contenttypes", "softdelete") or (
                name in {*named, "person"} and label in ("peers", "testapp")
            ):
                state.add_model(ModelState.from_model(model))
        self.states = [state]

    def go(self):
        for operation in self.operations:
            state = self.states[-1].clone()
            operation.state_forwards("peers", state)
            with connection.schema_editor() as editor:
                operation.database_forwards("peers", editor, self.states[-1], state)
            self.states.append(state)

    def go_back(self):
        for operation in reversed(self.operations[: len(self.states) - 1]):
            after, before = self.states.pop(), self.states[-1]
            with connection.schema_editor() as editor:
                operation.database_backwards("peers", editor, after, before)


SAFE = [
    *add_marks("safehouse"),
    *add_marks("saferoom"),
    TimestampToSoftDelete("safehouse", "deleted"),
    TimestampToSoftDelete("saferoom", "deleted", cascaded="deleted_by_cascade", parent="house"),
    *(
        migrations.RemoveField(model, name)
        for model in ("safehouse", "saferoom")
        for name in ("deleted", "deleted_by_cascade")
    ),
]
SHELVED = [
    *add_marks("shelvedhouse", but=["deleted_at"]),
    *add_marks("shelvedroom", but=["deleted_at"]),
    migrations.AlterField("shelvedhouse", "deleted_at", MARKS["deleted_at"]),
    migrations.AlterField("shelvedroom", "deleted_at", MARKS["deleted_at"]),
    ChangeSetsToSoftDelete("shelvedhouse", batch_size=2),
    ChangeSetsToSoftDelete("shelvedroom", batch_size=2),
]
FLAGGED = [
    *add_marks("flaggedhouse"),
    *add_marks("flaggedroom"),
    BooleanToSoftDelete("flaggedhouse", "is_deleted", at="removed_at"),
    BooleanToSoftDelete("flaggedroom", "is_deleted"),
    migrations.RemoveField("flaggedhouse", "is_deleted"),
    migrations.RemoveField("flaggedhouse", "removed_at"),
    migrations.RemoveField("flaggedroom", "is_deleted"),
]


@contextmanager
def carried_over(operations):
    way = Way(operations)
    try:
        way.go()
        yield way
    finally:
        way.go_back()


@contextmanager
def models_of_today(prefix):
    """Give the models that the project has after the migration, on the tables of the old ones."""
    with isolate_beside_people("tests.peers"):

        class House(SoftDeleteMixin):
            name = models.CharField(max_length=20, default="")

            class Meta:
                app_label = "peers"
                db_table = f"peers_{prefix}house"

        class Room(SoftDeleteMixin):
            house = models.ForeignKey(House, models.CASCADE, related_name="rooms")

            class Meta:
                app_label = "peers"
                db_table = f"peers_{prefix}room"

        yield House, Room


def dump(*tables):
    return {
        table: sorted(map(repr, table._base_manager.order_by("pk").values())) for table in tables
    }


def fill(house_model, room_model):
    """Store a house that is deleted with two of its rooms after the third, and a living one."""
    house = house_model.objects.create(name="deleted")
    rooms = [room_model.objects.create(house=house) for _ in range(3)]
    rooms[0].delete()
    house.delete()
    living = house_model.objects.create(name="living")
    alone = room_model.objects.create(house=living)
    alone.delete()
    return house.pk, rooms[0].pk, alone.pk


@pytest.mark.parametrize(
    ("prefix", "old", "operations"),
    [("safe", (SafeHouse, SafeRoom), SAFE), ("shelved", (ShelvedHouse, ShelvedRoom), SHELVED)],
    ids=["django-safedelete", "django-softdelete"],
)
def test_rows_come_back_with_what_went_along_and_the_table_goes_back_as_it_was(
    prefix, old, operations
):
    house, first, alone = fill(*old)
    tables = (*old, ChangeSet, SoftDeleteRecord)
    before = dump(*tables)
    with carried_over(operations), models_of_today(prefix) as (House, Room):
        assert House.objects.get().name == "living"
        assert Room.deleted_objects.count() == 4
    assert dump(*tables) == before
    with carried_over(operations), models_of_today(prefix) as (House, Room):
        assert House.all_objects.get(pk=house).restore()[0] == 3
        assert set(Room.deleted_objects.values_list("pk", flat=True)) == {first, alone}
        assert Room.all_objects.get(pk=alone).restore()[0] == 1
        assert not DeletionJournal.objects.exists()
    assert old[0].objects.count() == 2
    assert old[1].objects.count() == 3


def test_an_operation_on_change_sets_says_what_it_does():
    operation = ChangeSetsToSoftDelete("ShelvedHouse")
    assert repr(operation) == "<ChangeSetsToSoftDelete 'ShelvedHouse'>"
    assert operation.describe().startswith("Takes the change sets of ShelvedHouse over")


def test_django_safedelete_brings_back_what_was_deleted_meanwhile():
    living = SafeRoom.objects.create(house=SafeHouse.objects.create(name="living"))
    with carried_over(SAFE), models_of_today("safe") as (House, _):
        house = House.objects.create(name="later")
        house.rooms.create()
        house.delete()
    assert SafeRoom.deleted_objects.get().deleted_by_cascade
    assert SafeRoom.objects.get() == living
    SafeHouse.deleted_objects.get().undelete()
    assert (SafeHouse.objects.count(), SafeRoom.objects.count()) == (2, 2)


def test_django_softdelete_brings_back_what_was_deleted_meanwhile():
    ShelvedHouse.objects.create(name="living")
    with carried_over(SHELVED), models_of_today("shelved") as (House, _):
        house = House.objects.create(name="later")
        house.rooms.create()
        house.delete()
        House.objects.create(name="other").delete()
    assert ChangeSet.objects.count() == 2
    house = ShelvedHouse.objects.all_with_deleted().get(name="later")
    house.undelete()
    assert (ShelvedHouse.objects.count(), ShelvedRoom.objects.count()) == (2, 1)


def test_a_column_of_a_project_is_carried_over_and_back():
    FlaggedHouse.objects.create(name="living")
    FlaggedHouse.objects.create(name="deleted", is_deleted=True, removed_at=timezone.now())
    before = dump(FlaggedHouse)
    with carried_over(FLAGGED), models_of_today("flagged") as (House, _):
        assert (House.objects.get().name, House.deleted_objects.get().name) == ("living", "deleted")
    assert dump(FlaggedHouse) == before
    with carried_over(FLAGGED), models_of_today("flagged") as (House, _):
        assert House.deleted_objects.restore()[0] == 1
    assert not FlaggedHouse.objects.filter(is_deleted=True).exists()


def test_the_marks_are_those_of_the_mixin():
    for name, field in MARKS.items():
        own = SoftDeleteMixin._meta.get_field(name)
        # A key has its target as the setting says.
        skipped = {"to"}
        written, wanted = (
            {key: value for key, value in one.deconstruct()[3].items() if key not in skipped}
            for one in (field, own)
        )
        assert written == wanted


def test_a_deletion_has_one_id_for_every_model():
    assert name_deletion(1) == name_deletion(1) != name_deletion(2)
    assert isinstance(name_deletion(1), uuid.UUID)
