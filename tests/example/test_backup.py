"""Backups hold database and photos as a whole, whatever happens meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from api.services.backup import (
    BackupError,
    create_backup,
    postgresql,
    restore_backup,
)
from api.services.backup import archive as archive_module
from tests.connections import name_database
from tests.example.backups import EXAMPLE, empty_database, run_sql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.mark.parametrize("what", ["photos", "database"])
def test_a_full_disk_leaves_no_archive_and_keeps_the_older_ones(backup, media, full_disk, what):
    if what == "photos":
        (media / "large.jpg").write_bytes(os.urandom(3_000_000))
    folder = backup.parent
    full_disk(2_000_000 if what == "photos" else 100_000)
    with pytest.raises(BackupError):
        create_backup(folder)
    assert list(folder.iterdir()) == [backup]


# Dies of itself, in the midst of its work, so that no test has to come in time.
KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from api.services.backup import create_backup
from api.services.backup.archive import ArchiveWriter
add_part = ArchiveWriter.add_part
def add_part_and_die(writer, name, source):
    add_part(writer, name, source)
    os.kill(os.getpid(), signal.SIGKILL)
ArchiveWriter.add_part = add_part_and_die
create_backup(Path(sys.argv[1]))
"""


def test_a_backup_that_is_killed_leaves_nothing_under_a_backups_name(sealed, media, tmp_path):
    folder = tmp_path / "backups"
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)],
        cwd=EXAMPLE,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "aristay.settings",
            "DATABASE_URL": name_database(),
            "ARISTAY_MEDIA_ROOT": str(media),
        },
    )
    assert process.returncode == -signal.SIGKILL
    (partial,) = folder.iterdir()
    assert partial.name.startswith(".aristay-partial-")
    assert (partial / "archive.zip").exists()
    report = create_backup(folder)
    assert list(folder.iterdir()) == [report.path]


def test_two_backups_at_once_do_not_disturb_one_another(backup):
    import fcntl

    descriptor = os.open(backup.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(BackupError, match="Another backup"):
            create_backup(backup.parent)
    finally:
        os.close(descriptor)


def test_only_its_owner_may_read_a_backup(backup):
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_photo_that_comes_while_the_database_is_dumped_is_in_the_backup(
    sealed, media, tmp_path, monkeypatch
):
    from api.services.backup import writing

    engine = writing.ENGINES[connection.vendor]
    dump = engine.write_database

    def dump_slowly(*arguments):
        facts = dump(*arguments)
        (media / "new.jpg").write_bytes(b"new")
        (media / "tasks/ab/one.jpg").unlink()
        return facts

    monkeypatch.setattr(engine, "write_database", dump_slowly)
    report = create_backup(tmp_path / "backups")
    assert {"media/new.jpg", "media/tasks/ab/one.jpg"} <= set(report.manifest["parts"])


def test_the_commands_say_what_they_did_and_keep_as_many_as_they_are_told(backup, tmp_path):
    out = StringIO()
    old = backup.with_name("aristay-20200101T000000Z.zip")
    backup.rename(old)
    stranger = backup.with_name("holiday.zip")
    shutil.copy(old, stranger)
    call_command("backup", backup.parent, keep=1, stdout=out)
    assert "2 photos" in out.getvalue()
    assert "last seal 1" in out.getvalue()
    assert f"Removed {old}" in out.getvalue()
    (new,) = backup.parent.glob("aristay-*.zip")
    assert stranger.exists()
    call_command("restore", new, check=True, stdout=out)
    assert "is whole" in out.getvalue()
    call_command("restore", new, force=True, stdout=out)
    assert "Restored" in out.getvalue()


def test_the_commands_fail_where_nothing_was_done(tmp_path, backup):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", tmp_path, keep=0)
    with pytest.raises(CommandError, match="There is no"):
        call_command("restore", tmp_path / "none.zip")


def test_missing_programs_of_postgresql_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("ARISTAY_POSTGRESQL_BIN", str(tmp_path))
    with pytest.raises(BackupError, match=r"pg_dump was not found.*postgresql-client"):
        postgresql.find_program("pg_dump")


@pytest.mark.database_lacks("sqlite", reason="is copied by Python itself")
def test_what_pg_dump_says_against_a_backup_is_told(sealed, tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho server version mismatch >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("ARISTAY_POSTGRESQL_BIN", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump failed: server version mismatch"):
        create_backup(tmp_path / "backups")


@pytest.mark.database_lacks("postgresql", reason="reads its rows through pg_dump alone")
def test_a_damaged_database_is_not_backed_up(backup, tmp_path):
    with empty_database(tmp_path):
        restore_backup(backup, force=True)
        run_sql("CREATE TABLE odd (number integer CHECK (number > 0))")
        run_sql("PRAGMA ignore_check_constraints = ON")
        run_sql("INSERT INTO odd VALUES (-1)")
        with pytest.raises(BackupError, match="SQLite finds the database damaged: CHECK"):
            create_backup(tmp_path / "more")
    assert not list((tmp_path / "more").iterdir())


def test_a_database_of_another_kind_is_not_backed_up(sealed, tmp_path, monkeypatch):
    other = connections.configure_settings({"default": {}})["default"]
    monkeypatch.setitem(connections.settings, "other", other)
    with pytest.raises(BackupError, match="unknown cannot be backed up"):
        create_backup(tmp_path / "backups", using="other")
    del connections["other"]


def test_two_backups_of_one_second_do_not_replace_one_another(sealed, tmp_path, monkeypatch):
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    clock = SimpleNamespace(now=lambda zone: moment)
    monkeypatch.setattr("api.services.backup.writing.datetime", clock)
    first = create_backup(tmp_path / "backups").path
    with pytest.raises(BackupError, match="is there already"):
        create_backup(tmp_path / "backups")
    assert list(first.parent.iterdir()) == [first]


def test_a_photo_that_is_deleted_before_it_is_copied_is_left_out(
    sealed, media, tmp_path, monkeypatch
):
    look = archive_module.ArchiveWriter.__contains__

    def look_slowly(writer, name):
        (media / "tasks/ab/two.jpg").unlink(missing_ok=True)
        return look(writer, name)

    (media / "tasks/ab/two.jpg").write_bytes(b"two")
    (media / "tasks/ab/one.jpg").unlink()
    (media / "lost_found/two.jpg").unlink()
    (media / "tasks/ab/three.jpg").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(archive_module.ArchiveWriter, "__contains__", look_slowly)
    parts = create_backup(tmp_path / "backups").manifest["parts"]
    assert not [name for name in parts if name.startswith("media/")]


def test_the_commands_say_what_is_whole_and_what_is_to_be_applied(backup, tmp_path):
    output = StringIO()
    call_command("restore", backup, check=True, stdout=output)
    assert "is whole" in output.getvalue()
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", backup / "none")
    with empty_database(tmp_path):
        restore_backup(backup, force=True)
        run_sql("DELETE FROM django_migrations WHERE app = 'api' AND name LIKE '0002%'")
        second = create_backup(tmp_path / "second").path
        call_command("restore", second, force=True, stdout=output)
    assert "The code is newer: run manage.py migrate (api.0002" in output.getvalue()
