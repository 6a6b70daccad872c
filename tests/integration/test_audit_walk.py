"""A walk through the ways to change a row: each leaves exactly the events that it should.

Each way is walked three times: as it is, inside a transaction that is rolled back, and inside a
savepoint that is rolled back; the last two may leave nothing.
"""

import pytest
from django.db import transaction

from django_modernize.audit import AuditEvent
from django_modernize.context import change_context
from tests.testapp.models import Bookcase
from tests.ways import (  # noqa: F401
    asynchronous,
    database_objects,
    deletions,
    links,
    objects,
    pages,
    programs,
    statements,
    tables,
)
from tests.ways.walk import WAYS, assert_told, fill_library, told


@pytest.fixture
def books(transactional_db):
    return fill_library()


def name_way(value):
    return value.__name__


def test_the_walk_is_long_enough():
    assert len(WAYS) >= 130


@pytest.mark.parametrize("change", WAYS, ids=name_way)
def test_a_change_leaves_exactly_its_events(books, change):
    with change_context(reason="the walk"):
        expected = change(*books)
    assert_told(expected)
    # A request has a context of its own.
    strangers = AuditEvent.objects.filter(request_id=None).exclude(reason="the walk")
    assert list(strangers) == []


@pytest.mark.parametrize("change", WAYS, ids=name_way)
def test_a_change_that_is_rolled_back_leaves_nothing(books, change):
    with transaction.atomic():
        change(*books)
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.parametrize("change", WAYS, ids=name_way)
def test_a_change_whose_savepoint_is_rolled_back_leaves_nothing(books, change):
    with transaction.atomic():
        with transaction.atomic():
            change(*books)
            transaction.set_rollback(True)
        Bookcase.objects.create(code="kept")
    assert [event[:3] for event in told()] == [("create", "testapp.bookcase", "kept")]
