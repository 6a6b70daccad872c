"""What Django itself does to rows: fixtures, migrations, forms, models of somebody else."""

import io
import json
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import ModelState, ProjectState
from django.forms import modelform_factory
from django.utils import timezone

from django_modernize.audit import track, tracking
from django_modernize.triggers.installer import synchronize_triggers
from tests.testapp.models import Book, Bookcase

from .walk import created, linked, updated, way


@way
def loaddata(first, second):
    book = {"model": "testapp.book", "pk": 77, "fields": {"title": "loaded", "pages": 7}}
    with_file = io.StringIO(json.dumps([book]))
    for one in serializers.deserialize("json", with_file):
        one.save()
    return [created(Book(pk=77), title="loaded", pages=7)]


@way
def the_shell_command_that_loads_a_file(first, second):
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
