"""A key that a deletion replaced is put back after its model or field got another name."""

import uuid

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.models.signals import pre_migrate

from django_modernize.softdelete.journal import DeletionJournal

pytestmark = pytest.mark.django_db(transaction=True)

CREATE = migrations.CreateModel(
    "Job",
    [("id", models.BigAutoField(primary_key=True)), ("owner", models.IntegerField(null=True))],
)


@pytest.fixture
def jobs():
    """The state of a project with a table of jobs."""
    state = ProjectState.from_apps(apps)
    CREATE.state_forwards("legacy", state)
    model = state.apps.get_model("legacy", "Job")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    yield state
    with connection.schema_editor() as editor:
        editor.delete_model(model)


def list_journal():
    return sorted(DeletionJournal.objects.values_list("model", "field"))


def test_the_journal_follows_what_a_migration_renames_there_and_back(jobs):
    for model in ("legacy.job", "legacy.other"):
        DeletionJournal.objects.create(
            deletion_id=uuid.uuid4(), model=model, field="owner", row_key="1", old_key="2"
        )
    migration = migrations.Migration("0002_names", "legacy")
    migration.operations = [
        migrations.RenameModel("Job", "Task"),
        migrations.RenameField("Task", "owner", "holder"),
    ]
    config = apps.get_app_config("modernize_softdelete")
    pre_migrate.send(sender=config, plan=[(migration, False)], using="default", verbosity=0)
    with connection.schema_editor() as editor:
        migration.apply(jobs.clone(), editor)
    assert list_journal() == [("legacy.other", "owner"), ("legacy.task", "holder")]
    with connection.schema_editor() as editor:
        migration.unapply(jobs.clone(), editor)
    assert list_journal() == [("legacy.job", "owner"), ("legacy.other", "owner")]
