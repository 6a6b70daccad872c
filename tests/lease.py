"""An app ``lease`` whose migrations are made while a test runs."""

import pytest
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models import Q

from django_modernize.integrity import (
    Before,
    NoOverlap,
    UniqueAlive,
)

APART = NoOverlap(
    "start",
    "end",
    partition_by="house",
    condition=Q(deleted_at__isnull=True) & ~Q(status="cancelled"),
    name="booking_no_overlap",
)
EVERY_CONSTRAINT = [
    APART,
    Before("start", "end", name="booking_order"),
    UniqueAlive("code", name="booking_unique_code"),
]


def list_fields(**changes):
    fields = {
        "id": models.BigAutoField(primary_key=True),
        "house": models.ForeignKey("lease.House", models.CASCADE),
        "start": models.DateField(),
        "end": models.DateField(),
        "status": models.CharField(max_length=20, default="booked"),
        "code": models.CharField(max_length=20, null=True),
        "deleted_at": models.DateTimeField(null=True),
        **changes,
    }
    return list(fields.items())


HOUSE = migrations.CreateModel("House", [("id", models.BigAutoField(primary_key=True))])


def create_booking(*constraints, **fields):
    return migrations.CreateModel(
        "Booking", list_fields(**fields), options={"constraints": list(constraints)}
    )


class Project:
    """A project with an app ``lease`` whose tables follow its migrations."""

    def __init__(self):
        self.state = ProjectState()

    def migrate(self, *operations):
        """Apply one migration of these operations, and give the state before it."""
        before = self.state
        migration = migrations.Migration("0001_step", "lease")
        migration.operations = list(operations)
        with connection.schema_editor() as editor:
            self.state = migration.apply(before.clone(), editor)
        return before

    def unapply(self, before, *operations):
        migration = migrations.Migration("0001_step", "lease")
        migration.operations = list(operations)
        with connection.schema_editor() as editor:
            migration.unapply(before.clone(), editor)
        self.state = before

    def model(self, name="Booking"):
        return self.state.apps.get_model("lease", name)

    def book(self, first, last, **values):
        values.setdefault("house", self.model("House").objects.get_or_create(pk=1)[0])
        return self.model().objects.create(start=may(first), end=may(last), **values)

    def drop(self):
        with connection.schema_editor() as editor:
            # What points at a table goes before it.
            for model in sorted(self.state.apps.get_models(), key=lambda known: known.__name__):
                editor.delete_model(model)


def may(day):
    return f"2026-05-{day:02}"


def assert_kept_apart(project):
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.model().objects.create(
            house=project.model("House").objects.get(), start=may(1), end=may(11)
        )
    fitting = project.book(20, 21)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.model().objects.filter(pk=fitting.pk).update(start=may(19))
    project.book(10, 20, status="cancelled")
    assert project.model().objects.count() == 3


def count_traces():
    """Return how many triggers, indexes and constraints of ``NoOverlap`` the database has."""
    queries = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE name LIKE '%booking_no_overlap%'",
        "postgresql": "SELECT count(*) FROM pg_class WHERE relname LIKE '%booking_no_overlap%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return cursor.fetchone()[0]


def detect(before, after):
    """Return the operations that makemigrations writes, read back from the text."""
    # The detector takes states apart.
    detector = MigrationAutodetector(
        before.clone(), after.clone(), MigrationQuestioner(specified_apps={"lease"})
    )
    changes = detector.changes(MigrationGraph())
    operations = []
    for migration in changes.get("lease", []):
        written = {}
        exec(MigrationWriter(migration, include_header=False).as_string(), written)
        operations += written["Migration"].operations
    return operations


def describe_project(*constraints, **fields):
    state = ProjectState()
    state.add_model(ModelState("lease", "House", HOUSE.fields))
    options = {"constraints": list(constraints), "indexes": []}
    state.add_model(ModelState("lease", "Booking", list_fields(**fields), options))
    return state
