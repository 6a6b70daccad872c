"""Triggers stamp what Django does not write, and leave alone what it stamped."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from django_modernize.context import change_context
from django_modernize.stamps.checks import check_stamp_triggers
from django_modernize.triggers.installer import compare_triggers, synchronize_triggers
from tests.testapp.models import Chest, Coffer, Sack, Vault

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = dt.datetime(2001, 2, 3, tzinfo=dt.UTC)
CREATED = ("created_at", "created_by_id", "created_via")
MODIFIED = ("modified_at", "modified_by_id", "modified_via")


@pytest.fixture
def editor():
    return get_user_model().objects.create(username="editor")


@pytest.fixture
def chest(editor):
    chest = Chest.objects.create(
        code="A", modified_at=LONG_AGO, created_at=LONG_AGO, extra={"a": 1}
    )
    return Chest.objects.get(pk=chest.pk)


def stamps(names=MODIFIED):
    return Chest.objects.values_list(*names).get()


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def change_by_sql(chest):
    execute("UPDATE testapp_chest SET weight = 5 WHERE id = %s", chest.pk)


def change_by_plain_queryset(chest):
    models.QuerySet(Chest).update(weight=5)


def change_many_by_sql(chest):
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE testapp_chest SET weight = %s", [(4,), (5,)])


def change_by_upsert(chest):
    execute(
        "INSERT INTO testapp_chest (code, weight, extra, created_at, modified_at, created_via, "
        "modified_via, deletion_reason) VALUES ('A', 5, '{}', %s, %s, '', '', '') "
        "ON CONFLICT (code) DO UPDATE SET weight = excluded.weight",
        LONG_AGO,
        LONG_AGO,
    )


CHANGES = [change_by_sql, change_by_plain_queryset, change_many_by_sql, change_by_upsert]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_atomic", [False, True])
def test_a_change_behind_django_is_stamped_with_the_context(change, is_atomic, chest, editor):
    created, before = stamps(CREATED), timezone.now() - dt.timedelta(seconds=1)
    with change_context(actor=editor, source="api"):
        if is_atomic:
            with transaction.atomic():
                change(chest)
        else:
            change(chest)
    assert Chest.objects.get().weight == 5
    assert stamps()[1:] == (editor.pk, "api")
    assert before < stamps()[0] < timezone.now() + dt.timedelta(seconds=1)
    assert stamps(CREATED) == created


def test_a_change_without_an_actor_has_its_source(chest):
    # On SQLite such a change of one row is told by a function in place of a table.
    with change_context(source="api"):
        execute('UPDATE "testapp_chest" SET "weight" = 5 WHERE "testapp_chest"."id" = %s', chest.pk)
    assert stamps()[1:] == (None, "api")


@pytest.mark.needs_django(6, 1, reason="brings DB_SET_NULL")
def test_a_key_that_the_database_empties_is_a_change():
    coffer = Coffer.objects.create(vault=Vault.objects.create(), modified_at=LONG_AGO)
    with change_context(source="api"):
        Vault.objects.all().delete()
    coffer.refresh_from_db()
    assert coffer.vault is None
    assert coffer.modified_at > LONG_AGO
    assert coffer.modified_via == "api"


def test_a_change_of_a_value_that_has_no_equality_is_one(chest):
    execute("UPDATE testapp_chest SET extra = %s", '{"a": 2}')
    assert stamps()[0] > LONG_AGO


def test_a_change_of_nothing_is_none(chest):
    execute("UPDATE testapp_chest SET weight = weight, code = 'A'")
    assert stamps() == (LONG_AGO, None, "system")


def test_what_django_stamped_is_left_alone(chest, editor):
    moment = timezone.now() - dt.timedelta(days=3)
    with change_context(actor=editor, source="api"):
        Chest.objects.update(weight=5, modified_at=moment)
    assert stamps() == (moment, editor.pk, "api")
    chest.weight, chest.modified_at = 6, moment - dt.timedelta(days=3)
    chest.save()
    assert stamps() == (chest.modified_at, None, "system")
    Chest.objects.update(weight=7, modified_at=chest.modified_at)
    assert stamps()[0] == chest.modified_at


def test_an_update_may_leave_the_stamps_alone(chest, editor):
    before = stamps()
    with change_context(actor=editor, source="api"):
        Chest.objects.update(
            weight=5, **{name: F(name) for name in ("modified_at", "modified_by", "modified_via")}
        )
    assert Chest.objects.get().weight == 5
    assert stamps() == before
    change_by_sql(chest)
    execute("UPDATE testapp_chest SET weight = 7")
    assert stamps()[0] > LONG_AGO


def test_a_user_who_goes_is_no_change_and_stamps_nothing(chest, editor):
    with change_context(actor=editor, source="api"):
        Chest.objects.update(weight=5, modified_at=LONG_AGO)
        execute("UPDATE testapp_chest SET modified_by_id = NULL")
        assert stamps() == (LONG_AGO, None, "api")
        get_user_model().objects.all().delete()
        execute("UPDATE testapp_chest SET weight = 9")
    assert stamps()[1] is None


def test_deleting_and_restoring_softly_gives_the_same_row_back(chest):
    house = Sack.objects.create(name="a")
    Chest.objects.update(house=house, modified_at=LONG_AGO)
    row = Chest.all_objects.values().get()
    chest.delete()
    chest.restore()
    assert Chest.all_objects.values().get() == row
    house.delete()
    assert Chest.objects.get().house is None
    assert stamps() == (LONG_AGO, None, "system")
    house.restore()
    assert Chest.all_objects.values().get() == row


def test_a_program_that_tells_no_context_is_stamped_as_the_database(chest):
    with connection.cursor() as cursor:
        driver = cursor.cursor
        driver.execute("UPDATE testapp_chest SET weight = 5")
    assert stamps()[1:] == (None, "database")
    assert stamps()[0] > LONG_AGO


def test_e304_names_a_trigger_that_is_missing():
    name = "modernize_stamps_testapp_chest_update"
    table = " ON testapp_chest" if connection.vendor == "postgresql" else ""
    assert check_stamp_triggers(databases=["default"]) == []
    execute(f"DROP TRIGGER {name}{table}")
    try:
        (message,) = check_stamp_triggers(databases=["default"])
        assert (message.id, name in message.msg) == ("modernize.E304", True)
    finally:
        synchronize_triggers(connection)
    assert compare_triggers(connection).is_clean


def test_e303_asks_for_the_application_that_installs_triggers(settings):
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != "django_modernize"]
    (message,) = [one for one in Chest.check() if one.id == "modernize.E303"]
    assert "INSTALLED_APPS" in message.hint
