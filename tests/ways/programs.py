"""What Django itself does to rows: fixtures, migrations, forms, models of somebody else."""

import json
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management import call_command
from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ModelState, ProjectState
from django.forms import modelform_factory, modelformset_factory
from django.utils import timezone

from django_modernize.audit import track, tracking
from django_modernize.triggers.installer import synchronize_triggers
from tests.testapp.models import Book, Bookcase

from .walk import created, linked, updated, way


@way
def deserialized_objects(first, second):
    book = {"model": "testapp.book", "pk": 77, "fields": {"title": "loaded", "pages": 7}}
    for one in serializers.deserialize("json", json.dumps([book])):
        one.save()
    return [created(Book(pk=77), title="loaded", pages=7)]


@way
def loaddata(first, second):
    shelf = {"model": "testapp.bookcase", "pk": "A/1", "fields": {"room": "loaded"}}
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([shelf], file)
        file.flush()
        call_command("loaddata", file.name, verbosity=0)
    return [updated(first.shelf, room=("north", "loaded"))]


@way
def a_historical_model_of_a_migration(first, second):
    state = ProjectState()
    state.add_model(ModelState.from_model(Bookcase))
    state.apps.get_model("testapp", "Bookcase").objects.update(room="migrated")
    return [updated(first.shelf, room=("north", "migrated"))]


@way
def a_data_migration_in_python(first, second):
    def fill(apps, schema_editor):
        apps.get_model("testapp", "Bookcase").objects.filter(room="north").update(room="migrated")

    migrate(migrations.RunPython(fill))
    return [updated(first.shelf, room=("north", "migrated"))]


@way
def a_data_migration_in_sql(first, second):
    migrate(migrations.RunSQL("UPDATE testapp_bookcase SET room = 'migrated'"))
    return [updated(first.shelf, room=("north", "migrated"))]


@way
def a_data_migration_with_parameters(first, second):
    statement = ("UPDATE testapp_bookcase SET room = %s", ["100 %"])
    migrate(migrations.RunSQL([statement]))
    return [updated(first.shelf, room=("north", "100 %"))]


def migrate(operation):
    state = ProjectState()
    state.add_model(ModelState.from_model(Bookcase))
    # SQLite's own editor cannot be used inside a transaction, which two of the walks open.
    with BaseDatabaseSchemaEditor(connection) as editor:
        operation.database_forwards("testapp", editor, state, state)


@way
def a_formset(first, second):
    formset = modelformset_factory(Bookcase, fields=["room"], extra=0)(
        {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-code": "A/1",
            "form-0-room": "south",
        }
    )
    assert formset.is_valid(), formset.errors
    formset.save()
    return [updated(first.shelf, room=("north", "south"))]


@way
def a_model_form(first, second):
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
