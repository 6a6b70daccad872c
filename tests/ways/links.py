"""Relations: many to many, to the other side, generic."""

from django.db import connection

from tests.testapp.models import Book, Keyword, Loan, Reader, Remark

from .walk import (
    ADA,
    BOB,
    Gone,
    created,
    deleted,
    forget,
    key_value,
    linked,
    run,
    unlinked,
    updated,
    way,
)


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
def add_several_links(first, second):
    first.tags.add(1, Keyword.objects.get(pk=2))
    # One event per owner and statement; SQLite's triggers run once for each row.
    if connection.vendor == "sqlite":
        return [linked(first, "tags", 1), linked(first, "tags", 2)]
    return [linked(first, "tags", 1, 2)]


@way
def create_a_target_by_its_link(first, second):
    keyword = first.tags.create(id=9, name="green")
    return [linked(first, "tags", keyword.pk)]


@way
def set_links_anew(first, second):
    first.tags.add(1)
    first.tags.set([1], clear=True)
    return [linked(first, "tags", 1), unlinked(first, "tags", 1), linked(first, "tags", 1)]


@way
def set_links_with_details(first, second):
    first.readers.set([ADA], through_defaults={"days": 1})
    return [
        linked(first, "readers", key_value(ADA)),
        created(Loan.objects.get(), book=first.pk, days=1),
    ]


@way
def remove_a_link_of_a_through_model(first, second):
    loan = Loan.objects.create(book=first, reader_id=ADA)
    forget()
    gone = Gone(loan)
    first.readers.remove(ADA)
    return [unlinked(first, "readers", key_value(ADA)), deleted(gone, days=14)]


@way
def clear_links_of_a_through_model(first, second):
    loan = Loan.objects.create(book=first, reader_id=ADA)
    forget()
    gone = Gone(loan)
    first.readers.clear()
    return [unlinked(first, "readers", key_value(ADA)), deleted(gone, days=14)]


@way
def bulk_create_of_a_through_model(first, second):
    loans = Loan.objects.bulk_create(
        [Loan(book=first, reader_id=ADA), Loan(book=second, reader_id=ADA, days=1)]
    )
    return [
        linked(first, "readers", key_value(ADA)),
        linked(second, "readers", key_value(ADA)),
        created(loans[0], book=first.pk),
        created(loans[1], book=second.pk, days=1),
    ]


@way
def update_of_a_through_model(first, second):
    loan = Loan.objects.create(book=first, reader_id=ADA)
    forget()
    Loan.objects.update(days=1)
    return [updated(loan, days=(14, 1))]


@way
def delete_of_a_through_model(first, second):
    loan = Loan.objects.create(book=first, reader_id=ADA)
    forget()
    gone = Gone(loan)
    Loan.objects.all().delete()
    return [unlinked(first, "readers", key_value(ADA)), deleted(gone, days=14)]


@way
def bulk_create_of_an_automatic_through_model(first, second):
    through = Book.tags.through
    through.objects.bulk_create([through(book=first, keyword_id=1)])
    return [linked(first, "tags", 1)]


@way
def raw_insert_of_a_link(first, second):
    run(f'INSERT INTO "walk book_tags" (book_id, keyword_id) VALUES ({first.pk}, 1)')
    return [linked(first, "tags", 1)]


@way
def a_symmetrical_link(first, second):
    ada, bob = Reader.objects.get(pk=ADA), Reader.objects.get(pk=BOB)
    ada.friends.add(bob)
    ada.friends.remove(bob)
    return [
        linked(ada, "friends", key_value(BOB)),
        linked(bob, "friends", key_value(ADA)),
        unlinked(ada, "friends", key_value(BOB)),
        unlinked(bob, "friends", key_value(ADA)),
    ]


@way
def generic_relation_add_and_set(first, second):
    note = first.notes.create(text="torn")
    forget()
    second.notes.set([note])
    return [updated(note, object_id=(first.pk, second.pk))]


@way
def generic_relation_clear(first, second):
    note = first.notes.create(text="torn")
    forget()
    gone = Gone(note)
    first.notes.clear()
    return [deleted(gone, text="torn")]


@way
def generic_relation_by_its_target(first, second):
    note = Remark.objects.create(text="torn", target=first)
    return [created(note, object_id=first.pk)]
