"""What must not be stamped, and what must not be remembered."""

import pytest
from django.contrib.auth import get_user_model
from django.core import serializers
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save, pre_save

from django_modernize.context import change_context
from tests.parcels import CREATED, LONG_AGO, MODIFIED, awaited, loaded_van, stamps, stored
from tests.testapp.models import Parcel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking_clock")]


def test_loaddata_keeps_what_it_brings(parcel, editor):
    Parcel.objects.update(modified_at=LONG_AGO, modified_by=None, modified_via="api")
    before = stamps(stored(parcel.pk), CREATED)
    text = serializers.serialize("python", Parcel.objects.all())
    Parcel.objects.all().delete()
    with change_context(actor=editor, source="manual"):
        for read in serializers.deserialize("python", text):
            read.save()
    row = stored(parcel.pk)
    assert stamps(row, MODIFIED) == (LONG_AGO, None, "api")
    assert stamps(row, CREATED) == before


def test_a_failed_save_takes_its_stamps_back(parcel, editor):
    other = Parcel.objects.create(code="B")
    before = stamps(other, MODIFIED)
    other.code = "A"
    with change_context(actor=editor), pytest.raises(IntegrityError), transaction.atomic():
        other.save()
    assert stamps(other, MODIFIED) == before
    other.code = "C"
    other.save()
    assert stored(other.pk).modified_by is None
    assert stored(other.pk).modified_at > before[0]


def test_a_failed_creation_takes_its_stamps_back(parcel, editor):
    twin = Parcel(code="A")
    with change_context(actor=editor), pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    assert stamps(twin, CREATED) == (None, None, "")
    with change_context(actor=editor), pytest.raises(IntegrityError), transaction.atomic():
        Parcel.objects.bulk_create([twin])
    assert stamps(twin, CREATED) == (None, None, "")
    twin.code = "B"
    twin.save()
    assert stored(twin.pk).created_by is None


def test_a_save_inside_a_save_has_its_own_context(parcel, maker, editor):
    other = Parcel.objects.create(code="B")

    def save_other(instance, **kwargs):
        if instance.pk == parcel.pk:
            with change_context(actor=editor, source="system"):
                other.save()
                Parcel.objects.filter(code="C").update(weight=3)

    Parcel.objects.create(code="C")
    pre_save.connect(save_other, sender=Parcel)
    try:
        with change_context(actor=maker, source="manual"):
            parcel.save()
    finally:
        pre_save.disconnect(save_other, sender=Parcel)
    assert stamps(stored(parcel.pk), MODIFIED[1:]) == (maker.pk, "manual")
    for code in "BC":
        assert stamps(Parcel.objects.get(code=code), MODIFIED[1:]) == (editor.pk, "system")


def test_a_second_save_of_the_instance_in_a_receiver_is_stamped_too(parcel, editor):
    times = []

    def save_again(instance, **kwargs):
        times.append(instance.modified_at)
        if len(times) == 1:
            instance.save()

    post_save.connect(save_again, sender=Parcel)
    try:
        parcel.save()
    finally:
        post_save.disconnect(save_again, sender=Parcel)
    assert times[0] < times[1] == stored(parcel.pk).modified_at


@pytest.mark.parametrize("delete", [lambda user: user.delete(), lambda user: awaited(user.adelete)])
def test_stamps_outlive_their_user(delete, parcel, maker, editor):
    before = stamps(parcel, ("created_at", "modified_at", "modified_via"))
    with change_context(actor=editor, source="manual"):
        delete(maker)
    row = stored(parcel.pk)
    assert (row.created_by, row.modified_by) == (None, None)
    assert stamps(row, ("created_at", "modified_at", "modified_via")) == before


@pytest.mark.django_db(transaction=True)
def test_a_user_who_deletes_himself_stamps_nothing_any_more(parcel, maker):
    van = loaded_van(parcel)
    van.driver = maker
    van.save()
    with change_context(actor=maker, source="manual"), transaction.atomic():
        get_user_model().objects.get(pk=maker.pk).delete()
        # What the database thinks of it is only asked at the end of the transaction.
        Parcel.objects.create(code="B")
    row = stored(parcel.pk)
    assert row.van is None
    assert stamps(row, CREATED[1:] + MODIFIED[1:]) == (None, "api", None, "manual")
    assert Parcel.objects.get(code="B").created_by is None


@pytest.mark.django_db(transaction=True)
def test_a_user_whose_deletion_was_rolled_back_stamps_again(parcel, maker):
    with change_context(actor=maker):
        with pytest.raises(ValueError, match="no"), transaction.atomic():
            get_user_model().objects.get(pk=maker.pk).delete()
            raise ValueError("no")
        parcel.save()
    assert stored(parcel.pk).modified_by == maker
