"""What a way is, the rows that it starts from, and how its events are compared.

A way is a function that changes something and returns the events that it expects, the oldest
first: action, model, key and what is to be found among the changes.
"""

import uuid

import pytest
from django.db import connection

from django_modernize.audit import AuditEvent
from django_modernize.audit.keys import object_key
from django_modernize.audit.locking import unlocked
from tests.testapp.models import Book, Bookcase, Keyword, Reader

WAYS = []
ADA, BOB = uuid.UUID(int=1), uuid.UUID(int=2)


def way(function):
    WAYS.append(function)
    return function


def only_on(vendor):
    lacking = "sqlite" if vendor == "postgresql" else "postgresql"
    return marked(pytest.mark.database_lacks(lacking, reason="does not know the statement"))


def since_django(*version, reason):
    return marked(pytest.mark.needs_django(*version, reason=reason))


def marked(mark):
    def append(function):
        WAYS.append(pytest.param(function, marks=mark, id=function.__name__))
        return function

    return append


class Gone:
    """An object whose key is not on it any more."""

    def __init__(self, instance):
        self.label, self.key = instance._meta.label_lower, object_key(instance)


class Table:
    """A table as a whole."""

    def __init__(self, model):
        self.label, self.key = model._meta.label_lower, ""


def created(row, /, **values):
    return ("create", row, {name: [None, value] for name, value in values.items()})


def updated(row, /, **values):
    return ("update", row, {name: list(pair) for name, pair in values.items()})


def deleted(row, /, **values):
    return ("delete", row, {name: [value, None] for name, value in values.items()})


def linked(row, field, *keys):
    return ("m2m_add", row, {field: [None, list(keys)]})


def unlinked(row, field, *keys):
    return ("m2m_remove", row, {field: [list(keys), None]})


def truncated(model):
    return ("truncate", Table(model), {})


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def key_value(key):
    """Return a UUID as the database's own JSON shows it."""
    return str(key) if connection.vendor == "postgresql" else key.hex


def fill_library():
    """Make two books on a shelf, two readers and two tags; the trail knows nothing of it."""
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
    if isinstance(row, Gone | Table):
        return action, row.label, row.key, changes
    concrete = row._meta.concrete_model
    return action, concrete._meta.label_lower, object_key(row), changes


def assert_told(expected):
    """Compare the trail with what a way expects, and nothing may be left over."""
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
