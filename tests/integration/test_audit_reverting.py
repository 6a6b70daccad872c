"""Changes are reverted one by one or together, recorded as changes, or refused as conflicts."""

import datetime as dt

import pytest

from django_modernize.audit import (
    AuditEvent,
    erase,
    history,
    revert,
)
from django_modernize.audit.reading import RevertConflict
from django_modernize.context import change_context
from tests.testapp.models import (
    Book,
    Bookcase,
    Keyword,
    Rental,
    Secret,
    Survey,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trail_layout")]


def test_reverting_a_change_puts_the_values_back_and_records_it():
    book = Book.objects.create(title="a", pages=1)
    Book.objects.update(title="b", pages=2)
    event = history(book).first()
    revert(event)
    book.refresh_from_db()
    assert (book.title, book.pages) == ("a", 1)
    assert history(book).first().reason == f"reverts event {event.pk}"


def test_reverting_refuses_what_was_changed_since_and_can_be_told_to():
    book = Book.objects.create(title="a")
    Book.objects.update(title="b")
    event = history(book).first()
    Book.objects.update(title="c")
    with pytest.raises(RevertConflict, match="title is not 'b' any more, but 'c'"):
        revert(event)
    assert Book.objects.get().title == "c"
    revert(event, force=True)
    assert Book.objects.get().title == "a"


def test_reverting_a_deletion_brings_the_row_back_with_its_key():
    book = Book.objects.create(title="a", pages=4)
    key = book.pk
    book.delete()
    revert(history(Book(pk=key)).first())
    assert Book.objects.get(pk=key).pages == 4


def test_reverting_leaves_to_the_database_what_it_makes_itself():
    survey = Survey.objects.create(low=1, high=4)
    Survey.objects.update(high=9)
    revert(history(survey).first())
    key, survey.pk = survey.pk, survey.delete() and None
    revert(history(Survey(pk=key)).first())
    found = Survey.objects.get(pk=key)
    assert (found.low, found.high, found.span, found.unit) == (1, 4, 3, "cm")


def test_reverting_stamps_the_revert_itself():
    days = dt.date(2026, 5, 1), dt.date(2026, 5, 2)
    rental = Rental.objects.create(code="a", begins=days[0], ends=days[1])
    created_at, made_at = rental.created_at, rental.modified_at
    rental.code = "b"
    rental.save()
    revert(history(rental).first())
    rental.refresh_from_db()
    assert (rental.code, rental.created_at) == ("a", created_at)
    assert rental.modified_at > made_at
    # Of a save that changed nothing else there is nothing to put back.
    rental.save(update_fields=["modified_at"])
    stamped = rental.modified_at
    assert revert(history(rental).first()).steps[0].values == {}
    rental.refresh_from_db()
    assert rental.modified_at == stamped


def test_what_has_no_way_back_is_a_conflict():
    book = Book.objects.create(title="a", pages=1)
    Book.objects.update(pages=2)
    update = history(book).first()
    erase(book, ["title"])
    with pytest.raises(RevertConflict, match=r"testapp.book\) cannot be undone"):
        revert(history(book).first())
    key, _ = book.pk, book.delete()
    with pytest.raises(RevertConflict, match=f"testapp.book {key} is not there any more"):
        revert(update)


def test_reverting_a_creation_deletes_the_row():
    book = Book.objects.create(title="a")
    revert(history(book).first())
    assert not Book.objects.exists()


def test_reverting_links():
    book = Book.objects.create(title="a")
    word = Keyword.objects.create(name="red")
    book.tags.add(word)
    revert(history(book).first())
    assert not book.tags.exists()
    revert(history(book).first())
    assert book.tags.get() == word


def test_a_preview_changes_nothing():
    book = Book.objects.create(title="a")
    Book.objects.update(title="b")
    event = history(book).first()
    plan = revert(event, preview=True)
    assert [(step.verb, step.values) for step in plan.steps] == [("change", {"title": "a"})]
    assert Book.objects.get().title == "b"
    assert history(book).first() == event


@pytest.mark.django_db(transaction=True)
def test_reverting_a_transaction_undoes_all_of_it_or_nothing():
    case = Bookcase.objects.create(code="A")
    Book.objects.create(title="a", shelf=case)
    with change_context(reason="clear out"):
        case.delete()
    event = AuditEvent.objects.first()
    revert(transaction_id=event.transaction_id)
    assert Book.objects.get().shelf_id == "A"


def test_masked_values_cannot_be_put_back():
    secret = Secret.objects.create(password="clear")
    Secret.objects.update(password="other")
    with pytest.raises(RevertConflict, match="password was masked"):
        revert(history(secret).first())
    assert Secret.objects.get().password == "other"


def test_a_constraint_in_the_way_is_a_conflict_and_nothing_is_done():
    book = Book.objects.create(title="a")
    Book.objects.update(title="b")
    event = history(book).first()
    Book.objects.create(title="a")
    with pytest.raises(RevertConflict, match="cannot be undone"):
        revert(event)
    book.refresh_from_db()
    assert book.title == "b"
