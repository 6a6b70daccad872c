"""Pages of Django's admin."""

from django.contrib.auth import get_user_model
from django.test import Client

from tests.testapp.models import Book, Bookcase, Loan

from .walk import ADA, Gone, created, deleted, forget, key_value, linked, updated, way

LOANS = {"loan_set-TOTAL_FORMS": "0", "loan_set-INITIAL_FORMS": "0"}


def post(path, data):
    person_model = get_user_model()
    boss = person_model.objects.filter(username="boss").first()
    client = Client()
    client.force_login(boss or person_model.objects.create_superuser("boss"))
    response = client.post(f"/admin/testapp/{path}", data)
    assert response.status_code == 302


@way
def admin_add(first, second):
    post("book/add/", {"title": "by admin", "pages": "3", "tags": ["1"], **LOANS})
    book = Book.objects.get(title="by admin")
    return [created(book, title="by admin", pages=3), linked(book, "tags", 1)]


@way
def admin_change(first, second):
    post(f"book/{first.pk}/change/", {"title": "first", "pages": "3", **LOANS})
    return [updated(first, pages=(10, 3))]


@way
def admin_delete(first, second):
    gone = Gone(second)
    post(f"book/{second.pk}/delete/", {"post": "yes"})
    return [deleted(gone, title="second")]


@way
def admin_action_that_deletes(first, second):
    gone = Gone(second)
    post("book/", {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"})
    return [deleted(gone, title="second")]


@way
def admin_action_that_updates(first, second):
    post("book/", {"action": "shorten", "_selected_action": [second.pk]})
    return [updated(second, pages=(20, 1))]


@way
def admin_inline_that_adds(first, second):
    rows = {
        "loan_set-TOTAL_FORMS": "1",
        "loan_set-INITIAL_FORMS": "0",
        "loan_set-0-reader": str(ADA),
        "loan_set-0-days": "3",
    }
    post(f"book/{first.pk}/change/", {"title": "first", "pages": "10", **rows})
    return [
        linked(first, "readers", key_value(ADA)),
        created(Loan.objects.get(), book=first.pk, days=3),
    ]


@way
def admin_inline_that_changes(first, second):
    loan = Loan.objects.create(book=first, reader_id=ADA)
    forget()
    rows = {
        "loan_set-TOTAL_FORMS": "1",
        "loan_set-INITIAL_FORMS": "1",
        "loan_set-0-id": str(loan.pk),
        "loan_set-0-book": str(first.pk),
        "loan_set-0-reader": str(ADA),
        "loan_set-0-days": "5",
    }
    post(f"book/{first.pk}/change/", {"title": "first", "pages": "10", **rows})
    return [updated(loan, days=(14, 5))]


@way
def admin_list_that_is_edited(first, second):
    other = Bookcase.objects.create(code="B", room="old")
    forget()
    rows = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "2",
        "form-0-code": "B",
        "form-0-room": "new",
        "form-1-code": "A/1",
        "form-1-room": "north",
        "_save": "Save",
    }
    post("bookcase/", rows)
    return [updated(other, room=("old", "new"))]
