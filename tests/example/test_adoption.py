"""A database that the legacy code filled is taken over, and goes from phase to phase."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from api.modernising.adoption import FIRST, AdoptionRefused, adopt_database

from .migration_walk import Walk, describe_tables, open_database

ROOT = Path(__file__).resolve().parent.parent.parent

MAKE_TABLES = """
import json, sys
import django
from django.conf import settings
from django.core.management import call_command
from legacy import settings as legacy

own = {name: getattr(legacy, name) for name in dir(legacy) if name.isupper()}
settings.configure(**{**own, "DATABASES": {"default": json.loads(sys.argv[1])}})
django.setup()
call_command("migrate", "auth", skip_checks=True, verbosity=0)
call_command("migrate", run_syncdb=True, skip_checks=True, verbosity=0)
"""


def make_legacy_tables(using):
    """Have the legacy code make its tables, in a process of its own."""
    known = connections[using].settings_dict
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    database = {name: str(known[name]) for name in names}
    # Where a private server listens is an option.
    options = {name: value for name, value in known["OPTIONS"].items() if isinstance(value, str)}
    subprocess.run(
        [sys.executable, "-c", MAKE_TABLES, json.dumps({**database, "OPTIONS": options})],
        cwd=ROOT / "example_project",
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), "."])},
        check=True,
    )


@pytest.fixture
def legacy(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), open_database(tmp_path, "legacy") as using:
        make_legacy_tables(using)
        yield using


def test_the_first_migration_makes_the_tables_of_the_legacy_code(legacy, tmp_path):
    adopt_database(legacy)
    with open_database(tmp_path) as using:
        Walk(using)
        assert describe_tables(legacy) ^ describe_tables(using) == set()


def test_an_adopted_database_goes_on_with_the_next_phase(legacy):
    MigrationRecorder(connections[legacy]).record_applied("api", "0042_by_the_legacy_code")
    adopt_database(legacy)
    loader = MigrationLoader(connections[legacy])
    loader.check_consistent_history(connections[legacy])
    assert [key for key in loader.applied_migrations if key[0] == "api"] == [FIRST]


def test_a_database_is_adopted_once(legacy):
    adopt_database(legacy)
    with pytest.raises(AdoptionRefused, match="adopted already"):
        adopt_database(legacy)


def test_a_database_of_another_system_is_not_adopted(legacy):
    with connections[legacy].cursor() as cursor:
        cursor.execute("DROP TABLE api_generatedtask")
    with pytest.raises(AdoptionRefused, match="lacks api_generatedtask"):
        adopt_database(legacy)
    assert MigrationRecorder(connections[legacy]).applied_migrations().keys() & {FIRST} == set()


def test_a_phase_is_done_after_a_backup_and_undone_again(legacy, tmp_path):
    adopt_database(legacy)
    for word, done in (("next", "[X] 0002_user_model"), ("back", "[ ] 0002_user_model")):
        run_command(word, database=legacy, backups=tmp_path / word)
        assert done in run_command(database=legacy)
        assert len(list((tmp_path / word).iterdir())) == 1


def test_no_phase_is_done_without_a_backup(legacy):
    adopt_database(legacy)
    with pytest.raises(CommandError, match="Say where the backup goes"):
        run_command("next", database=legacy)


def run_command(*arguments, **options):
    output = StringIO()
    call_command("modernise_phase", *arguments, stdout=output, verbosity=0, **options)
    return output.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["modernise_phase", "next"], "Every phase is done."),
        (["modernise_phase", "odd"], "'odd' is no phase"),
        (["modernise_phase", "back"], "Say where the backup goes"),
        (["modernise_phase", "back", "--backups=/dev/null/none"], "There is no backup, so nothing"),
        (["adopt_legacy"], "."),
    ],
    ids=["no next", "no phase", "no folder", "no backup", "not legacy"],
)
def test_a_command_that_cannot_go_on_says_why_and_changes_nothing(command, words):
    applied = MigrationRecorder.Migration.objects.count()
    with pytest.raises(CommandError, match=words):
        call_command(*command)
    assert MigrationRecorder.Migration.objects.count() == applied
