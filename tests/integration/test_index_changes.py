"""The changes of one field, found by an index however few they are."""

import pytest
from django.db import connection
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter

from django_modernize.audit import AuditEvent, history
from django_modernize.audit.locking import unlocked
from django_modernize.audit.partitions.catalog import read_layout
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from django_modernize.migrate import IndexChanges
from tests.testapp.models import Book

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = IndexChanges("Book", "pages")

MANY = 100_000

NUMBERS = {
    "postgresql": f"generate_series(1, {MANY}) n",
    "sqlite": "(WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series"
    f" WHERE n < {MANY}) SELECT n FROM series)",
}

FILL = """
INSERT INTO modernize_audit_event
  (created_at, object_type, object_id, action, source, changes)
SELECT '2026-05-01 00:00:00', CASE WHEN n % 2 = 0 THEN 'testapp.book' ELSE 'testapp.ledger' END,
  CAST(n % 1000 AS text), 'update', 'manual', '{{"title":["a","b ' || n || '"]}}' FROM {numbers}
"""


def run(operation, direction="forwards", *, atomic=False):
    with connection.schema_editor(atomic=atomic) as editor:
        move = getattr(operation, f"database_{direction}")
        move("testapp", editor, ProjectState(), ProjectState())


def list_indexes():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, AuditEvent._meta.db_table)
    return [name for name in found if name.startswith("modernize_changed_")]


def fill_trail():
    """Leave a hundred thousand events, among them five that tell of the pages of a book."""
    with unlocked(), connection.cursor() as cursor:
        cursor.execute(FILL.format(numbers=NUMBERS[connection.vendor]).replace("%", "%%"), [])
    book = Book.objects.create(title="a", pages=1)
    Book.objects.update(pages=2)
    Book.objects.update(pages=3)
    Book.objects.update(title="b")
    Book.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return book


def ask():
    changed = AuditEvent.objects.for_model(Book).changed
    return {
        "the field": changed("pages"),
        "a new value": changed("pages", new=2),
        "an old value": changed("pages", old=3),
        "the newest": changed("pages")[:100],
        "an object": history(Book(pk=7)).changed("pages"),
    }


def answer():
    return {name: [event.pk for event in events] for name, events in ask().items()}


@pytest.mark.parametrize("atomic", [True, False])
def test_the_changes_of_an_indexed_field_are_read_from_its_index(atomic):
    fill_trail()
    before = answer()
    assert [len(found) for found in before.values()] == [4, 1, 1, 4, 0]
    run(PAGES, atomic=atomic)
    (name,) = list_indexes()
    plans = {question: events.explain() for question, events in ask().items()}
    # An object's own index may be as good.
    plans.pop("an object")
    assert {question for question, plan in plans.items() if name not in plan} == set()
    assert answer() == before
    assert name not in AuditEvent.objects.for_model(Book).changed("title").explain()
    run(PAGES, "backwards", atomic=atomic)
    assert list_indexes() == []
    assert answer() == before


def test_what_is_written_after_the_index_was_made_is_found_by_it():
    run(PAGES)
    try:
        fill_trail()
        (name,) = list_indexes()
        found = AuditEvent.objects.for_model(Book).changed("pages")
        assert name in found.explain()
        assert [event.action for event in found] == ["delete", "update", "update", "create"]
    finally:
        run(PAGES, "backwards")


@pytest.mark.parametrize("atomic", [True, False])
def test_it_may_run_again(atomic):
    run(PAGES, atomic=atomic)
    run(PAGES, atomic=atomic)
    assert len(list_indexes()) == 1
    run(PAGES, "backwards")


@pytest.mark.database_lacks("sqlite", reason="builds it in one transaction")
def test_an_index_that_a_killed_run_left_is_made_anew():
    run(PAGES)
    (name,) = list_indexes()
    with connection.cursor() as cursor:
        # As PostgreSQL leaves one that could not be finished.
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name]
        )
    run(PAGES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [name])
        assert cursor.fetchall() == [(True,)]
    run(PAGES, "backwards")


def list_parts(name):
    """Return the indexes of the partitions that make up one of the whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " JOIN pg_index ON indexrelid = inhrelid"
            " WHERE inhparent = %s::regclass AND indisvalid",
            [name],
        )
        return [part for (part,) in cursor.fetchall()]


@pytest.mark.database_lacks("sqlite", reason="has no partitions")
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("atomic", [True, False])
def test_each_partition_has_the_index_whichever_was_made_first(atomic, is_first):
    steps = [lambda: run(PAGES, atomic=atomic), partition_events]
    for step in steps if is_first else reversed(steps):
        step()
    try:
        run(PAGES, atomic=atomic)
        fill_trail()
        (name,) = list_indexes()
        parts = list_parts(name)
        assert len(parts) == len(read_layout(connection).partitions)
        found = AuditEvent.objects.for_model(Book).changed("pages")
        assert any(part in found.explain() for part in parts)
        assert len(found) == 4
    finally:
        merge_partitions()
        assert list_indexes() == [name]
        run(PAGES, "backwards")
    assert list_indexes() == []


def test_it_can_be_written_down():
    text, imports = OperationWriter(PAGES, indentation=0).serialize()
    assert "field_name='pages'" in text
    assert "import django_modernize.migrate.index_changes" in imports
    name, arguments, options = PAGES.deconstruct()
    assert IndexChanges(*arguments, **options).deconstruct() == (name, arguments, options)
    assert PAGES.describe() == "Index the events that tell of pages of Book"
    assert PAGES.migration_name_fragment == "index_changes_book_pages"


def test_a_name_that_is_no_field_is_refused():
    with pytest.raises(ValueError, match="not a field name"):
        IndexChanges("Book", "a' OR 1=1 --")
