"""Triggers exist from the moment that the table does, and follow it."""

import io
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ModelState, ProjectState
from django.test import override_settings

from django_modernize.audit import AuditEvent, tracking
from django_modernize.audit.checks import check_triggers
from django_modernize.context import change_context
from django_modernize.triggers.connection import watch_connection
from django_modernize.triggers.declarations import get_providers, list_target_tables
from django_modernize.triggers.installer import (
    TriggerReport,
    compare_triggers,
    drop_triggers,
    synchronize_triggers,
)
from tests.testapp.models import Ledger

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "testapp_ledger"


@pytest.fixture(autouse=True)
def _repaired():
    yield
    synchronize_triggers(connection)


def apply_operations(*operations):
    """Run migration operations on a state that has the real Ledger model."""
    state = ProjectState()
    state.add_model(ModelState.from_model(Ledger))
    for operation in operations:
        before = state.clone()
        operation.state_forwards("testapp", state)
        with connection.schema_editor(atomic=True) as editor:
            operation.database_forwards("testapp", editor, before, state)


def test_triggers_are_in_place_after_migrate():
    assert compare_triggers(connection).is_clean


def test_a_comparison_costs_a_handful_of_queries_however_many_tables_there_are(
    django_assert_num_queries, django_assert_max_num_queries
):
    tables = list_target_tables()
    assert len(tables) > 20
    with django_assert_max_num_queries(5) as of_all:
        compare_triggers(connection)
    for some in (tables, {TABLE}):
        with django_assert_num_queries(len(of_all)):
            compare_triggers(connection, some)


def test_triggers_survive_a_table_that_is_rebuilt_and_record_the_next_write():
    widen = migrations.AlterField("ledger", "amount", models.BigIntegerField(default=0))
    narrow = migrations.AlterField("ledger", "amount", models.IntegerField(default=0))
    apply_operations(widen)
    Ledger.objects.create(title="after the rebuild")
    assert AuditEvent.objects.count() == 1
    apply_operations(narrow)
    assert compare_triggers(connection).is_clean


def test_columns_and_tables_can_be_added_renamed_and_dropped_under_triggers():
    apply_operations(
        migrations.AddField("ledger", "note", models.TextField(default="")),
        migrations.RenameField("ledger", "note", "remark"),
        migrations.AddIndex("ledger", models.Index(fields=["remark"], name="remark_index")),
        migrations.RemoveIndex("ledger", "remark_index"),
        migrations.RemoveField("ledger", "remark"),
        migrations.AlterModelTable("ledger", "elsewhere"),
        migrations.AlterModelTable("ledger", TABLE),
    )
    assert compare_triggers(connection).is_clean


def test_a_column_that_the_model_does_not_have_yet_does_not_hinder_recording():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN ahead integer NULL")
        Ledger.objects.create(title="a")
        cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN ahead")
    assert AuditEvent.objects.count() == 1


def test_a_column_that_the_table_does_not_have_yet_does_not_hinder_recording():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} RENAME COLUMN amount TO behind")
        cursor.execute(f"INSERT INTO {TABLE} (title, behind) VALUES ('a', 1)")
        cursor.execute(f"ALTER TABLE {TABLE} RENAME COLUMN behind TO amount")
    assert set(AuditEvent.objects.get().changes) == {"id", "title"}
    assert compare_triggers(connection).is_clean


def drop_one():
    with connection.cursor() as cursor:
        on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER modernize_audit_{TABLE}_update{on_table}")


def test_a_missing_trigger_is_an_error_of_the_check_and_of_the_command():
    drop_one()
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E202"]
    with pytest.raises(CommandError, match="--install"):
        call_command("modernize_triggers", "--check", stdout=io.StringIO())


def test_migrate_is_not_stopped_by_triggers_that_it_makes(monkeypatch):
    drop_one()
    monkeypatch.setattr("sys.argv", ["manage.py", "migrate"])
    call_command("migrate", skip_checks=False, verbosity=0)
    assert compare_triggers(connection).is_clean


def test_a_database_that_no_trigger_is_written_for_is_left_alone():
    stranger = SimpleNamespace(vendor="oracle", alias="other")
    assert compare_triggers(stranger) == TriggerReport()
    assert drop_triggers(stranger) == ()
    watch_connection(connection=stranger)
    assert vars(stranger) == {"vendor": "oracle", "alias": "other"}


def test_a_feature_whose_application_gets_ready_again_is_asked_once():
    before = get_providers()
    with override_settings(INSTALLED_APPS=list(settings.INSTALLED_APPS)):
        pass
    assert [type(provider) for provider in get_providers()] == [
        type(provider) for provider in before
    ]
    assert len({type(provider) for provider in before}) == len(before)


def test_a_schema_may_change_before_the_models_are_loaded(monkeypatch):
    with monkeypatch.context() as early:
        early.setattr(apps, "models_ready", False)
        assert list_target_tables() == set()


@pytest.mark.database_lacks("postgresql", reason="leaves the end of a transaction to who began it")
def test_a_write_by_which_the_database_ends_the_transaction_is_refused_and_the_next_recorded():
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER ender BEFORE INSERT ON {TABLE} WHEN NEW.title = 'bad'"
            " BEGIN SELECT RAISE(ROLLBACK, 'ended'); END"
        )
    try:
        with pytest.raises(IntegrityError, match="ended"):
            Ledger.objects.create(title="bad")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER ender")
    Ledger.objects.create(title="good")
    assert [event.changes["title"][1] for event in AuditEvent.objects.all()] == ["good"]


def test_rows_that_a_write_returns_are_fetched_in_pieces():
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (title, amount) VALUES ('a', 1), ('b', 2), ('c', 3)"
            " RETURNING title"
        )
        found = [[title for (title,) in cursor.fetchmany(2)] for _ in range(3)]
    assert found == [["a", "b"], ["c"], []]
    assert AuditEvent.objects.count() == 3


def test_a_transaction_that_is_begun_by_hand_has_its_own_context():
    for reason in ("first", "second"):
        with change_context(reason=reason), connection.cursor() as cursor:
            cursor.execute("BEGIN")
            Ledger.objects.create(title=reason)
            cursor.execute("COMMIT")
    told = [(event.changes["title"][1], event.reason) for event in AuditEvent.objects.all()]
    assert sorted(told) == [("first", "first"), ("second", "second")]
    assert len(set(AuditEvent.objects.values_list("transaction_id", flat=True))) == 2


def test_migrate_tells_what_it_made_where_it_tells_much(capsys):
    drop_one()
    call_command("migrate", verbosity=2)
    assert "Triggers on 'default': 1 made, 0 dropped." in capsys.readouterr().out


def test_without_its_tables_the_trail_has_no_triggers_that_would_fail():
    call_command("migrate", "modernize_audit", "zero", verbosity=0)
    try:
        Ledger.objects.create(title="unrecorded")
    finally:
        call_command("migrate", "modernize_audit", verbosity=0)
    Ledger.objects.create(title="recorded")
    assert [event.changes["title"][1] for event in AuditEvent.objects.all()] == ["recorded"]
    assert compare_triggers(connection).is_clean


def test_the_command_lists_prints_and_installs_what_is_missing():
    drop_one()
    output = io.StringIO()
    call_command("modernize_triggers", stdout=output)
    assert f"missing    modernize_audit_{TABLE}_update on {TABLE}" in output.getvalue()
    call_command("modernize_triggers", "--sql", stdout=output)
    assert "CREATE" in output.getvalue()
    call_command("modernize_triggers", "--install", stdout=output)
    assert compare_triggers(connection).is_clean
    call_command("modernize_triggers", "--check", stdout=output)
    assert "All triggers are in place." in output.getvalue()


def test_a_trigger_that_somebody_changed_is_an_error():
    drop_one()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = f"modernize_audit_{TABLE}_insert"
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RETURN NULL; END$$"
            )
            name = f"modernize_audit_{TABLE}_update"
            cursor.execute(
                f"CREATE TRIGGER {name} AFTER UPDATE ON {TABLE} EXECUTE FUNCTION {name}()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER modernize_audit_{TABLE}_update AFTER UPDATE ON {TABLE} "
                "BEGIN SELECT 1; END"
            )
    found = {message.id for message in check_triggers(databases=["default"])}
    assert found == {"modernize.E203"}


@pytest.mark.database_lacks("sqlite", reason="keeps a trigger as one text")
@pytest.mark.parametrize(
    ("name", "clauses"),
    [
        ("update", "AFTER UPDATE ON {table}"),
        ("delete", "AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows WHEN (false)"),
        ("update", "AFTER UPDATE OF title ON {table}"),
    ],
    ids=["blind", "never fired", "of one column"],
)
def test_a_trigger_around_the_right_function_that_records_less_is_an_error(name, clauses):
    trigger = f"modernize_audit_{TABLE}_{name}"
    connection.ensure_connection()
    # Behind the watcher's back, which repairs what it sees changed.
    with connection.connection.cursor() as driver:
        driver.execute(
            f"CREATE OR REPLACE TRIGGER {trigger} {clauses.format(table=TABLE)} "
            f"EXECUTE FUNCTION {trigger}()"
        )
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E203"]
    synchronize_triggers(connection)
    Ledger.objects.create(title="a").delete()
    assert AuditEvent.objects.count() == 2


@pytest.mark.database_lacks("sqlite", reason="cannot disable a trigger")
def test_a_disabled_trigger_is_an_error():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER modernize_audit_{TABLE}_update")
        # Behind the watcher's back, which repairs what it sees changed.
        with connection.connection.cursor() as driver:
            driver.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER modernize_audit_{TABLE}_update")
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E204"]


def test_triggers_that_no_model_asks_for_are_removed(monkeypatch):
    monkeypatch.setattr(
        tracking, "_tracked", {k: v for k, v in tracking._tracked.items() if k is not Ledger}
    )
    report = synchronize_triggers(connection)
    assert len(report.unexpected) == (4 if connection.vendor == "postgresql" else 3)
    Ledger.objects.create(title="a")
    assert not AuditEvent.objects.exists()


def test_the_command_removes_all_triggers():
    output = io.StringIO()
    call_command("modernize_triggers", "--remove", stdout=output)
    assert "triggers dropped" in output.getvalue()
    Ledger.objects.create(title="a")
    assert not AuditEvent.objects.exists()


@pytest.mark.database_lacks("sqlite", reason="is asked to drop every trigger before")
def test_a_column_that_a_trigger_names_can_be_dropped_without_cascade():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, a.attname FROM pg_trigger t JOIN pg_attribute a"
            " ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)"
            " WHERE t.tgname LIKE '%parent_update%' ORDER BY 1, 2 LIMIT 1"
        )
        table, column = cursor.fetchone()
        cursor.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
        transaction.set_rollback(True)
    assert compare_triggers(connection).is_clean


@pytest.mark.database_lacks("sqlite", reason="has no functions of its own")
@pytest.mark.parametrize(("name", "setting"), [("update", "jit"), ("delete", "timezone")])
def test_a_function_that_sets_less_for_itself_is_an_error(name, setting):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER FUNCTION modernize_audit_{TABLE}_{name}() RESET {setting}")
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E203"]
    synchronize_triggers(connection)
    assert check_triggers(databases=["default"]) == []


@contextmanager
def counted_plannings():
    """Count the queries that PostgreSQL plans, those of functions too."""
    planned = []

    def note(message):
        if message.message_primary == "PLANNER STATISTICS":
            planned.append(message)

    with connection.cursor() as cursor:
        cursor.execute("SET client_min_messages TO log; SET log_planner_stats TO on")
        connection.connection.add_notice_handler(note)
        yield planned
        connection.connection.remove_notice_handler(note)
        cursor.execute("RESET client_min_messages; RESET log_planner_stats")


@pytest.mark.database_lacks("sqlite", reason="keeps no plans of triggers")
def test_single_rows_are_not_planned_anew_after_a_statement_over_many():
    Ledger.objects.bulk_create(Ledger(title=str(number)) for number in range(1000))
    ledger = Ledger.objects.first()
    for number in range(10):
        Ledger.objects.filter(pk=ledger.pk).update(title=f"before {number}")
    with connection.cursor() as cursor:
        # All plans are made anew, and the next one for all rows.
        cursor.execute("ANALYZE modernize_audit_event")
    Ledger.objects.update(amount=1)
    with counted_plannings() as planned:
        for number in range(10):
            Ledger.objects.filter(pk=ledger.pk).update(title=f"after {number}")
    # Each statement of the ten has a plan of its own; its trigger's is kept, unless autovacuum
    # happens to look at a table meanwhile.
    assert len(planned) < 15
