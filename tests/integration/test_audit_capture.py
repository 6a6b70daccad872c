"""Every way to change a row leaves the right event, on both databases."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import F

from django_modernize.audit import AuditEvent, history
from django_modernize.audit.locking import unlocked
from django_modernize.context import change_context
from tests.testapp.models import EveryField, Ledger, Secret, Untracked

pytestmark = pytest.mark.django_db


def recorded(*fields):
    """Return the events in the order of their writing."""
    return list(AuditEvent.objects.order_by("id").values_list(*(fields or ("action", "changes"))))


def forget_events():
    """Empty the table of events, as no code but a test may."""
    with unlocked():
        AuditEvent._base_manager.all()._raw_delete("default")


@pytest.fixture
def ledger():
    ledger = Ledger.objects.create(title="first", amount=1)
    forget_events()
    return ledger


def test_save_of_a_new_object_records_its_values():
    ledger = Ledger.objects.create(title="it's", amount=3)
    assert recorded() == [
        ("create", {"id": [None, ledger.pk], "title": [None, "it's"], "amount": [None, 3]})
    ]
    event = AuditEvent.objects.get()
    assert (event.object_type, event.object_id) == ("testapp.ledger", str(ledger.pk))
    assert abs(event.created_at - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=20)


def test_save_records_only_the_fields_that_changed(ledger):
    ledger.amount = 2
    ledger.save()
    assert recorded() == [("update", {"amount": [1, 2]})]


def test_save_that_changes_nothing_records_nothing(ledger):
    ledger.save()
    Ledger.objects.update(amount=1)
    assert recorded() == []


def test_update_fields_records_what_was_written_and_not_what_was_set(ledger):
    ledger.title, ledger.amount = "unsaved", 5
    ledger.save(update_fields=["amount"])
    assert recorded() == [("update", {"amount": [1, 5]})]


def test_expressions_are_recorded_by_their_result(ledger):
    ledger.amount = F("amount") + 10
    ledger.save()
    assert recorded() == [("update", {"amount": [1, 11]})]


def test_update_records_one_event_per_row(ledger):
    Ledger.objects.create(title="second", amount=2)
    forget_events()
    Ledger.objects.update(amount=F("amount") * 10)
    assert sorted(changes["amount"] for _, changes in recorded()) == [[1, 10], [2, 20]]


def test_bulk_create_records_one_event_per_row():
    Ledger.objects.bulk_create([Ledger(title=f"row {number}") for number in range(3)])
    assert [changes["title"][1] for _, changes in recorded()] == ["row 0", "row 1", "row 2"]


def test_bulk_create_with_conflicts_records_creations_and_updates(ledger):
    Ledger.objects.bulk_create(
        [Ledger(pk=ledger.pk, title="taken", amount=7), Ledger(pk=ledger.pk + 1, title="new")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["amount"],
    )
    assert sorted(action for action, _ in recorded()) == ["create", "update"]
    assert AuditEvent.objects.get(action="update").changes == {"amount": [1, 7]}


def test_bulk_create_that_ignores_conflicts_records_only_new_rows(ledger):
    Ledger.objects.bulk_create(
        [Ledger(pk=ledger.pk, title="taken"), Ledger(pk=ledger.pk + 1, title="new")],
        ignore_conflicts=True,
    )
    assert recorded("action", "object_id") == [("create", str(ledger.pk + 1))]


def test_bulk_update_records_one_event_per_changed_row(ledger):
    other = Ledger.objects.create(title="second")
    forget_events()
    ledger.amount = 50
    Ledger.objects.bulk_update([ledger, other], ["amount"])
    assert recorded("object_id", "changes") == [(str(ledger.pk), {"amount": [1, 50]})]


def test_get_or_create_and_update_or_create_are_recorded(ledger):
    Ledger.objects.get_or_create(title="first")
    Ledger.objects.get_or_create(title="third")
    Ledger.objects.update_or_create(title="third", defaults={"amount": 9})
    assert [action for action, _ in recorded()] == ["create", "update"]


def test_async_writes_are_recorded():
    async def write():
        ledger = await Ledger.objects.acreate(title="async")
        await ledger.asave()
        await Ledger.objects.aupdate(amount=4)
        await ledger.adelete()

    async_to_sync(write)()
    assert [action for action, _ in recorded()] == ["create", "update", "delete"]


def test_delete_records_the_last_values(ledger):
    key = ledger.pk
    ledger.delete()
    assert recorded() == [
        ("delete", {"id": [key, None], "title": ["first", None], "amount": [1, None]})
    ]


def test_queryset_delete_records_cascades_and_keys_that_are_set_null(ledger):
    child = Ledger.objects.create(title="child", parent=ledger)
    friend = Ledger.objects.create(title="friend", guarantor=ledger)
    forget_events()
    Ledger.objects.filter(pk=ledger.pk).delete()
    assert sorted(recorded("action", "object_id")) == sorted(
        [("delete", str(ledger.pk)), ("delete", str(child.pk)), ("update", str(friend.pk))]
    )
    assert AuditEvent.objects.get(action="update").changes == {"guarantor": [ledger.pk, None]}


def test_raw_sql_is_recorded(ledger):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO testapp_ledger (title, amount) VALUES (%s, 5)", ["raw 100%"])
        cursor.execute("UPDATE testapp_ledger SET amount = 6 WHERE title = 'raw 100%'")
        cursor.executemany(
            "UPDATE testapp_ledger SET amount = %s WHERE id = %s", [(8, ledger.pk), (9, ledger.pk)]
        )
        cursor.execute("DELETE FROM testapp_ledger WHERE id = %s", [ledger.pk])
    assert [action for action, _ in recorded()] == [
        "create",
        "update",
        "update",
        "update",
        "delete",
    ]


def test_a_changed_primary_key_is_recorded(ledger):
    Ledger.objects.filter(pk=ledger.pk).update(id=ledger.pk + 100)
    keys = {key for _, changes in recorded() for key in changes["id"] if key is not None}
    assert keys == {ledger.pk, ledger.pk + 100}


def test_a_rolled_back_change_leaves_no_event(ledger):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Ledger.objects.update(amount=100)
        1 / 0  # noqa: B018
    assert recorded() == []


def test_untracked_models_leave_no_event():
    Untracked.objects.create(title="quiet")
    assert recorded() == []


VALUES = {
    "big": 2**63 - 1,
    "binary": b"\x00\xff" * 50,
    "boolean": True,
    "date": dt.date(2026, 2, 28),
    "moment": dt.datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=dt.UTC),
    "decimal": Decimal("123456789.125"),
    "duration": dt.timedelta(days=3, microseconds=7),
    "file": "bills/1.pdf",
    "floating": 0.1,
    "address": "2001:db8::1",
    "json": {"text": 'quote " and \\ and é 😀', "null": None, "list": [1, 2.5, True]},
    "text": "line\nnext\ttab ' \" \\ {0} %s ☃",
    "time": dt.time(9, 0, 0, 5),
    "key": uuid.UUID(int=5),
}


def test_values_come_back_as_the_fields_own_type_when_created_changed_and_deleted():
    row = EveryField.objects.create(**VALUES)
    EveryField.objects.update(**dict.fromkeys(VALUES))
    row.delete()
    created, emptied, deleted = AuditEvent.objects.order_by("id")
    expected = {**VALUES, "id": uuid.UUID(created.object_id)}
    assert {n: v[1] for n, v in created.decode_changes().items()} == expected
    assert {n: v[0] for n, v in emptied.decode_changes().items()} == VALUES
    assert set(deleted.changes) == {"id"}


def test_values_of_a_foreign_key_are_recorded_under_the_name_of_the_field():
    person = get_user_model().objects.create(username="ann")
    EveryField.objects.create(owner=person)
    event = AuditEvent.objects.get(object_type="testapp.everyfield")
    assert event.decode_changes()["owner"] == (None, person.pk)


def test_masked_values_are_never_stored_and_excluded_fields_are_no_change():
    secret = Secret.objects.create(password="hunter2", views=1)
    Secret.objects.update(views=2)
    Secret.objects.update(password="hunter3")
    secret.delete()
    assert "hunter" not in str(recorded())
    assert [changes.get("password") for _, changes in recorded()] == [
        [None, "********"],
        ["********", "********"],
        ["********", None],
    ]


def test_history_gives_the_events_of_one_object_newest_first(ledger, django_assert_num_queries):
    Ledger.objects.create(title="other")
    ledger.amount = 2
    ledger.save()
    key = ledger.pk
    ledger.delete()
    ledger.pk = key
    with django_assert_num_queries(1):
        assert [event.action for event in history(ledger)] == ["delete", "update"]


def test_events_can_neither_be_saved_nor_deleted(ledger):
    ledger.delete()
    event = AuditEvent.objects.get()
    for refused in (event.save, event.delete):
        with pytest.raises(TypeError, match="the database writes events itself"):
            refused()


def test_events_carry_the_context_and_share_a_transaction_id():
    person = get_user_model().objects.create(username="ann")
    request_id = uuid.uuid4()
    with (
        change_context(
            actor=person,
            source="excel_import",
            reason="it's 100%",
            request_id=request_id,
            ip_address="10.0.0.1",
            user_agent="Browser",
        ),
        transaction.atomic(),
    ):
        Ledger.objects.create(title="one")
        Ledger.objects.update(amount=5)
    first, second = AuditEvent.objects.filter(object_type="testapp.ledger").order_by("id")
    assert first.transaction_id == second.transaction_id is not None
    for event in (first, second):
        assert (event.actor, event.actor_label) == (person, "ann")
        assert (event.source, event.reason) == ("excel_import", "it's 100%")
        assert (event.request_id, event.ip_address) == (request_id, "10.0.0.1")
        assert event.user_agent == "Browser"


def test_the_context_of_one_write_is_never_anothers():
    with change_context(reason="outer"):
        Ledger.objects.create(title="a")
        with change_context(reason="inner"):
            Ledger.objects.create(title="b")
        Ledger.objects.create(title="c")
    Ledger.objects.create(title="d")
    assert [row[0] for row in recorded("reason")] == ["outer", "inner", "outer", ""]
    assert recorded("source")[-1] == ("system",)


def test_the_context_is_right_after_a_savepoint_was_rolled_back():
    with transaction.atomic():
        with change_context(reason="first"):
            Ledger.objects.create(title="a")
        with change_context(reason="second"):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                Ledger.objects.create(title="lost")
                1 / 0  # noqa: B018
            Ledger.objects.create(title="b")
    assert [row[0] for row in recorded("reason")] == ["first", "second"]


def test_no_query_is_added_to_a_write(django_assert_num_queries):
    with django_assert_num_queries(1):
        Ledger.objects.create(title="a")
    with django_assert_num_queries(1), change_context(reason="why"):
        Ledger.objects.update(amount=4)
