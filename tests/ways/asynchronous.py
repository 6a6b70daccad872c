"""The twins with an ``a`` in front."""

from asgiref.sync import async_to_sync

from tests.testapp.models import Book

from .walk import Gone, created, deleted, linked, unlinked, updated, way


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
def async_create_or_update(first, second):
    async def change():
        await Book.objects.aget_or_create(title="async")
        await Book.objects.aupdate_or_create(title="async", defaults={"pages": 1})

    async_to_sync(change)()
    book = Book.objects.get(title="async")
    return [created(book, title="async"), updated(book, pages=(0, 1))]


@way
def async_delete_of_a_queryset(first, second):
    gone = Gone(second)
    async_to_sync(Book.objects.filter(pages=20).adelete)()
    return [deleted(gone, title="second")]


@way
def async_links_that_are_set_and_cleared(first, second):
    async def change():
        await first.tags.aset([1])
        await first.tags.aremove(1)
        await first.tags.aadd(2)
        await first.tags.aclear()

    async_to_sync(change)()
    return [
        linked(first, "tags", 1),
        unlinked(first, "tags", 1),
        linked(first, "tags", 2),
        unlinked(first, "tags", 2),
    ]
