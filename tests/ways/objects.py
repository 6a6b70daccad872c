"""Objects that are saved, made and changed, one by one and many at once."""

from django.db import transaction
from django.db.models import Case, F, Subquery, Value, When
from django.db.models.functions import Upper

from tests.testapp.models import Book

from .walk import created, updated, way


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
def save_of_a_copy_with_a_new_key(first, second):
    book = Book.objects.get(pk=first.pk)
    book.pk, book._state.adding, book.title = None, True, "copy"
    book.save()
    return [created(book, title="copy", pages=10, shelf="A/1")]


@way
def save_of_a_given_key_that_exists(first, second):
    Book(pk=second.pk, title="over", pages=20).save()
    return [updated(second, title=("second", "over"))]


@way
def bulk_create_with_given_keys(first, second):
    book = Book(pk=5000, title="given")
    Book.objects.bulk_create([book])
    return [created(book, title="given")]


@way
def bulk_update_of_several_fields(first, second):
    first.pages, first.title, second.pages, second.title = 1, "one", 20, "two"
    Book.objects.bulk_update([first, second], ["pages", "title"], batch_size=1)
    return [
        updated(first, pages=(10, 1), title=("first", "one")),
        updated(second, title=("second", "two")),
    ]


@way
def update_with_a_subquery(first, second):
    highest = Book.objects.order_by("-pages").values("pages")[:1]
    Book.objects.filter(title="first").update(pages=Subquery(highest))
    return [updated(first, pages=(10, 20))]


@way
def update_of_a_slice_by_key(first, second):
    keys = Book.objects.order_by("-pages").values("pk")[:1]
    Book.objects.filter(pk__in=list(keys.values_list("pk", flat=True))).update(pages=0)
    return [updated(second, pages=(20, 0))]


@way
def update_of_a_locked_row(first, second):
    with transaction.atomic():
        book = Book.objects.select_for_update().get(pk=first.pk)
        book.pages = 0
        book.save(update_fields=["pages"])
    return [updated(first, pages=(10, 0))]


@way
def two_updates_that_end_where_they_began(first, second):
    Book.objects.filter(pk=first.pk).update(pages=0)
    Book.objects.filter(pk=first.pk).update(pages=10)
    return [updated(first, pages=(10, 0)), updated(first, pages=(0, 10))]


@way
def get_or_create_through_a_relation(first, second):
    book, _ = first.shelf.book_set.get_or_create(title="new")
    return [created(book, title="new", shelf="A/1")]


@way
def update_or_create_with_create_defaults(first, second):
    book, _ = Book.objects.update_or_create(
        title="new", defaults={"pages": 1}, create_defaults={"pages": 2}
    )
    return [created(book, title="new", pages=2)]
