"""The blocks know of one another: one change is one thing to all of them."""

import datetime as dt

import pytest
from django.core import serializers
from django.db import IntegrityError, transaction

from django_modernize.audit import AuditEvent, history
from django_modernize.context import change_context
from django_modernize.softdelete import RestoreConflict
from tests.testapp.models import Person, Rental, RentalTurned

pytestmark = pytest.mark.django_db

MODELS = pytest.mark.parametrize("model", [Rental, RentalTurned])


def days(first, last):
    return {"begins": dt.date(2026, 1, first), "ends": dt.date(2026, 1, last)}


def dump(model):
    return serializers.serialize("json", model.all_objects.order_by("pk"))


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")


@MODELS
def test_one_context_reaches_stamps_deletion_and_trail(model, ann):
    with change_context(actor=ann, source="api", reason="why"):
        rental = model.objects.create(code="a", **days(1, 3))
        rental.delete()
    rental = model.all_objects.get()
    assert (rental.created_by, rental.created_via, rental.deleted_by) == (ann, "api", ann)
    assert rental.deletion_reason == "why"
    assert set(history(rental).values_list("action", "actor", "source", "reason")) == {
        ("create", ann.pk, "api", "why"),
        ("soft_delete", ann.pk, "api", "why"),
    }


@MODELS
def test_deleting_and_restoring_gives_back_the_same_bytes(model, ann):
    rental = model.objects.create(code="a", **days(1, 3))
    before = dump(model)
    with change_context(actor=ann, source="api"):
        rental.delete()
        rental.restore()
    assert dump(model) == before


@MODELS
def test_update_is_stamped_and_recorded_once(model, ann):
    rental = model.objects.create(code="a", **days(1, 3))
    with change_context(actor=ann, source="api"):
        model.objects.update(house=2)
    event = history(rental).first()
    assert set(event.changes) == {"house", "modified_at", "modified_by", "modified_via"}
    rental.refresh_from_db()
    assert (rental.modified_by, rental.modified_via, rental.created_by) == (ann, "api", None)
    assert event.decode_changes()["modified_at"][1] == rental.modified_at


@MODELS
def test_a_deletion_is_no_change_of_the_instance(model):
    rental = model.objects.create(code="a", **days(1, 3))
    rental = model.objects.get()
    rental.house = 5
    rental.delete()
    assert rental.diff == {"house": (1, 5)}
    rental.restore()
    assert rental.changed_fields == ("house",)


@MODELS
def test_managers_show_the_same_whatever_comes_first(model):
    kept = model.objects.create(code="a", **days(1, 3))
    gone = model.objects.create(code="b", **days(5, 6))
    gone.delete()
    assert (model.objects.get(), model.deleted_objects.get()) == (kept, gone)
    assert model._default_manager.get() == kept
    assert model._base_manager.count() == 2


def test_a_deleted_row_blocks_neither_its_code_nor_its_dates():
    first = Rental.objects.create(code="a", **days(1, 9))
    with pytest.raises(IntegrityError), transaction.atomic():
        Rental.objects.create(code="b", **days(5, 6))
    first.delete()
    Rental.objects.create(code="a", **days(5, 6))
    with pytest.raises(RestoreConflict) as caught:
        first.restore()
    assert len(caught.value.conflicts) == 2
    assert first.is_deleted


def test_bulk_writes_are_stamped_and_recorded(ann):
    with change_context(actor=ann, source="excel_import"):
        rentals = Rental.objects.bulk_create(
            Rental(code=str(day), **days(day, day + 1)) for day in range(1, 11)
        )
        for rental in rentals:
            rental.house = 2
        Rental.objects.bulk_update(rentals, ["house"])
    assert AuditEvent.objects.filter(actor=ann, source="excel_import").count() == 20
    assert not Rental.objects.exclude(modified_by=ann, modified_via="excel_import").exists()


def test_a_refused_row_leaves_no_event():
    with pytest.raises(IntegrityError), transaction.atomic():
        Rental.objects.create(code="a", **days(9, 1))
    assert not AuditEvent.objects.exists()
