"""The marks of another way to soft delete are taken over, and given back as they were."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import OperationWriter

from django_modernize.migrate import BooleanToSoftDelete, TimestampToSoftDelete
from tests.screens import Screen

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MARKS = [
    migrations.AddField("Job", "deleted_at", models.DateTimeField(null=True)),
    migrations.AddField("Job", "deletion_id", models.UUIDField(null=True)),
]


@pytest.fixture
def legacy():
    """A project with a model of its own marks; the value is a list of what to run next."""
    state = ProjectState.from_apps(apps)
    create = migrations.CreateModel(
        "Job",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("is_deleted", models.BooleanField(default=False)),
            ("removed", models.DateTimeField(null=True)),
        ],
    )
    with connection.schema_editor() as editor:
        state = run([create], state, editor)
    yield state
    with connection.schema_editor() as editor:
        editor.delete_model(state.apps.get_model("legacy", "Job"))


def run(operations, state, editor):
    migration = migrations.Migration("0001_step", "legacy")
    migration.operations = operations
    return migration.apply(state.clone(), editor)


def step(operation, state):
    """Run the operation between adding the marks and nothing else; return both states."""
    with connection.schema_editor() as editor:
        before = run(MARKS, state, editor)
        operation.database_forwards("legacy", editor, before, before)
    return before


def step_back(operation, state):
    with connection.schema_editor() as editor:
        operation.database_backwards("legacy", editor, state, state)
        for name in ("deleted_at", "deletion_id"):
            model = state.apps.get_model("legacy", "Job")
            editor.remove_field(model, model._meta.get_field(name))


@pytest.mark.parametrize(
    "operation",
    [
        BooleanToSoftDelete("Job", "is_deleted", at="removed", batch_size=2),
        TimestampToSoftDelete("Job", "removed", batch_size=2),
    ],
    ids=repr,
)
def test_marks_are_taken_over_and_given_back(legacy, operation):
    old = legacy.apps.get_model("legacy", "Job")
    old.objects.bulk_create(
        old(is_deleted=number % 2, removed=NOON if number % 2 else None) for number in range(5)
    )
    before = list(old.objects.order_by("pk").values())
    state = step(operation, legacy)
    new = state.apps.get_model("legacy", "Job")
    rows = list(new.objects.order_by("pk"))
    assert [row.deleted_at for row in rows] == [None, NOON, None, NOON, None]
    assert len({row.deletion_id for row in rows}) == 3
    new.objects.update(is_deleted=False, removed=None)
    step_back(operation, state)
    assert [row["removed"] for row in old.objects.order_by("pk").values()] == [
        row["removed"] for row in before
    ]
    if isinstance(operation, BooleanToSoftDelete):
        assert list(old.objects.order_by("pk").values()) == before


def test_one_migration_adds_marks_carries_them_and_drops_the_old_ones_there_and_back():
    create = migrations.CreateModel(
        "Flat",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("block", models.ForeignKey("legacy.Flat", models.CASCADE, null=True)),
            ("removed", models.DateTimeField(null=True)),
            ("went_along", models.BooleanField(default=False)),
        ],
    )
    carry = TimestampToSoftDelete(
        "Flat", "removed", cascaded="went_along", parent="block", batch_size=2
    )
    migration = migrations.Migration("0002_marks", "legacy")
    migration.operations = [
        migrations.AddField("Flat", "deleted_at", models.DateTimeField(null=True)),
        migrations.AddField("Flat", "deletion_id", models.UUIDField(null=True)),
        carry,
        migrations.RemoveField("Flat", "removed"),
        migrations.RemoveField("Flat", "went_along"),
    ]
    with connection.schema_editor() as editor:
        state = run([create], ProjectState.from_apps(apps), editor)
    flats = state.apps.get_model("legacy", "Flat").objects
    try:
        block = flats.create(removed=NOON)
        flats.create(block=block, removed=NOON)
        # Of a tree in one table, a leaf before its branch.
        leaf = flats.create(removed=NOON, went_along=True)
        branch = flats.create(block=block, removed=NOON, went_along=True)
        flats.filter(pk=leaf.pk).update(block=branch)
        flats.create(block=flats.create(), removed=NOON, went_along=True)
        before = list(flats.order_by("pk").values())
        with connection.schema_editor(atomic=True) as editor:
            done = migration.apply(state.clone(), editor)
        marked = done.apps.get_model("legacy", "Flat").objects.filter(deleted_at__isnull=False)
        together = Counter(marked.values_list("deletion_id", flat=True))
        assert sorted(together.values()) == [1, 1, 3]
        with connection.schema_editor(atomic=True) as editor:
            migration.unapply(state.clone(), editor)
        orphan = {"went_along": False}  # of what it went along with, nothing is deleted
        assert list(flats.order_by("pk").values()) == [*before[:-1], before[-1] | orphan]
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(flats.model)


class NowhereRouter:
    """Says that no table of the project is in this database."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "legacy"


def test_rows_that_are_in_another_database_are_left_to_it(legacy, settings):
    old = legacy.apps.get_model("legacy", "Job")
    old.objects.create(removed=NOON)
    operation = TimestampToSoftDelete("Job", "removed")
    with connection.schema_editor() as editor:
        state = run(MARKS, legacy, editor)
        settings.DATABASE_ROUTERS = [NowhereRouter()]
        operation.database_forwards("legacy", editor, state, state)
        settings.DATABASE_ROUTERS = []
    assert state.apps.get_model("legacy", "Job").objects.get().deleted_at is None
    step_back(operation, state)


def test_a_terminal_is_told_how_far_it_is(legacy, monkeypatch):
    old = legacy.apps.get_model("legacy", "Job")
    old.objects.bulk_create(old(removed=NOON) for _ in range(3))
    monkeypatch.setattr("sys.stderr", screen := Screen())
    operation = TimestampToSoftDelete("Job", "removed", batch_size=2)
    state = step(operation, legacy)
    told = "TimestampToSoftDelete legacy.Job: {} of 3 rows carried over"
    assert screen.getvalue() == f"\r  {told.format(2)}\r  {told.format(3)}\n"
    step_back(operation, state)


def test_a_batch_has_a_row_at_least():
    with pytest.raises(ValueError, match="batch_size must be 1 or more, not 0"):
        TimestampToSoftDelete("Job", "removed", batch_size=0)


def test_a_mark_of_going_along_needs_the_key_to_the_parent():
    with pytest.raises(ValueError, match="name both, or none"):
        TimestampToSoftDelete("Job", "removed", cascaded="is_cascaded")


def test_without_a_moment_that_of_the_migration_counts(legacy):
    old = legacy.apps.get_model("legacy", "Job")
    old.objects.create(is_deleted=True)
    operation = BooleanToSoftDelete("Job", "is_deleted")
    state = step(operation, legacy)
    first = state.apps.get_model("legacy", "Job").objects.get()
    assert first.deleted_at is not None
    with connection.schema_editor() as editor:
        operation.database_forwards("legacy", editor, state, state)
    assert state.apps.get_model("legacy", "Job").objects.get().deleted_at == first.deleted_at
    step_back(operation, state)
    assert old.objects.get().is_deleted


@pytest.mark.parametrize(
    "operation",
    [BooleanToSoftDelete("Job", "is_deleted", at="removed"), TimestampToSoftDelete("Job", "gone")],
    ids=repr,
)
def test_a_migration_can_be_written_down(operation):
    text, imports = OperationWriter(operation, indentation=0).serialize()
    assert type(operation).__name__ in text
    assert imports == {"import django_modernize.migrate.marks_to_soft_delete"}
    assert "over into soft delete" in operation.describe()
    assert operation.migration_name_fragment == f"job_{type(operation).__name__.lower()}"
    assert operation.references_model("job", "legacy")
    assert not operation.references_model("task", "legacy")
