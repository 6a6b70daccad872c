"""What the trail costs in statements: none, however many rows a change has."""

import pytest
from django.db import connection, transaction

from django_modernize.audit import AuditEvent
from django_modernize.context import change_context
from tests.testapp.models_audit import Secret, Untracked

pytestmark = pytest.mark.django_db

# The model, and the one of its fields that is changed.
TRACKED, UNTRACKED = (Secret, "password"), (Untracked, "title")


def store(model, field, count):
    return model.objects.bulk_create(model(**{field: "before"}) for _ in range(count))


def create_rows(model, field, rows):
    store(model, field, len(rows))


def save_rows(model, field, rows):
    for row in rows[:10]:
        setattr(row, field, "after")
        row.save()


def update_rows(model, field, rows):
    model.objects.update(**{field: "after"})


def update_instances(model, field, rows):
    for row in rows:
        setattr(row, field, "after")
    model.objects.bulk_update(rows, [field])


def delete_rows(model, field, rows):
    model.objects.all().delete()


def count_statements(work, model, field, *, rows):
    """Count the statements of one piece of work, in a transaction of its own."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    stored = store(model, field, rows)
    with (
        transaction.atomic(),
        change_context(reason=work.__name__),
        connection.execute_wrapper(note),
    ):
        work(model, field, stored)
    return len(statements)


@pytest.mark.parametrize(
    "work", [create_rows, save_rows, update_rows, update_instances, delete_rows]
)
def test_a_tracked_model_costs_no_statement_more_than_an_untracked_one(work):
    tracked, untracked = (count_statements(work, *kind, rows=20) for kind in (TRACKED, UNTRACKED))

    assert AuditEvent.objects.filter(reason=work.__name__).exists()
    assert tracked == untracked


@pytest.mark.parametrize("work", [create_rows, update_rows, update_instances, delete_rows])
def test_tracked_bulk_work_costs_as_many_statements_for_a_hundred_rows_as_for_one(work):
    one, hundred = (count_statements(work, *TRACKED, rows=rows) for rows in (1, 100))

    assert one == hundred
