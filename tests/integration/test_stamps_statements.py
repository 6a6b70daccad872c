"""What stamps cost."""

import pytest
from django.db import connection, models, transaction

from django_modernize.context import change_context
from tests.testapp.models import Letter, Parcel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking_clock")]


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
