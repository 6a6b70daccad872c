"""Objects that are deleted, and what goes with them."""

from tests.testapp.models import Book, Carton, Jar, Keyword, Loan, Reader, Sticker

from .walk import (
    ADA,
    BOB,
    Gone,
    deleted,
    forget,
    key_value,
    since_django,
    unlinked,
    updated,
    way,
)


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
def delete_of_a_filtered_queryset(first, second):
    gone = Gone(second)
    Book.objects.filter(pages__gt=15).delete()
    return [deleted(gone, title="second")]


@way
def delete_with_a_cascade_of_two_steps(first, second):
    loan = Loan.objects.create(book=first, reader_id=BOB)
    forget()
    gone = [Gone(loan), Gone(first), Gone(first.shelf)]
    first.shelf.delete()
    return [
        unlinked(gone[1], "readers", key_value(BOB)),
        deleted(gone[0], days=14),
        deleted(gone[1], title="first"),
        deleted(gone[2], code="A/1"),
    ]


@since_django(6, 1, reason="brings DB_CASCADE")
def delete_with_a_cascade_of_the_database(first, second):
    carton = Carton.objects.create(name="heavy")
    jar = Jar.objects.create(carton=carton, weight=7)
    forget()
    gone = Gone(jar)
    carton.delete()
    return [deleted(gone, weight=7, carton=jar.carton_id)]


@since_django(6, 1, reason="brings DB_SET_NULL")
def delete_with_keys_that_the_database_sets_null(first, second):
    jar = Jar.objects.create(carton=Carton.objects.create(name="heavy"))
    sticker = Sticker.objects.create(jar=jar)
    forget()
    key, gone = jar.pk, Gone(jar)
    Carton.objects.all().delete()
    return [updated(sticker, jar=(key, None)), deleted(gone, weight=1)]
