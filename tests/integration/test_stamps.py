"""Creation stamps, by every way to create a row."""

import pytest

from django_modernize.context import change_context
from tests.parcels import CREATED, LONG_AGO, MODIFIED, awaited, stamps, stored
from tests.testapp.models import Crate, Pallet, Parcel, ParcelView, Van

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking_clock")]


def test_the_suite_runs_with_the_ticking_clock(ticking_clock):
    assert ticking_clock() < ticking_clock()


CREATORS = {
    "create": lambda: Parcel.objects.create(code="A"),
    "save": lambda: saved(Parcel(code="A")),
    "save with force_insert": lambda: saved(Parcel(code="A"), force_insert=True),
    "save with a key": lambda: saved(Parcel(pk=70, code="A")),
    "a proxy": lambda: ParcelView.objects.create(code="A"),
    "multi-table inheritance": lambda: Pallet.objects.create(code="A"),
    "bulk_create": lambda: Parcel.objects.bulk_create([Parcel(code="A")])[0],
    "bulk_create that ignores": lambda: bulk_ignored(Parcel(code="A")),
    "get_or_create": lambda: Parcel.objects.get_or_create(code="A")[0],
    "update_or_create": lambda: Parcel.objects.update_or_create(code="A")[0],
    "related create": lambda: Van.objects.create().parcels.create(code="A"),
    "acreate": lambda: awaited(Parcel.objects.acreate, code="A"),
    "asave": lambda: asaved(Parcel(code="A")),
    "abulk_create": lambda: awaited(Parcel.objects.abulk_create, [Parcel(code="A")])[0],
    "aget_or_create": lambda: awaited(Parcel.objects.aget_or_create, code="A")[0],
    "aupdate_or_create": lambda: awaited(Parcel.objects.aupdate_or_create, code="A")[0],
}


def saved(instance, **kwargs):
    instance.save(**kwargs)
    return instance


def asaved(instance, **kwargs):
    awaited(instance.asave, **kwargs)
    return instance


def bulk_ignored(instance):
    Parcel.objects.bulk_create([instance], ignore_conflicts=True)
    return instance


@pytest.mark.parametrize("create", CREATORS.values(), ids=CREATORS)
def test_every_way_to_create_sets_all_stamps(create, maker, ticking_clock):
    before = ticking_clock.time
    with change_context(actor=maker, source="excel_import"):
        parcel = create()
    row = Parcel.objects.get(code="A")
    assert before < row.created_at
    assert stamps(row, CREATED[1:]) == (maker.pk, "excel_import")
    assert stamps(row, MODIFIED) == stamps(row, CREATED)
    assert stamps(parcel, CREATED + MODIFIED) == stamps(row, CREATED + MODIFIED)


@pytest.mark.parametrize("create", CREATORS.values(), ids=CREATORS)
def test_without_a_context_nobody_made_it_and_the_system_did(create):
    create()
    row = Parcel.objects.get(code="A")
    assert stamps(row, CREATED[1:] + MODIFIED[1:]) == (None, "system", None, "system")


def test_all_rows_of_one_bulk_create_carry_one_time(maker):
    parcels = [Parcel(code=str(number)) for number in range(30)]
    with change_context(actor=maker):
        Parcel.objects.bulk_create(parcels, batch_size=7)
    assert Parcel.objects.values("created_at", "modified_at").distinct().count() == 1
    assert len({parcel.created_at for parcel in parcels}) == 1


def test_a_bulk_create_asks_for_its_actor_as_often_for_many_rows_as_for_one(maker):
    def count_asking(rows):
        asked = []
        with change_context(actor=lambda: asked.append(True) or maker):
            Parcel.objects.bulk_create(Parcel(code=f"{rows} {row}") for row in range(rows))
        return len(asked)

    assert count_asking(1) == count_asking(30)
    assert Parcel.objects.filter(created_by=maker, modified_by=maker).count() == 31


def test_values_that_are_given_on_creation_win(maker, editor):
    given = {"created_at": LONG_AGO, "modified_by": editor, "created_via": "migration"}
    with change_context(actor=maker, source="api"):
        Parcel.objects.create(code="A", **given)
        Parcel.objects.bulk_create([Parcel(code="B", **given)])
    for row in Parcel.objects.all():
        assert stamps(row, CREATED) == (LONG_AGO, maker.pk, "migration")
        assert row.modified_at > LONG_AGO
        assert stamps(row, MODIFIED[1:]) == (editor.pk, "api")


def test_a_generated_field_does_not_make_the_stamps_differ():
    crate = Crate.objects.create(weight=3)
    assert crate.created_at == crate.modified_at == stored(crate.pk, Crate).modified_at


def test_a_copy_under_a_new_key_is_a_new_row(parcel, editor):
    before = stamps(parcel, CREATED)
    copy = stored(parcel.pk)
    copy.pk, copy.code, copy._state.adding = None, "B", True
    with change_context(actor=editor, source="manual"):
        copy.save()
    assert stamps(stored(parcel.pk), CREATED) == before
    row = Parcel.objects.get(code="B")
    assert row.created_at > before[0]
    assert stamps(row, CREATED[1:]) == (editor.pk, "manual")


def test_a_row_that_is_inserted_again_under_its_key_keeps_its_creation(parcel, editor):
    loaded = stored(parcel.pk)
    before = stamps(loaded, CREATED + MODIFIED)
    Parcel.objects.all().delete()
    with change_context(actor=editor, source="manual"):
        loaded.save()
    row = stored(parcel.pk)
    assert stamps(row, CREATED) == before[:3]
    assert row.modified_at > before[3]
    assert row.modified_by == editor


def test_a_row_without_stamps_yet_is_clean():
    crate = Crate(weight=1)
    crate.full_clean()
    crate.save()
    crate.full_clean()
