"""A walk through the ways to change a row: each leaves exactly the events that it should.

A way is a function that changes something and returns the events that it expects, the oldest
first: action, model, key and what is to be found among the changes. Each is walked twice: once as
it is, and once inside a transaction that is rolled back and may leave nothing.
"""

import io
import json
import uuid
from contextlib import contextmanager

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Upper
from django.utils import timezone

from django_modernize.audit import AuditEvent, history, track, tracking
from django_modernize.audit.keys import object_key
from django_modernize.audit.locking import unlocked
from django_modernize.context import change_context
from django_modernize.triggers.installer import synchronize_triggers
from tests.testapp.models import (
    Audio,
    Book,
    Bookcase,
    Keyword,
    Loan,
    Media,
    MediaProxy,
    Reader,
    Seat,
    Survey,
)

WAYS = []
ADA, BOB = uuid.UUID(int=1), uuid.UUID(int=2)


def way(function):
    WAYS.append(function)
    return function


def only_on(vendor):
    def mark(function):
        lacking = "sqlite" if vendor == "postgresql" else "postgresql"
        WAYS.append(
            pytest.param(
                function,
                marks=pytest.mark.database_lacks(lacking, reason="does not know the statement"),
                id=function.__name__,
            )
        )
        return function

    return mark


def created(instance, /, **values):
    return ("create", instance, {name: [None, value] for name, value in values.items()})


def updated(row, **values):
    return ("update", row, {name: list(pair) for name, pair in values.items()})


def deleted(row, **values):
    return ("delete", row, {name: [value, None] for name, value in values.items()})


def linked(row, field, *keys):
    return ("m2m_add", row, {field: [None, list(keys)]})


def unlinked(row, field, *keys):
    return ("m2m_remove", row, {field: [list(keys), None]})


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


class Gone:
    """An object whose key is not on it any more."""

    def __init__(self, instance):
        self.label, self.key = instance._meta.label_lower, object_key(instance)


@pytest.fixture
def books(transactional_db):
    """Two books on a shelf, two readers and two tags, and a trail that knows nothing of it."""
    shelf = Bookcase.objects.create(code="A/1", room="north")
    ada = Reader.objects.create(id=ADA, name="Ada")
    Reader.objects.create(id=BOB, name="Bob")
    first = Book.objects.create(title="first", pages=10, shelf=shelf, lender=ada)
    second = Book.objects.create(title="second", pages=20)
    Keyword.objects.create(id=1, name="red")
    Keyword.objects.create(id=2, name="blue")
    forget()
    return first, second


def forget():
    with unlocked():
        AuditEvent._base_manager.all()._raw_delete("default")


def told():
    return [
        (event.action, event.object_type, event.object_id, event.changes)
        for event in AuditEvent.objects.order_by("id")
    ]


def describe(expected):
    action, row, changes = expected
    if isinstance(row, Gone):
        return action, row.label, row.key, changes
    concrete = row._meta.concrete_model
    return action, concrete._meta.label_lower, object_key(row), changes


def assert_told(expected):
    # Statements of one call may come in another order on another database.
    events = told()
    for action, label, key, changes in [describe(one) for one in expected]:
        fitting = [
            event
            for event in events
            if event[:3] == (action, label, key)
            and all(event[3].get(name) == pair for name, pair in changes.items())
            and (action in ("create", "delete") or set(event[3]) == set(changes))
        ]
        assert fitting, f"{action} of {label} {key} {changes} is not among {events}"
        events.remove(fitting[0])
    assert events == []


@way
def save_of_a_new_object(first, second):
    book = Book(title="new", pages=3)
    book.save()
    return [created(book, title="new", pages=3)]


@way
def create(first, second):
    return [created(Book.objects.create(title="new"), title="new", pages=0)]


@way
def save(first, second):
    first.pages = 11
    first.save()
    return [updated(first, pages=(10, 11))]


@way
def save_that_changes_nothing(first, second):
    first.save()
    return []


@way
def save_with_update_fields(first, second):
    first.pages, first.title = 11, "not written"
    first.save(update_fields=["pages"])
    return [updated(first, pages=(10, 11))]


@way
def save_with_force_insert(first, second):
    book = Book(title="new")
    book.save(force_insert=True)
    return [created(book, title="new")]


@way
def save_of_an_expression(first, second):
    first.pages = F("pages") + 5
    first.save()
    return [updated(first, pages=(10, 15))]


@way
def save_of_deferred_fields(first, second):
    book = Book.objects.only("pages").get(pk=first.pk)
    book.pages = 12
    book.save()
    return [updated(first, pages=(10, 12))]


@way
def save_base_raw(first, second):
    first.pages = 12
    first.save_base(raw=True)
    return [updated(first, pages=(10, 12))]


@way
def update(first, second):
    Book.objects.update(pages=7)
    return [updated(first, pages=(10, 7)), updated(second, pages=(20, 7))]


@way
def update_that_changes_one_of_two(first, second):
    Book.objects.update(pages=10)
    return [updated(second, pages=(20, 10))]


@way
def update_of_no_row(first, second):
    Book.objects.filter(pages=1000).update(pages=7)
    return []


@way
def update_with_an_expression(first, second):
    Book.objects.update(pages=F("pages") * 2, title=Upper("title"))
    return [
        updated(first, pages=(10, 20), title=("first", "FIRST")),
        updated(second, pages=(20, 40), title=("second", "SECOND")),
    ]


@way
def update_with_a_case(first, second):
    Book.objects.update(pages=Case(When(title="first", then=Value(1)), default=F("pages")))
    return [updated(first, pages=(10, 1))]


@way
def update_across_a_relation(first, second):
    Book.objects.filter(shelf__room="north").update(pages=1)
    return [updated(first, pages=(10, 1))]


@way
def bulk_create(first, second):
    books = Book.objects.bulk_create([Book(title="x"), Book(title="y")])
    return [created(books[0], title="x"), created(books[1], title="y")]


@way
def bulk_create_in_batches(first, second):
    books = Book.objects.bulk_create([Book(title=str(n)) for n in range(5)], batch_size=2)
    return [created(book, title=book.title) for book in books]


@way
def bulk_create_with_update_conflicts(first, second):
    Book.objects.bulk_create(
        [Book(title="first", pages=99), Book(title="new", pages=1)],
        update_conflicts=True,
        unique_fields=["title"],
        update_fields=["pages"],
    )
    return [
        updated(first, pages=(10, 99)),
        created(Book.objects.get(title="new"), title="new", pages=1),
    ]


@way
def bulk_create_with_update_conflicts_that_change_nothing(first, second):
    Book.objects.bulk_create(
        [Book(title="first", pages=10)],
        update_conflicts=True,
        unique_fields=["title"],
        update_fields=["pages"],
    )
    return []


@way
def bulk_create_with_ignore_conflicts(first, second):
    Book.objects.bulk_create(
        [Book(title="first", pages=99), Book(title="new")], ignore_conflicts=True
    )
    return [created(Book.objects.get(title="new"), title="new")]


@way
def bulk_update(first, second):
    first.pages, second.pages = 1, 2
    Book.objects.bulk_update([first, second], ["pages"])
    return [updated(first, pages=(10, 1)), updated(second, pages=(20, 2))]


@way
def get_or_create_of_a_new_object(first, second):
    book, _ = Book.objects.get_or_create(title="new", defaults={"pages": 5})
    return [created(book, title="new", pages=5)]


@way
def get_or_create_of_an_existing_object(first, second):
    Book.objects.get_or_create(title="first", defaults={"pages": 5})
    return []


@way
def update_or_create_of_a_new_object(first, second):
    book, _ = Book.objects.update_or_create(title="new", defaults={"pages": 5})
    return [created(book, title="new", pages=5)]


@way
def update_or_create_of_an_existing_object(first, second):
    Book.objects.update_or_create(title="first", defaults={"pages": 5})
    return [updated(first, pages=(10, 5))]


@way
def delete(first, second):
    gone = Gone(second)
    second.delete()
    return [deleted(gone, title="second", pages=20)]


@way
def delete_of_a_queryset(first, second):
    gone = [Gone(first), Gone(second)]
    Book.objects.all().delete()
    return [deleted(gone[0], title="first"), deleted(gone[1], title="second")]


@way
def delete_without_collecting(first, second):
    gone = Gone(second)
    Book.objects.filter(pk=second.pk)._raw_delete("default")
    return [deleted(gone, title="second")]


@way
def delete_with_a_cascade(first, second):
    shelf, book = first.shelf, Gone(first)
    gone = Gone(shelf)
    shelf.delete()
    return [deleted(book, title="first", shelf="A/1"), deleted(gone, code="A/1")]


@way
def delete_with_keys_that_are_set_null(first, second):
    reader = Reader.objects.get(pk=ADA)
    gone = Gone(reader)
    reader.delete()
    return [updated(first, lender=(key_value(ADA), None)), deleted(gone, name="Ada")]


@way
def delete_of_an_owner_of_links(first, second):
    second.tags.add(1)
    forget()
    gone = Gone(second)
    second.delete()
    return [unlinked(gone, "tags", 1), deleted(gone, title="second")]


@way
def delete_of_a_target_of_links(first, second):
    second.tags.add(1)
    forget()
    Keyword.objects.get(pk=1).delete()
    return [unlinked(second, "tags", 1)]


@way
def add_a_link(first, second):
    first.tags.add(1)
    return [linked(first, "tags", 1)]


@way
def add_a_link_that_is_there(first, second):
    first.tags.add(1)
    first.tags.add(1)
    return [linked(first, "tags", 1)]


@way
def add_a_link_from_the_other_side(first, second):
    Keyword.objects.get(pk=1).books.add(first)
    return [linked(first, "tags", 1)]


@way
def remove_a_link(first, second):
    first.tags.add(1)
    first.tags.remove(1)
    return [linked(first, "tags", 1), unlinked(first, "tags", 1)]


@way
def set_links(first, second):
    first.tags.add(1)
    first.tags.set([2])
    return [linked(first, "tags", 1), unlinked(first, "tags", 1), linked(first, "tags", 2)]


@way
def clear_links(first, second):
    first.tags.add(1)
    first.tags.clear()
    return [linked(first, "tags", 1), unlinked(first, "tags", 1)]


@way
def add_through_a_model(first, second):
    first.readers.add(ADA, through_defaults={"days": 3})
    return [
        linked(first, "readers", key_value(ADA)),
        created(Loan.objects.get(), book=first.pk, days=3),
    ]


@way
def save_of_a_through_model(first, second):
    loan = Loan.objects.create(book=first, reader_id=BOB)
    loan.days = 1
    loan.save()
    return [
        linked(first, "readers", key_value(BOB)),
        created(loan, book=first.pk, reader=key_value(BOB)),
        updated(loan, days=(14, 1)),
    ]


@way
def a_through_model_that_moves_to_another_owner(first, second):
    loan = Loan.objects.create(book=first, reader_id=BOB)
    forget()
    loan.book = second
    loan.save()
    return [
        unlinked(first, "readers", key_value(BOB)),
        linked(second, "readers", key_value(BOB)),
        updated(loan, book=(first.pk, second.pk)),
    ]


@way
def related_manager_create(first, second):
    book = first.shelf.book_set.create(title="new")
    return [created(book, title="new", shelf="A/1")]


@way
def related_manager_add(first, second):
    first.shelf.book_set.add(second)
    return [updated(second, shelf=(None, "A/1"))]


@way
def related_manager_remove(first, second):
    first.shelf.book_set.remove(first)
    return [updated(first, shelf=("A/1", None))]


@way
def related_manager_clear(first, second):
    first.shelf.book_set.clear()
    return [updated(first, shelf=("A/1", None))]


@way
def related_manager_set(first, second):
    first.shelf.book_set.set([second])
    return [updated(first, shelf=("A/1", None)), updated(second, shelf=(None, "A/1"))]


@way
def generic_relation_create(first, second):
    note = first.notes.create(text="torn")
    return [created(note, text="torn", object_id=first.pk)]


@way
def generic_relation_cascade(first, second):
    note = second.notes.create(text="torn")
    forget()
    gone = [Gone(note), Gone(second)]
    second.delete()
    return [deleted(gone[0], text="torn"), deleted(gone[1], title="second")]


@way
def raw_insert(first, second):
    run("INSERT INTO testapp_bookcase (code, room) VALUES ('B', 'south')")
    return [created(Bookcase(code="B"), code="B", room="south")]


@way
def raw_insert_from_a_query(first, second):
    run("INSERT INTO testapp_bookcase (code, room) SELECT 'B', room FROM testapp_bookcase")
    return [created(Bookcase(code="B"), code="B", room="north")]


@way
def raw_update(first, second):
    run('UPDATE "walk book" SET pages = pages + %s', 1)
    return [updated(first, pages=(10, 11)), updated(second, pages=(20, 21))]


@way
def raw_delete(first, second):
    gone = Gone(second)
    run('DELETE FROM "walk book" WHERE pages = 20')
    return [deleted(gone, title="second")]


@way
def raw_upsert(first, second):
    run(
        "INSERT INTO testapp_bookcase (code, room) VALUES ('A/1', 'west'), ('B', 'west')"
        " ON CONFLICT (code) DO UPDATE SET room = excluded.room"
    )
    return [updated(first.shelf, room=("north", "west")), created(Bookcase(code="B"), room="west")]


@way
def raw_write_in_a_common_table_expression(first, second):
    run(
        'WITH many AS (SELECT 10 AS pages) UPDATE "walk book" SET pages = 1'
        " WHERE pages IN (SELECT pages FROM many)"
    )
    return [updated(first, pages=(10, 1))]


@way
def raw_returning(first, second):
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "walk book" SET pages = 1 WHERE pages = 10 RETURNING pages')
        assert cursor.fetchall() == [(1,)]
    return [updated(first, pages=(10, 1))]


@way
def raw_query_in_a_model(first, second):
    list(Book.objects.raw('UPDATE "walk book" SET pages = 1 WHERE pages = 10 RETURNING id'))
    return [updated(first, pages=(10, 1))]


@way
def executemany(first, second):
    with connection.cursor() as cursor:
        cursor.executemany(
            'UPDATE "walk book" SET pages = %s WHERE id = %s', [(1, first.pk), (2, second.pk)]
        )
    return [updated(first, pages=(10, 1)), updated(second, pages=(20, 2))]


@way
def a_key_that_changes(first, second):
    Bookcase.objects.create(code="C")
    forget()
    Bookcase.objects.filter(code="C").update(code="D")
    if connection.vendor == "sqlite":
        return [updated(Bookcase(code="D"), code=("C", "D"))]
    return [created(Bookcase(code="D"), code="D"), deleted(Gone(Bookcase(code="C")), code="C")]


@only_on("sqlite")
def replace(first, second):
    run("REPLACE INTO testapp_bookcase (code, room) VALUES ('B', 'south')")
    return [created(Bookcase(code="B"), room="south")]


@only_on("postgresql")
def copy(first, second):
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY testapp_bookcase (code, room) FROM STDIN") as rows,
    ):
        rows.write_row(("B", "south"))
    return [created(Bookcase(code="B"), room="south")]


@only_on("postgresql")
def merge(first, second):
    run(
        "MERGE INTO testapp_bookcase t USING (VALUES ('A/1'), ('B')) AS v (code) ON t.code = v.code"
        " WHEN MATCHED THEN UPDATE SET room = 'west'"
        " WHEN NOT MATCHED THEN INSERT (code, room) VALUES (v.code, 'west')"
    )
    return [updated(first.shelf, room=("north", "west")), created(Bookcase(code="B"), room="west")]


@only_on("postgresql")
def several_statements_in_one_message(first, second):
    run("UPDATE testapp_bookcase SET room = 'a'; UPDATE testapp_bookcase SET room = 'b'")
    return [updated(first.shelf, room=("north", "a")), updated(first.shelf, room=("a", "b"))]


@only_on("postgresql")
def writes_in_a_common_table_expression(first, second):
    run(
        'WITH gone AS (DELETE FROM "walk book" WHERE pages = 20 RETURNING id)'
        " INSERT INTO testapp_bookcase (code, room) SELECT 'B', 'east' FROM gone"
    )
    return [deleted(Gone(second), title="second"), created(Bookcase(code="B"), room="east")]


@only_on("postgresql")
def a_function_that_writes(first, second):
    run("DO $$ BEGIN UPDATE testapp_bookcase SET room = 'done'; END $$")
    return [updated(first.shelf, room=("north", "done"))]


@only_on("postgresql")
def truncate(first, second):
    run("TRUNCATE testapp_seat")
    return [("truncate", EMPTY_SEAT, {})]


@way
def async_create_save_and_delete(first, second):
    async def change():
        book = await Book.objects.acreate(title="async")
        book.pages = 1
        await book.asave()
        row = Gone(book)
        await book.adelete()
        return row

    row = async_to_sync(change)()
    return [
        created(row, title="async"),
        updated(row, pages=(0, 1)),
        deleted(row, title="async", pages=1),
    ]


@way
def async_bulk(first, second):
    async def change():
        await Book.objects.abulk_create([Book(title="async")])
        await Book.objects.filter(title="async").aupdate(pages=1)
        first.pages = 11
        await Book.objects.abulk_update([first], ["pages"])

    async_to_sync(change)()
    book = Book.objects.get(title="async")
    return [
        created(book, title="async"),
        updated(book, pages=(0, 1)),
        updated(first, pages=(10, 11)),
    ]


@way
def async_links(first, second):
    async_to_sync(first.tags.aadd)(1)
    return [linked(first, "tags", 1)]


@way
def create_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    return [created(Media(pk=audio.pk), title="tape"), created(audio, minutes=5)]


@way
def save_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    audio.title, audio.minutes = "disc", 6
    audio.save()
    return [
        updated(Media(pk=audio.pk), title=("tape", "disc")),
        updated(audio, minutes=(5, 6)),
    ]


@way
def update_of_a_childs_parent(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    Audio.objects.update(title="disc")
    assert history(audio).count() == 1
    return [updated(Media(pk=audio.pk), title=("tape", "disc"))]


@way
def delete_of_a_child_in_two_tables(first, second):
    audio = Audio.objects.create(title="tape", minutes=5)
    forget()
    gone = [Gone(audio), Gone(Media(pk=audio.pk))]
    audio.delete()
    return [deleted(gone[0], minutes=5), deleted(gone[1], title="tape")]


@way
def save_of_a_proxy(first, second):
    media = MediaProxy.objects.create(title="tape")
    media.title = "disc"
    media.save()
    return [created(media, title="tape"), updated(media, title=("tape", "disc"))]


@way
def values_that_the_database_makes(first, second):
    survey = Survey.objects.create(low=1, high=4)
    Survey.objects.update(high=9)
    return [
        created(survey, low=1, high=4, span=3, unit="cm"),
        updated(survey, high=(4, 9), span=(3, 8)),
    ]


@way
def a_key_of_two_columns(first, second):
    seat = Seat.objects.create(row="A", number=1)
    seat.taken = True
    seat.save()
    other = Seat(row="A", number=2)
    Seat.objects.bulk_create([other])
    gone = Gone(seat)
    seat.delete()
    return [
        created(gone, row="A", number=1, taken=False),
        updated(gone, taken=(False, True)),
        created(other, number=2),
        deleted(gone, taken=True),
    ]


@way
def loaddata(first, second):
    book = {"model": "testapp.book", "pk": 77, "fields": {"title": "loaded", "pages": 7}}
    with_file = io.StringIO(json.dumps([book]))
    from django.core import serializers

    for one in serializers.deserialize("json", with_file):
        one.save()
    return [created(Book(pk=77), title="loaded", pages=7)]


@way
def the_shell_command_that_loads_a_file(first, second):
    from tempfile import NamedTemporaryFile

    shelf = {"model": "testapp.bookcase", "pk": "A/1", "fields": {"room": "loaded"}}
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([shelf], file)
        file.flush()
        call_command("loaddata", file.name, verbosity=0)
    return [updated(first.shelf, room=("north", "loaded"))]


@way
def a_historical_model_of_a_migration(first, second):
    from django.db.migrations.state import ModelState, ProjectState

    state = ProjectState()
    state.add_model(ModelState.from_model(Bookcase))
    state.apps.get_model("testapp", "Bookcase").objects.update(room="migrated")
    return [updated(first.shelf, room=("north", "migrated"))]


@way
def a_model_form(first, second):
    from django.forms import modelform_factory

    form = modelform_factory(Book, fields=["title", "pages", "tags"])(
        {"title": "formed", "pages": "5", "tags": ["1"]}
    )
    assert form.is_valid(), form.errors
    book = form.save()
    return [created(book, title="formed", pages=5), linked(book, "tags", 1)]


@way
def the_model_of_somebody_else(first, second):
    kind = ContentType.objects.create(app_label="any", model="thing")
    permission = Permission.objects.create(codename="any", content_type=kind)
    with tracked(Group):
        group = Group.objects.create(name="staff")
        group.permissions.add(permission)
    return [created(group, name="staff"), linked(group, "permissions", permission.pk)]


@way
def the_groups_of_a_user(first, second):
    person_model = get_user_model()
    person = person_model.objects.create(username="eve", password="secret")
    group = Group.objects.create(name="staff")
    with tracked(person_model, mask=["password"], exclude=["last_login"]):
        person.groups.add(group)
        person.password = "another"
        person.save()
        person_model.objects.update(last_login=timezone.now())
    return [
        linked(person, "groups", group.pk),
        updated(person, password=("********", "********")),
    ]


@contextmanager
def tracked(model, **options):
    """Track a model of somebody else's for a while, as its project would for good."""
    track(model, **options)
    synchronize_triggers(connection)
    try:
        yield
    finally:
        del tracking._tracked[model]
        synchronize_triggers(connection)


EMPTY_SEAT = Gone.__new__(Gone)
EMPTY_SEAT.label, EMPTY_SEAT.key = "testapp.seat", ""


def key_value(key):
    """Return a UUID as the database's own JSON shows it."""
    return str(key) if connection.vendor == "postgresql" else key.hex


def name_way(value):
    return value.__name__


def test_the_walk_is_long_enough():
    assert len(WAYS) >= 73


@pytest.mark.parametrize("change", WAYS, ids=name_way)
def test_a_change_leaves_exactly_its_events(books, change):
    with change_context(reason="the walk"):
        expected = change(*books)
    assert_told(expected)
    assert {event.reason for event in AuditEvent.objects.all()} <= {"the walk"}


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
