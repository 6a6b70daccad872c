"""The trail is read back: in words, and as it was at a time."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection, models
from django.utils import timezone

from django_modernize.audit import (
    AuditEvent,
    as_of,
    erase,
    history,
    revert,
    track,
    tracking,
    untracked,
)
from django_modernize.audit.locking import unlocked
from django_modernize.audit.reading import BeforeTrail, describe_events
from django_modernize.audit.recording import RecordedEvent, record_events
from django_modernize.context import change_context
from django_modernize.exceptions import TrackingError
from tests.testapp.models import (
    Audio,
    Book,
    EveryField,
    Keyword,
    Ledger,
    Media,
    Reader,
    Seat,
    Secret,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trail_layout")]


def now():
    """Return a moment that no event has."""
    moment = timezone.now()
    while timezone.now() == moment:
        pass
    return timezone.now()


def fields_of(instance):
    return {
        field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields
    }


@pytest.mark.parametrize(
    ("ask", "advice"),
    [
        (lambda book: as_of(book, dt.date(2026, 5, 1)), "datetime with a time zone"),
        (lambda book: as_of(book, dt.datetime(2026, 5, 1)), "datetime with a time zone"),
        (lambda book: as_of(Book.objects.all(), "2026-05-01"), "datetime with a time zone"),
        (lambda book: history(Book), "for_model"),
        (lambda book: revert(book.pk), "AuditEvent.objects.get"),
        (lambda book: revert(), "either an event or"),
        (lambda book: AuditEvent.objects.changed("pages", was=1), "accepts old and new"),
    ],
)
def test_a_question_that_cannot_be_meant_is_answered_by_how_to_ask(ask, advice):
    with pytest.raises(TypeError, match=advice):
        ask(Book.objects.create(title="a"))


def test_what_has_no_table_cannot_be_tracked():
    class Base(models.Model):
        class Meta:
            abstract = True

    with pytest.raises(TrackingError, match=r"Base is abstract.*each model that inherits"):
        track(Base)
    with pytest.raises(TrackingError, match=r"needs a model class, not 'testapp.Book'"):
        track("testapp.Book")


def test_an_object_is_shown_as_it_was_at_each_moment():
    before = now()
    book = Book.objects.create(title="a", pages=1)
    first = now()
    Book.objects.update(title="b", pages=2)
    second = now()
    Book.objects.all().delete()
    third = now()
    assert as_of(book, before) is None
    assert (as_of(book, first).title, as_of(book, first).pages) == ("a", 1)
    assert (as_of(book, second).title, as_of(book, second).pages) == ("b", 2)
    assert as_of(book, third) is None


def test_every_value_comes_back_as_it_was_in_the_fields_own_type():
    every = EveryField.objects.create(
        big=2**60,
        binary=b"\x00\xff",
        date=dt.date(2026, 1, 2),
        moment=timezone.now(),
        decimal="12.345",
        duration=dt.timedelta(days=3),
        floating=0.1,
        json={"a": [1, None]},
        text="x",
        time=dt.time(9, 30),
    )
    every.refresh_from_db()
    every.binary = bytes(every.binary)
    then = now()
    EveryField.objects.update(
        big=1, binary=b"", date=None, moment=None, decimal=1, duration=None, json=None, text="y"
    )
    EveryField.objects.all().delete()
    assert fields_of(as_of(every, then)) == fields_of(every)


def test_a_queryset_is_shown_as_it_was_with_what_is_gone_since(django_assert_num_queries):
    books = Book.objects.bulk_create([Book(title=str(n), pages=n) for n in range(5)])
    then = now()
    Book.objects.filter(pages__gte=3).delete()
    Book.objects.filter(pages=1).update(title="other")
    Book.objects.create(title="later")
    with django_assert_num_queries(3):
        found = as_of(Book.objects.all(), then)
    assert [(one.pk, one.title) for one in found] == [(one.pk, one.title) for one in books]
    chosen = as_of(Book.objects.filter(title="other"), then)
    assert [one.title for one in chosen] == ["1"]


def test_a_child_of_two_tables_is_shown_as_it_was():
    audio = Audio.objects.create(title="tape", minutes=5)
    then = now()
    Audio.objects.update(title="disc", minutes=6)
    audio.delete()
    was = as_of(Audio(pk=int(history_key(audio))), then)
    assert (was.title, was.minutes) == ("tape", 5)
    assert Media.objects.count() == 0


def history_key(audio):
    return AuditEvent.objects.filter(object_type="testapp.audio").latest("id").object_id


def test_a_key_of_two_columns_is_shown_as_it_was():
    seat = Seat.objects.create(row="A", number=1)
    then = now()
    Seat.objects.update(taken=True)
    assert as_of(seat, then).taken is False
    revert(history(seat).first())
    assert Seat.objects.get().taken is False


def test_links_that_came_since_are_no_values_of_the_past():
    book = Book.objects.create(title="a")
    then = now()
    book.tags.add(Keyword.objects.create(name="red"))
    assert fields_of(as_of(book, then)) == fields_of(book)


def test_masked_values_are_never_shown():
    secret = Secret.objects.create(password="clear")
    then = now()
    Secret.objects.update(password="other")
    assert as_of(secret, then).password == "********"
    assert as_of(secret, now()).password == "********"


def test_a_time_before_the_trail_is_refused():
    long_ago = timezone.now() - dt.timedelta(days=9)
    Book.objects.create(title="a")
    book = Book.objects.get()
    assert as_of(book, long_ago) is None
    with untracked("old data"):
        old = Book.objects.create(title="older")
    Book.objects.filter(pk=old.pk).update(pages=5)
    with pytest.raises(BeforeTrail, match=r"testapp\.Book"):
        as_of(old, long_ago)


@pytest.mark.parametrize("condition", [{"actor": 5}, {"action": "create"}, {"source": "migration"}])
def test_what_may_be_rare_is_found_by_block_ranges(condition):
    Book.objects.create(title="a")
    found = AuditEvent.objects.filter(**condition)
    if connection.vendor != "postgresql":
        assert "infinity" not in str(found.query)
        return
    with connection.cursor() as cursor:
        # So few events would be read from one end to the other.
        cursor.execute("SET LOCAL enable_seqscan TO off; SET LOCAL enable_indexscan TO off")
    index_condition = found.explain().partition("Index Cond: ")[2].partition("\n")[0]
    assert "created_at >= '-infinity'" in index_condition
    assert AuditEvent._meta.get_field(next(iter(condition))).column in index_condition


@pytest.mark.database_lacks("sqlite", reason="has no such times")
@pytest.mark.parametrize("moment", ["-infinity", "0044-03-15 12:00:00+00 BC"])
def test_no_time_hides_an_event_from_who_asks_for_something_rare(moment):
    Book.objects.create(title="a")
    with unlocked(), connection.cursor() as cursor:
        cursor.execute("UPDATE modernize_audit_event SET created_at = %s", [moment])
    assert AuditEvent.objects.filter(action="create").values_list("action").count() == 1


def test_events_are_put_in_words(django_assert_num_queries):
    ada = Reader.objects.create(name="Ada")
    ada_name = str(ada)
    book = Book.objects.create(title="a", lender=ada)
    book.tags.add(Keyword.objects.create(id=5, name="red"))
    ada.delete()
    events = list(history(book))
    with django_assert_num_queries(3):
        words = describe_events(events)
    lines = [(line.field, line.old, line.new) for one in words for line in one.lines]
    assert ("lender", ada_name, "") in lines
    assert ("tags", "", "Keyword object (5)") in lines
    assert ("pages", "", "0") in lines


def test_circumstances_are_called_by_who_and_why():
    with change_context(actor_label="ann", reason="spring"):
        book = Book.objects.create(title="a")
    assert str(history(book).get().context) == "ann spring"


def test_bytes_are_shown_by_their_digits_and_long_ones_by_their_beginning():
    every = EveryField.objects.create(binary=b"\x00\xff")
    EveryField.objects.update(binary=bytes(100))
    [line] = describe_events(history(every)[:1])[0].lines
    assert line.old == "00 ff"
    assert line.new.startswith("00 00 00")
    assert line.new.endswith("00 …")
    assert len(line.new) < 100


def test_a_renamed_field_keeps_its_history(monkeypatch):
    book = Book.objects.create(title="a", pages=7)
    event = history(book).get()
    changes = {**event.changes, "sheets": event.changes["pages"]}
    event.changes = changes
    tracked = tracking.find_tracked(Book)
    renamed = tracking.TrackedModel(model=Book, renamed={"sheets": "pages"})
    monkeypatch.setitem(tracking._tracked, Book, renamed)
    assert event.decode_changes()["pages"] == (None, 7)
    assert "sheets" not in event.decode_changes()
    assert tracked.renamed == {}


def call_once(monkeypatch, *labels):
    """Say what the books' model was called once."""
    tracked = replace(tracking.find_tracked(Book), former_labels=labels)
    monkeypatch.setitem(tracking._tracked, Book, tracked)
    return tracked


def test_a_renamed_model_keeps_its_history(monkeypatch):
    book = Book.objects.create(title="a", pages=7)
    created = history(book).get()
    record_events(
        [
            RecordedEvent(
                object_type="shop.tome",
                object_id=str(book.pk),
                action="update",
                changes={"pages": [5, 7]},
                created_at=created.created_at + dt.timedelta(microseconds=1),
            )
        ]
    )
    assert history(book).get() == created
    call_once(monkeypatch, "shop.tome")
    event = history(book)[0]
    assert event.decode_changes() == {"pages": (5, 7)}
    assert AuditEvent.objects.for_model(Book).changed("pages", old=5, new=7).get() == event
    assert as_of(book, created.created_at).pages == 5
    assert [one.pages for one in as_of(Book.objects.all(), created.created_at)] == [5]
    revert(event)
    book.refresh_from_db()
    assert book.pages == 5
    erase(book, ["pages"], reason="asked for it")
    event.refresh_from_db()
    assert 7 not in event.changes["pages"]


def test_a_model_is_not_taken_for_what_another_one_was_called(monkeypatch):
    tracked = call_once(monkeypatch, "testapp.ledger")
    with pytest.raises(TrackingError, match=r"'testapp\.ledger' is a current model"):
        tracked.check_names()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ["delete", "update", "create"]),
        ({"new": 1}, ["create"]),
        ({"old": 1}, ["update"]),
        ({"old": 1, "new": 2}, ["update"]),
        ({"old": 2, "new": None}, ["delete"]),
        ({"new": 5}, []),
    ],
)
def test_events_are_found_by_the_values_of_a_field(values, expected):
    book = Book.objects.create(title="a", pages=1)
    Book.objects.update(pages=2)
    Book.objects.update(title="b")
    key = book.pk
    book.delete()
    found = AuditEvent.objects.for_object(Book(pk=key)).changed("pages", **values)
    assert [event.action for event in found] == expected


def test_a_name_that_is_no_field_cannot_reach_the_database():
    for value in (1, None, 1.5, "text", [1]):
        with pytest.raises(ValueError, match="not a field name"):
            AuditEvent.objects.changed("a' OR 1=1 --", old=value)


def test_a_ledger_without_events_is_as_it_is():
    ledger = Ledger.objects.create(title="a")
    assert as_of(ledger, now()).title == "a"


def test_events_of_a_time_are_found_the_newest_first(django_assert_num_queries):
    ledger = Ledger.objects.create(title="before")
    since = now()
    for name in ("one", "two"):
        Ledger.objects.filter(pk=ledger.pk).update(title=name)
    until = now()
    Ledger.objects.filter(pk=ledger.pk).update(title="after")

    with django_assert_num_queries(1):
        names = [event.changes["title"][1] for event in AuditEvent.objects.during(since, until)]

    assert names == ["two", "one"]


@pytest.mark.parametrize("name", ['with "quotes"', "back\\slash", "line\nfeed", "ümlaut", "100 %"])
def test_a_value_is_found_whatever_characters_it_has(name):
    Ledger.objects.create(title=name)

    assert AuditEvent.objects.changed("title", new=name).count() == 1
