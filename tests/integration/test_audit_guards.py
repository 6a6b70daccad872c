"""The trail is append-only, and a gap in it says so."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from django_modernize.audit import AuditEvent, begin_month
from django_modernize.audit.locking import unlocked
from django_modernize.audit.pausing import untracked
from django_modernize.context import change_context
from django_modernize.exceptions import InvalidContext
from tests.connections import other_program
from tests.testapp.models import Ledger

pytestmark = pytest.mark.django_db(transaction=True)

TAMPERING = [
    "UPDATE modernize_audit_event SET object_id = '7'",
    "DELETE FROM modernize_audit_event",
    "UPDATE modernize_audit_context SET reason = 'another'",
    "DELETE FROM modernize_audit_context",
]


def make_event():
    with change_context(reason="why"):
        Ledger.objects.create(title="a")


@pytest.mark.parametrize("sql", TAMPERING)
def test_the_trail_refuses_to_be_changed(sql):
    make_event()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEvent.objects.get().reason == "why"


@pytest.mark.parametrize("sql", TAMPERING)
def test_the_trail_refuses_to_be_changed_by_another_program(sql):
    make_event()
    with pytest.raises(Exception, match="append-only"), other_program() as program:
        program.execute(sql)
    assert AuditEvent.objects.get().reason == "why"


@pytest.mark.database_lacks("sqlite", reason="has no TRUNCATE")
def test_the_trail_refuses_to_be_truncated():
    make_event()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE modernize_audit_event")
    assert AuditEvent.objects.count() == 1


def test_the_trail_can_be_changed_while_it_is_unlocked_and_not_after():
    make_event()
    make_event()
    with unlocked(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM modernize_audit_event WHERE object_id = '1'")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM modernize_audit_event")


@pytest.mark.database_lacks("sqlite", reason="has no TRUNCATE")
def test_a_truncated_table_leaves_an_event():
    Ledger.objects.create(title="a")
    with change_context(reason="spring cleaning"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE testapp_ledger CASCADE")
    event = AuditEvent.objects.first()
    assert (event.action, event.object_type, event.object_id) == ("truncate", "testapp.ledger", "")
    assert event.reason == "spring cleaning"


def test_what_is_left_out_of_the_trail_is_an_event_itself():
    with change_context(reason="daily work"):
        with untracked("fill a column"):
            Ledger.objects.create(title="a")
        Ledger.objects.create(title="b")
    told = AuditEvent.objects.order_by("id").values_list("action", "reason")
    assert list(told) == [("untracked", "fill a column"), ("create", "daily work")]


def test_leaving_changes_out_of_the_trail_wants_a_reason():
    with pytest.raises(InvalidContext, match="reason"), untracked(" "):
        pass


@pytest.mark.database_lacks("postgresql", reason="has partitions")
def test_a_database_without_partitions_says_so():
    with pytest.raises(CommandError, match="SQLite, which has no partitions"):
        call_command("audit_partition")
    assert begin_month() is None


def test_a_fixture_that_holds_the_trail_is_refused_with_the_option_that_leaves_it_out(tmp_path):
    make_event()
    fixture = tmp_path / "rows.json"
    call_command("dumpdata", "modernize_audit.auditevent", output=str(fixture))
    with pytest.raises(DatabaseError, match="dumpdata --exclude modernize_audit"):
        call_command("loaddata", str(fixture), verbosity=0)
