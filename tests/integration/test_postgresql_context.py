"""On PostgreSQL the details of a context are recorded once for the transactions that share it."""

import time

import pytest
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction

from django_modernize.audit import AuditEvent, seal
from django_modernize.audit.ledger.pruning import prune
from django_modernize.audit.models import AuditContext
from django_modernize.context import change_context
from django_modernize.triggers.connection import find_watcher
from django_modernize.triggers.context_caches import LASTING_SECONDS
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="tells the context by its slot"),
]


def told_number():
    """Return the number that stands for the context that was told last."""
    kept = find_watcher(connection).delivery.kept
    return kept._instead and kept._instead.sql


def reasons():
    return [*AuditEvent.objects.order_by("id").values_list("reason", flat=True)]


def create_ledgers(*titles):
    for title in titles:
        Ledger.objects.create(title=title)


def test_a_context_that_goes_on_outside_of_transactions_has_its_details_recorded_twice_at_most():
    with change_context(reason="why"):
        create_ledgers(*"abcde")
    assert reasons() == ["why"] * 5
    assert AuditContext.objects.count() == 2
    assert len({*AuditEvent.objects.values_list("transaction_id")}) == 5


def test_a_driver_that_cannot_go_back_to_a_result_is_told_the_details_each_time(monkeypatch):
    asked = "django_modernize.triggers.postgresql_delivery.can_return_to_result"
    monkeypatch.setattr(asked, lambda cursor: False)
    with change_context(reason="why"):
        create_ledgers(*"abc")
    assert reasons() == ["why"] * 3
    assert AuditContext.objects.count() == 3


def test_a_context_of_one_write_asks_for_nothing():
    with change_context(reason="why"):
        create_ledgers("a")
    assert not told_number()


def test_a_write_that_asks_for_the_number_gives_its_own_result():
    with change_context(reason="why"):
        create_ledgers("a", "b", "c")
        keys = [Ledger.objects.create(title=title).pk for title in "de"]
        changed = [Ledger.objects.filter(title=title).update(amount=3) for title in "abx"]
        with connection.cursor() as cursor:
            cursor.execute('UPDATE "testapp_ledger" SET amount = %s RETURNING title', [4])
            assert (cursor.rowcount, len(cursor.fetchall())) == (5, 5)
    assert keys == [
        *Ledger.objects.filter(title__in="de").order_by("pk").values_list("pk", flat=True)
    ]
    assert changed == [1, 1, 0]


def test_the_second_write_gives_its_own_result_too():
    with change_context(reason="why"):
        first, second = Ledger.objects.create(title="a"), Ledger.objects.create(title="b")
        assert told_number()
    assert [*Ledger.objects.order_by("pk")] == [first, second]
    with change_context(reason="other"):
        Ledger.objects.update(amount=1)
        assert Ledger.objects.filter(title="a").update(amount=2) == 1


def test_a_package_that_puts_a_statement_in_front_of_each_leaves_a_write_its_own_result():
    def tell_too(execute, sql, params, many, context):
        # As django-pghistory and django-pgtrigger do it.
        result = execute(
            f"SELECT set_config('other.context', 'x', true); {sql}", params, many, context
        )
        while result.nextset():
            pass
        return result

    with change_context(reason="why"), connection.execute_wrapper(tell_too):
        ledgers = [Ledger.objects.create(title=title) for title in "abc"]
        assert Ledger.objects.filter(title="a").update(amount=2) == 1
    assert [*Ledger.objects.order_by("pk")] == ledgers
    assert reasons() == ["why"] * 4


def test_several_statements_at_once_show_the_result_of_the_first():
    with change_context(reason="why"):
        create_ledgers("a", "b")
        with connection.cursor() as cursor:
            change = 'UPDATE "testapp_ledger" SET amount = 3'
            cursor.execute(f"{change} RETURNING title; {change} RETURNING amount")
            assert sorted(cursor.fetchall()) == [("a",), ("b",)]


def test_a_transaction_is_told_the_number_too():
    with change_context(reason="why"):
        create_ledgers("a", "b")
        with transaction.atomic():
            create_ledgers("c", "d")
    assert reasons() == ["why"] * 4
    assert AuditContext.objects.count() == 2


@pytest.mark.parametrize("is_said", [False, True])
def test_details_that_a_transaction_recorded_are_not_taken_for_granted(is_said):
    with change_context(reason="why"):
        for _ in range(3):
            if is_said:
                with connection.cursor() as cursor:
                    cursor.execute("BEGIN")
                    create_ledgers("lost")
                    cursor.execute("ROLLBACK")
            else:
                with pytest.raises(ZeroDivisionError), transaction.atomic():
                    create_ledgers("lost")
                    1 / 0  # noqa: B018
        create_ledgers("kept")
    assert reasons() == ["why"]


def test_a_write_that_left_no_event_is_not_taken_for_one_that_recorded_the_details():
    with change_context():
        ledger = Ledger.objects.create(title="a")
    with change_context(reason="why"):
        ledger.save()
        ledger.save()
        assert not told_number()
        ledger.amount = 4
        ledger.save()
    assert reasons() == ["", "why"]


def test_another_context_is_never_told_by_the_number_of_the_one_before():
    with change_context(reason="one"):
        create_ledgers("a", "b", "c")
        with change_context(reason="two"):
            create_ledgers("d", "e", "f")
        create_ledgers("g")
    create_ledgers("h")
    assert reasons() == ["one"] * 3 + ["two"] * 3 + ["one", ""]


def test_a_context_without_details_has_none_recorded():
    with change_context():
        create_ledgers("a", "b", "c")
    assert not told_number()
    assert not AuditContext.objects.exists()


def test_details_that_were_pruned_are_recorded_again():
    with change_context(reason="why"):
        create_ledgers("a", "b", "c")
        seal()
        newest = AuditEvent.objects.order_by("-id").first()
    prune(before=newest.created_at.replace(year=newest.created_at.year + 1))
    with change_context(reason="why"):
        create_ledgers("d")
    assert reasons()[-1] == "why"


def test_details_are_recorded_again_after_a_while(monkeypatch):
    with change_context(reason="why"):
        create_ledgers("a", "b", "c")
        moment = time.monotonic() + LASTING_SECONDS + 1
        monkeypatch.setattr(
            "django_modernize.triggers.context_caches.time.monotonic", lambda: moment
        )
        create_ledgers("d", "e")
    assert reasons() == ["why"] * 5
    assert AuditContext.objects.count() == 3


def test_details_are_recorded_again_after_the_tables_were_emptied_between_two_tests():
    with change_context(reason="why"):
        create_ledgers("a", "b", "c")
        tables = [model._meta.db_table for model in (Ledger, AuditEvent, AuditContext)]
        connection.ops.execute_sql_flush(
            connection.ops.sql_flush(no_style(), tables, allow_cascade=True)
        )
        create_ledgers("d")
        assert reasons() == ["why"]
        create_ledgers("e")
    assert reasons() == ["why"] * 2


def test_a_write_that_fails_leaves_nothing_taken_for_granted():
    with change_context(reason="why"):
        ledger = Ledger.objects.create(title="a")
        with pytest.raises(Exception, match="duplicate key"):
            Ledger(pk=ledger.pk, title="b").save(force_insert=True)
        assert not told_number()
        create_ledgers("c")
    assert reasons() == ["why"] * 2


@pytest.mark.parametrize(
    ("closing", "rows"),
    [
        (" RETURNING id -- and why", 1),
        (" -- and why", None),
        (" /* and why */", None),
        (";", None),
        (" RETURNING id; ", 1),
    ],
)
def test_a_statement_of_ones_own_may_end_as_it_likes(closing, rows):
    with change_context(reason="why"):
        create_ledgers("a")
        with connection.cursor() as cursor:
            for amount in range(4):
                cursor.execute(f'UPDATE "testapp_ledger" SET amount = %s{closing}', [amount])
                assert cursor.rowcount == 1
                assert rows is None or len(cursor.fetchall()) == rows
    assert {*reasons()} == {"why"}


def test_a_key_that_fails_as_the_statement_commits_leaves_nothing_taken_for_granted():
    with change_context(reason="why"):
        create_ledgers("a")
        with pytest.raises(IntegrityError):
            Ledger.objects.create(title="of no parent", parent_id=77)
        assert not told_number()
        create_ledgers("b")
    assert reasons() == ["why"] * 2
