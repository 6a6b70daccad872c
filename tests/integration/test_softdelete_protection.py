"""The database lets nobody remove protected rows outside ``hard_delete()`` and purge."""

import io
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from django_modernize.softdelete import allow_hard_deletes
from django_modernize.softdelete.checks import check_guards, check_models
from django_modernize.softdelete.guards.passage import PASSAGE_TABLE
from django_modernize.triggers.installer import compare_triggers, synchronize_triggers
from tests.connections import other_program
from tests.testapp.models import Archive, Deed, House, Seal, Will

pytestmark = pytest.mark.django_db(transaction=True)

REFUSAL = (
    "testapp.Deed keeps its rows: DELETE was refused. delete() hides rows; hard_delete() and "
    "softdelete_purge remove them for good."
)
DELETE = "DELETE FROM testapp_deed"


@pytest.fixture
def deed():
    return Deed.objects.create(title="deed", archive=Archive.objects.create())


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "remove",
    [
        lambda: run(DELETE),
        lambda: QuerySet(Deed).delete(),
        lambda: QuerySet(Deed)._raw_delete("default"),
        lambda: models.Model.delete(Deed.objects.get()),
        lambda: Archive.objects.all().delete(),
    ],
    ids=["sql", "plain queryset", "raw delete", "plain instance", "cascade from elsewhere"],
)
def test_a_protected_row_is_not_removed_behind_soft_delete(deed, remove):
    with pytest.raises(IntegrityError) as caught:
        remove()
    assert str(caught.value).partition("\n")[0] == REFUSAL
    assert Deed.objects.get() == deed


def test_another_program_is_refused_too(deed):
    with other_program() as program:
        with pytest.raises(Exception, match=r"testapp\.Deed keeps its rows"):
            program.execute(DELETE)
        Deed.objects.all().delete()
        with pytest.raises(Exception, match="DELETE was refused"):
            program.execute(DELETE)


def test_both_tables_of_an_inherited_row_are_kept():
    will = Will.objects.create()
    with pytest.raises(IntegrityError, match=r"testapp\.Will keeps its rows"):
        run("DELETE FROM testapp_will")
    will.hard_delete()
    assert not Deed.all_objects.exists()


@pytest.mark.database_lacks("sqlite", reason="has no TRUNCATE")
def test_a_table_of_protected_rows_is_not_truncated(deed):
    for statement in ("TRUNCATE testapp_deed CASCADE", "TRUNCATE testapp_archive CASCADE"):
        with pytest.raises(IntegrityError, match="TRUNCATE was refused"):
            run(statement)
    assert Deed.objects.exists()


@pytest.mark.parametrize(
    "remove",
    [
        lambda deed: deed.hard_delete(),
        lambda deed: Deed.objects.all().hard_delete(),
        lambda deed: Deed.objects.filter(pk=deed.pk).hard_delete(),
    ],
    ids=["row", "rows", "filtered rows"],
)
def test_a_hard_delete_removes_and_leaves_the_way_closed(deed, remove):
    Seal.objects.create(deed=deed)
    with transaction.atomic():
        remove(deed)
        assert not Deed.all_objects.filter(pk=deed.pk).exists()
        Deed.objects.create(title="later")
        with pytest.raises(IntegrityError), transaction.atomic():
            run(DELETE)
    assert Deed.objects.filter(title="later").exists()
    with pytest.raises(IntegrityError):
        run(DELETE)


def test_the_way_is_closed_after_an_error_and_after_a_rollback(deed):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), allow_hard_deletes():
            1 / 0  # noqa: B018
        with pytest.raises(IntegrityError), transaction.atomic():
            run(DELETE)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with allow_hard_deletes():
            run(DELETE)
        1 / 0  # noqa: B018
    assert Deed.objects.get() == deed
    with pytest.raises(IntegrityError):
        run(DELETE)


def test_one_way_within_another_leaves_the_outer_one_open(deed):
    with allow_hard_deletes():
        Deed.objects.create().hard_delete()
        run(DELETE)
    assert not Deed.all_objects.exists()


def test_no_other_program_gets_through_an_open_way(deed):
    with allow_hard_deletes(), other_program() as program:
        if connection.vendor == "sqlite":
            program.execute("PRAGMA busy_timeout = 0")
            assert program.execute(f"SELECT * FROM {PASSAGE_TABLE}").fetchall() == []
        with pytest.raises(Exception, match=r"keeps its rows|database is locked"):
            program.execute(DELETE)
    assert Deed.objects.exists()


def test_a_purge_removes_protected_rows(deed):
    Seal.objects.create(deed=deed)
    Will.objects.create()
    Deed.objects.all().delete()
    Deed.all_objects.update(deleted_at=timezone.now() - timedelta(days=2))
    Seal.all_objects.update(deleted_at=timezone.now() - timedelta(days=2))
    call_command("softdelete_purge", "--older-than", "1d", stdout=io.StringIO())
    assert not Deed.all_objects.exists()
    assert not Seal.all_objects.exists()


def test_the_model_of_a_migration_removes_rows_where_that_is_allowed(deed):
    from django.db.migrations.state import ModelState, ProjectState

    state = ProjectState.from_apps(apps)
    assert isinstance(state.models["testapp", "deed"], ModelState)
    historical = state.apps.get_model("testapp", "Deed")
    with pytest.raises(IntegrityError, match="keeps its rows"):
        historical._base_manager.all().delete()
    with allow_hard_deletes():
        historical._base_manager.all().delete()
    assert not Deed.all_objects.exists()


def test_tables_are_emptied_between_tests(deed):
    # As Django does it after a TransactionTestCase.
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    assert not Deed.all_objects.exists()


def test_what_reaches_no_protected_row_costs_no_statement(
    deed, django_assert_num_queries, django_assert_max_num_queries
):
    seal = Seal.objects.create(deed=deed)
    with django_assert_num_queries(1):
        seal.hard_delete()
    with django_assert_max_num_queries(9):
        deed.hard_delete()


def test_a_missing_trigger_is_an_error_of_the_check_and_comes_back():
    name = "modernize_softdelete_testapp_deed_keep_delete"
    run(f"DROP TRIGGER {name}" + (" ON testapp_deed" if connection.vendor != "sqlite" else ""))
    (message,) = check_guards(databases=["default"])
    assert (message.id, "could be removed for good" in message.msg) == ("modernize.E308", True)
    with pytest.raises(CommandError, match="--install"):
        call_command("modernize_triggers", "--check", stdout=io.StringIO())
    synchronize_triggers(connection)
    assert compare_triggers(connection).is_clean


def test_a_model_that_asks_no_longer_loses_its_triggers(deed, monkeypatch):
    for model in (Deed, Will):
        monkeypatch.setattr(model, "refuses_raw_delete", False, raising=False)
    report = synchronize_triggers(connection)
    assert {trigger.table for trigger in report.unexpected} == {"testapp_deed", "testapp_will"}
    run(DELETE)
    monkeypatch.undo()
    synchronize_triggers(connection)
    assert compare_triggers(connection).is_clean


def test_a_model_that_asks_without_the_application_is_told(monkeypatch):
    installed = apps.is_installed
    monkeypatch.setattr(
        apps, "is_installed", lambda name: "softdelete" not in name and installed(name)
    )
    found = [message for message in check_models(None) if message.id == "modernize.W307"]
    assert {message.obj for message in found} == {Deed, Will}
    assert House not in {message.obj for message in found}
