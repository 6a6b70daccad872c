"""Each stamp under each way to write, sync and async."""

import datetime as dt

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import F
from django.db.models.signals import post_save, pre_save
from django.utils import timezone

from django_modernize.context import change_context
from tests.testapp.models import Crate, Letter, Pallet, Parcel, ParcelView, Van

pytestmark = pytest.mark.django_db

LONG_AGO = dt.datetime(2001, 2, 3, tzinfo=dt.UTC)
CREATED = ("created_at", "created_by_id", "created_via")
MODIFIED = ("modified_at", "modified_by_id", "modified_via")


class Clock:
    """Goes on by a minute each time that it is read."""

    def __init__(self):
        self.time = timezone.now()

    def __call__(self):
        self.time += dt.timedelta(minutes=1)
        return self.time


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django_modernize.stamps.moment.timezone.now", clock)
    return clock


@pytest.fixture
def maker():
    return get_user_model().objects.create(username="maker")


@pytest.fixture
def editor():
    return get_user_model().objects.create(username="editor")


@pytest.fixture
def parcel(maker):
    with change_context(actor=maker, source="api"):
        return Parcel.objects.create(code="A")


def awaited(function, *args, **kwargs):
    async def call():
        return await function(*args, **kwargs)

    return async_to_sync(call)()


def stored(pk, model=Parcel):
    return model.objects.get(pk=pk)


def stamps(instance, names):
    return tuple(getattr(instance, name) for name in names)


def test_the_suite_runs_with_the_ticking_clock(clock):
    assert clock() < clock()


# Creating.

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
def test_every_way_to_create_sets_all_stamps(create, maker, clock):
    before = clock.time
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


# Changing.


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


def weighed(parcel):
    models.QuerySet(Parcel).update(weight=5)


def loaded_van(parcel):
    weighed(parcel)
    van = Van.objects.create()
    models.QuerySet(Parcel).update(van=van)
    parcel.van = van
    return van


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


# What must not be stamped, and what must not be remembered.


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


# What it costs.


@pytest.mark.parametrize(
    ("statements", "call"),
    [
        (1, lambda parcel: parcel.save()),
        (1, lambda parcel: parcel.save(update_fields=["weight"])),
        (1, lambda parcel: Parcel.objects.create(code="B")),
        (1, lambda parcel: Parcel.objects.update(weight=2)),
        (1, lambda parcel: Parcel.objects.filter(pk=parcel.pk).only("weight")[0]),
        (2, lambda parcel: Parcel.objects.only("weight").get(pk=parcel.pk).save()),
        (1, lambda parcel: parcel.refresh_from_db(fields=["weight"])),
    ],
)
def test_stamps_cost_no_query(statements, call, parcel, editor, django_assert_num_queries):
    with change_context(actor=editor), django_assert_num_queries(statements):
        call(parcel)


@pytest.mark.parametrize(
    "call",
    [
        lambda queryset, rows: queryset.bulk_create(
            queryset.model(code=f"new {number}") for number in range(5)
        ),
        lambda queryset, rows: queryset.bulk_update(rows, ["weight"], batch_size=2),
        lambda queryset, rows: queryset.update_or_create({"weight": 3}, code="1"),
        lambda queryset, rows: queryset.get_or_create(code="unseen"),
    ],
)
def test_many_rows_cost_the_queries_of_plain_django(call, editor):
    rows = Parcel.objects.bulk_create(Parcel(code=str(number)) for number in range(5))
    counts = []
    for queryset in (models.QuerySet(Parcel), Parcel.objects.all()):
        with transaction.atomic(), change_context(actor=editor):
            counts.append(count_queries(call, queryset, rows))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]


def count_queries(call, *arguments):
    statements = []

    def count(execute, sql, *rest):
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        call(*arguments)
    return len(statements)


def test_bulk_update_adds_constants_and_no_case():
    rows = Parcel.objects.bulk_create(Parcel(code=str(number)) for number in range(5))
    statements = []

    def note(execute, sql, *rest):
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        Parcel.objects.bulk_update(rows, ["weight"])
    update = next(sql for sql in statements if sql.startswith("UPDATE"))
    assert update.count("CASE") == 1
    assert "modified_at" in update


def test_a_projects_own_update_sees_the_stamps():
    Letter.updates_seen.clear()
    Letter.objects.update(weight=20)
    assert Letter.updates_seen == [["modified_at", "modified_via", "weight"]]


# A data migration.


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
