"""Stamps in data migrations."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from django_modernize.context import change_context
from tests.parcels import CREATED, MODIFIED, stamps, stored
from tests.testapp.models import Parcel, Van

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking_clock")]


def test_the_models_of_a_data_migration_are_stamped(editor):
    state = ModelState.from_model(Parcel)
    person = ModelState.from_model(get_user_model())
    van = ModelState.from_model(Van)
    historical = build_apps(state, person, van).get_model("testapp", "Parcel")
    assert not hasattr(historical, "_baseline")
    with change_context(actor=editor, source="migration"):
        row = historical.objects.create(code="H")
        assert (
            stamps(stored(row.pk), CREATED[1:] + MODIFIED[1:])
            == (
                editor.pk,
                "migration",
            )
            * 2
        )
    row = historical.objects.get()
    row.save()
    assert stamps(stored(row.pk), CREATED[1:]) == (editor.pk, "migration")
    assert stamps(stored(row.pk), MODIFIED[1:]) == (None, "system")
    historical(pk=row.pk, code="H").save()
    assert stored(row.pk).created_by == editor


HISTORICAL_CHANGES = {
    "update": lambda model, row: model.objects.update(weight=5),
    "bulk_update": lambda model, row: model.objects.bulk_update([changed(row)], ["weight"]),
    "save": lambda model, row: changed(row).save(),
    "save twice": lambda model, row: [changed(row).save(), row.save()],
    "save of some fields": lambda model, row: changed(row).save(
        update_fields=["weight", "modified_at", "modified_by", "modified_via"]
    ),
    "update_or_create": lambda model, row: model.objects.update_or_create({"weight": 5}, code="A"),
    "upsert": lambda model, row: model.objects.bulk_create(
        [model(code="A", weight=5)],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["weight"],
    ),
    "base manager": lambda model, row: model._base_manager.update(weight=5),
}


def changed(row):
    row.weight = 5
    return row


@pytest.fixture
def historical():
    states = [ModelState.from_model(model) for model in (get_user_model(), Van, Parcel)]
    return build_apps(*states).get_model("testapp", "Parcel")


@pytest.mark.parametrize("change", HISTORICAL_CHANGES.values(), ids=HISTORICAL_CHANGES)
def test_every_way_to_change_a_row_in_a_data_migration_is_stamped(
    change, parcel, editor, historical
):
    before = stamps(parcel, CREATED + MODIFIED)
    with change_context(actor=editor, source="migration"):
        change(historical, historical.objects.get(pk=parcel.pk))
    row = stored(parcel.pk)
    assert row.weight == 5
    assert stamps(row, CREATED) == before[:3]
    assert row.modified_at > before[3]
    assert stamps(row, MODIFIED[1:]) == (editor.pk, "migration")


def test_bulk_creation_in_a_data_migration_is_stamped_and_can_be_saved_again(editor, historical):
    with change_context(actor=editor, source="migration"):
        (row,) = historical.objects.bulk_create([historical(code="H")])
    assert stamps(stored(row.pk), CREATED[1:]) == (editor.pk, "migration")
    for _ in range(2):
        before = row.modified_at
        row.save()
        assert stored(row.pk).modified_at > before


def test_the_managers_of_a_migrations_models_are_those_of_its_state(historical):
    assert [manager.name for manager in historical._meta.managers] == ["objects"]
    assert historical._default_manager.name == historical._base_manager.name == "objects"
    untouched = build_apps(ModelState.from_model(Van), ModelState.from_model(get_user_model()))
    assert type(untouched.get_model("testapp", "Van").objects) is models.Manager


def build_apps(*states):
    project = ProjectState()
    for model in (ContentType, Permission, Group):
        project.add_model(ModelState.from_model(model))
    for state in states:
        project.add_model(state)
    return project.apps
