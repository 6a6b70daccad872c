"""The pages for those who come from another package run as they are written."""

from pathlib import Path

import pytest
from django.db import connection, migrations
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.signals import post_save
from django.test.utils import isolate_apps
from model_utils.models import TimeStampedModel

from django_modernize.models import TimeStampedMixin
from tests.pages import ROOT, python_blocks
from tests.testapp.models import House, Person

from . import models
from .models import Letter, Order, Parcel

FOLDER = ROOT / "docs" / "coming_from"
SOFT_DELETE = [FOLDER / "django_safedelete.md", FOLDER / "django_softdelete.md"]
AUDIT = sorted(set(FOLDER.glob("django_*.md")) - set(SOFT_DELETE))


@pytest.mark.django_db
@pytest.mark.parametrize("page", AUDIT, ids=lambda page: page.stem)
def test_the_calls_of_a_page_do_what_it_says(page):
    ann = Person.objects.create(username="ann")
    order = Order.objects.create(count=4)
    exec(python_blocks(page)[0], {"ann": ann, "order": order, "Order": Order})


@pytest.mark.django_db
@pytest.mark.parametrize("page", SOFT_DELETE, ids=lambda page: page.stem)
def test_the_calls_of_a_soft_delete_page_do_what_it_says(page):
    ann = Person.objects.create(username="ann")
    house = House.objects.create(name="house")
    house.rooms.create()
    exec(python_blocks(page)[0], {"ann": ann, "house": house, "House": House})


def test_there_is_a_page_for_each_source():
    from django_modernize.contrib.audit_import.sources import SOURCES

    assert {page.stem.removeprefix("django_") for page in AUDIT} == set(SOURCES)


@pytest.fixture
def parcel(db):
    Parcel.objects.create()
    return Parcel.objects.get()


@pytest.mark.parametrize("page", ["model_utils", "dirtyfields"])
def test_the_questions_of_a_page_on_the_diff_are_answered_as_it_says(page, parcel):
    exec(python_blocks(FOLDER / f"{page}.md")[0], {"parcel": parcel})


def test_the_receiver_that_replaces_a_hook_hears_of_creations_and_changes(
    db, django_capture_on_commit_callbacks
):
    sent = []
    names = {"Parcel": Parcel, "send_status": sent.append}
    exec(python_blocks(FOLDER / "lifecycle.md")[0], names)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            parcel = Parcel.objects.create()
            parcel.save()
            parcel.status = "sent"
            parcel.save()
    finally:
        post_save.disconnect(names["tell_customer"], sender=Parcel)
    assert sent == [parcel.pk, parcel.pk]


def test_the_fields_that_replace_those_of_currentuser_are_stamped(db):
    model, example = python_blocks(FOLDER / "currentuser.md")
    assert model[model.index("class ") :] in Path(models.__file__).read_text(encoding="utf-8")
    ann, bob = (Person.objects.create(username=name) for name in ("ann", "bob"))
    exec(example, {"ann": ann, "bob": bob, "Letter": Letter})


def state_of_order(base):
    """Return the state of an app of which one model has the base."""
    with isolate_apps("tests.peers"):
        order = type("Order", (base,), {"__module__": __name__, "Meta": OrderMeta})
        state = ProjectState()
        state.add_model(ModelState.from_model(order))
    return state


class OrderMeta:
    app_label = "orders"


def test_renamed_stamps_of_model_utils_keep_their_values(transactional_db):
    state = state_of_order(TimeStampedModel)
    old = state.apps.get_model("orders", "order")
    names = {"migrations": migrations}
    exec(python_blocks(FOLDER / "model_utils.md")[1], names)
    with connection.schema_editor() as editor:
        editor.create_model(old)
    try:
        row = old.objects.create()
        for operation in names["operations"]:
            state = apply_operation(state, operation)
        detected = MigrationAutodetector(state, state_of_order(TimeStampedMixin))
        (migration,) = detected._detect_changes()["orders"]
        assert {type(one).__name__ for one in migration.operations} == {"AlterField"}
        for operation in migration.operations:
            state = apply_operation(state, operation)
        kept = state.apps.get_model("orders", "order").objects.get()
        assert (kept.created_at, kept.modified_at) == (row.created, row.modified)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(state.apps.get_model("orders", "order"))


def apply_operation(state, operation):
    """Change the database as the operation does; return the state that follows."""
    after = state.clone()
    operation.state_forwards("orders", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("orders", editor, state, after)
    return after
