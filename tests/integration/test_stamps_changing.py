"""Stamps of a change, by every way to change a row."""

import pytest
from django.db import models
from django.db.models import F

from django_modernize.context import change_context
from tests.parcels import CREATED, LONG_AGO, MODIFIED, awaited, loaded_van, stamps, stored, weighed
from tests.testapp.models import Pallet, Parcel, ParcelView, Van

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking_clock")]


def change_by_save(parcel):
    parcel.weight = 5
    parcel.save()


def change_by_update_fields(parcel):
    parcel.weight = 5
    parcel.save(update_fields=["weight"])


def change_by_asave(parcel):
    parcel.weight = 5
    awaited(parcel.asave, update_fields=iter(["weight"]))


def change_what_was_loaded_alone(parcel):
    part = Parcel.objects.only("weight").get(pk=parcel.pk)
    part.weight = 5
    part.save()


def change_with_deferred_stamps_and_update_fields(parcel):
    part = Parcel.objects.defer(*CREATED, *MODIFIED).get(pk=parcel.pk)
    part.weight = 5
    part.save(update_fields=["weight"])


def change_by_hand_made_instance(parcel):
    Parcel(pk=parcel.pk, code="A", weight=5).save()


def change_by_hand_made_child(parcel):
    pallet = Pallet(parcel_ptr=parcel)
    pallet.__dict__.update({"code": "A", "weight": 5})
    pallet.save()


def change_by_update(parcel):
    assert Parcel.objects.filter(pk=parcel.pk).update(weight=F("weight") + 4) == 1


def change_by_aupdate(parcel):
    assert awaited(Parcel.objects.filter(pk=parcel.pk).aupdate, weight=5) == 1


def change_by_bulk_update(parcel):
    parcel.weight = 5
    assert Parcel.objects.bulk_update([parcel], ["weight"]) == 1


def change_by_abulk_update(parcel):
    parcel.weight = 5
    assert awaited(Parcel.objects.abulk_update, [parcel], ["weight"]) == 1


def change_by_update_or_create(parcel):
    assert not Parcel.objects.update_or_create({"weight": 5}, code="A")[1]


def change_by_aupdate_or_create(parcel):
    assert not awaited(Parcel.objects.aupdate_or_create, {"weight": 5}, code="A")[1]


def change_by_upsert(parcel):
    Parcel.objects.bulk_create(
        [Parcel(code="A", weight=5)],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["weight"],
    )


def change_by_upsert_of_what_was_loaded(parcel):
    parcel.weight = 5
    Parcel.objects.bulk_create(
        [parcel], update_conflicts=True, unique_fields=["id"], update_fields=["weight"]
    )


def change_by_proxy(parcel):
    ParcelView.objects.update(weight=5)


def change_by_related_update(parcel):
    van = Van.objects.create()
    models.QuerySet(Parcel).update(van=van)
    van.parcels.update(weight=5)


def change_by_related_add(parcel):
    weighed(parcel)
    Van.objects.create().parcels.add(parcel)


def change_by_related_aadd(parcel):
    weighed(parcel)
    awaited(Van.objects.create().parcels.aadd, parcel)


def change_by_related_set(parcel):
    weighed(parcel)
    Van.objects.create().parcels.set([parcel])


def change_by_related_aset(parcel):
    weighed(parcel)
    awaited(Van.objects.create().parcels.aset, [parcel])


def change_by_related_remove(parcel):
    loaded_van(parcel).parcels.remove(parcel)


def change_by_related_clear(parcel):
    loaded_van(parcel).parcels.clear()


def change_by_related_aclear(parcel):
    awaited(loaded_van(parcel).parcels.aclear)


def change_by_deleting_the_other_end(parcel):
    loaded_van(parcel).delete()


def change_by_deleting_the_other_ends(parcel):
    loaded_van(parcel)
    Van.objects.all().delete()


def change_by_adelete_of_the_other_end(parcel):
    awaited(loaded_van(parcel).adelete)


def change_by_base_manager(parcel):
    Parcel._base_manager.filter(pk=parcel.pk).update(weight=5)


CHANGERS = [
    change_by_related_add,
    change_by_related_aadd,
    change_by_related_set,
    change_by_related_aset,
    change_by_related_remove,
    change_by_related_clear,
    change_by_related_aclear,
    change_by_deleting_the_other_end,
    change_by_deleting_the_other_ends,
    change_by_adelete_of_the_other_end,
    change_by_base_manager,
    change_by_save,
    change_by_update_fields,
    change_by_asave,
    change_what_was_loaded_alone,
    change_with_deferred_stamps_and_update_fields,
    change_by_hand_made_instance,
    change_by_hand_made_child,
    change_by_update,
    change_by_aupdate,
    change_by_bulk_update,
    change_by_abulk_update,
    change_by_update_or_create,
    change_by_aupdate_or_create,
    change_by_upsert,
    change_by_upsert_of_what_was_loaded,
    change_by_proxy,
    change_by_related_update,
]


@pytest.mark.parametrize("change", CHANGERS)
def test_every_way_to_change_sets_the_stamps_of_a_change_alone(change, parcel, editor):
    before = stamps(parcel, CREATED + MODIFIED)
    with change_context(actor=editor, source="manual"):
        change(parcel)
    row = stored(parcel.pk)
    assert row.weight == 5
    assert stamps(row, CREATED) == before[:3]
    assert row.modified_at > before[3]
    assert stamps(row, MODIFIED[1:]) == (editor.pk, "manual")


@pytest.mark.parametrize(
    "change",
    [change_by_save, change_by_update_fields, change_by_bulk_update, change_by_abulk_update],
)
def test_the_instance_carries_the_stamps_that_its_row_got(change, parcel, editor):
    with change_context(actor=editor, source="manual"):
        change(parcel)
    row = stored(parcel.pk)
    assert stamps(parcel, CREATED + MODIFIED) == stamps(row, CREATED + MODIFIED)


@pytest.mark.parametrize("change", CHANGERS)
def test_a_change_by_nobody_is_not_credited_to_whoever_changed_it_before(change, parcel):
    change(parcel)
    assert stamps(stored(parcel.pk), MODIFIED[1:]) == (None, "system")


def test_multi_table_children_stamp_their_parents_row(maker, editor):
    with change_context(actor=maker):
        pallet = Pallet.objects.create(code="A")
    with change_context(actor=editor):
        Pallet.objects.update(height=2)
        assert stored(pallet.pk).modified_by == editor
    with change_context(actor=maker):
        pallet.height = 3
        pallet.save(update_fields=["height"])
        assert stored(pallet.pk).modified_by == maker


def test_all_rows_of_one_update_or_bulk_update_carry_one_time():
    parcels = Parcel.objects.bulk_create(Parcel(code=str(number)) for number in range(10))
    Parcel.objects.update(weight=2)
    assert Parcel.objects.values("modified_at").distinct().count() == 1
    Parcel.objects.bulk_update(parcels, ["weight"], batch_size=3)
    assert Parcel.objects.values("modified_at").distinct().count() == 1
    assert {parcel.modified_at for parcel in parcels} == {Parcel.objects.first().modified_at}


def test_saving_again_and_again_stamps_each_time(parcel):
    seen = {parcel.modified_at}
    for weight in (2, 3):
        parcel.weight = weight
        parcel.save()
        seen.add(parcel.modified_at)
        Parcel.objects.bulk_update([parcel], ["weight"])
        seen.add(parcel.modified_at)
    assert len(seen) == 5


def test_touching_a_stamp_by_name_sets_it(parcel):
    before = parcel.modified_at
    parcel.save(update_fields=["modified_at"])
    assert stored(parcel.pk).modified_at > before


@pytest.mark.parametrize(
    "change", [change_by_save, change_by_update_fields, change_by_upsert_of_what_was_loaded]
)
def test_values_that_are_assigned_win(change, parcel, maker, editor):
    parcel.modified_at, parcel.modified_by, parcel.modified_via = LONG_AGO, None, "migration"
    with change_context(actor=editor, source="manual"):
        change(parcel)
    assert stamps(stored(parcel.pk), MODIFIED) == (LONG_AGO, None, "migration")


def test_a_value_that_was_assigned_once_does_not_win_the_next_time(parcel, editor):
    parcel.modified_at = LONG_AGO
    parcel.save()
    with change_context(actor=editor):
        parcel.save()
    assert stored(parcel.pk).modified_at > LONG_AGO


def test_values_in_update_win(parcel, maker, editor):
    with change_context(actor=editor, source="manual"):
        Parcel.objects.update(modified_at=LONG_AGO, modified_by_id=maker.pk)
    assert stamps(stored(parcel.pk), MODIFIED) == (LONG_AGO, maker.pk, "manual")


def test_an_update_may_leave_the_stamps_alone(parcel):
    before = stamps(parcel, MODIFIED)
    kept = {name: F(name) for name in ("modified_at", "modified_by", "modified_via")}
    Parcel.objects.update(weight=9, **kept)
    assert stamps(stored(parcel.pk), MODIFIED) == before


def test_stamps_that_bulk_update_names_are_written_as_they_are(parcel, editor):
    parcel.modified_at = LONG_AGO
    with change_context(actor=editor):
        Parcel.objects.bulk_update([parcel], ["modified_at"])
    row = stored(parcel.pk)
    assert row.modified_at == parcel.modified_at == LONG_AGO
    assert row.modified_by == editor


def test_a_stamp_of_creation_may_be_corrected(parcel, editor):
    parcel.created_at, parcel.created_by = LONG_AGO, None
    parcel.save()
    assert stamps(stored(parcel.pk), CREATED[:2]) == (LONG_AGO, None)


def test_an_instance_made_by_hand_reads_its_stamps_of_creation_from_the_row(parcel):
    twin = Parcel(pk=parcel.pk, code="A")
    twin.save()
    assert stamps(twin, CREATED) == stamps(parcel, CREATED)


def test_an_empty_list_of_fields_saves_nothing(parcel):
    part = Parcel.objects.only("weight").get(pk=parcel.pk)
    part.save(update_fields=[])
    assert part.get_deferred_fields() >= set(MODIFIED)
    assert stamps(part, MODIFIED) == stamps(parcel, MODIFIED)


def test_an_update_of_nothing_stays_one(parcel):
    assert Parcel.objects.update() == 0
    assert stored(parcel.pk).modified_at == parcel.modified_at
