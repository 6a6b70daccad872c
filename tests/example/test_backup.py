"""A backup has all there is, is whole or absent, and comes back as it was."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from api.models import Property
from api.services.backup import (
    BackupError,
    check_archive,
    create_backup,
    postgresql,
    restore_backup,
)
from api.services.backup import archive as archive_module
from api.services.backup.media import STAGED
from django_modernize.audit import seal, verify
from django_modernize.triggers.installer import drop_triggers
from tests.connections import name_database

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Return the folder of the photos, with two of them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for name in ("tasks/ab/one.jpg", "lost_found/two.jpg"):
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode() * 1000)
    return settings.MEDIA_ROOT


@pytest.fixture
def company():
    """Store a little, and seal it."""
    house = Property.objects.create(name="Owl Point")
    house.name = "Owl's Point, “naïve”"
    house.save()
    Property.objects.create(name="Crane").delete()
    return seal()


@pytest.fixture
def backup(company, tmp_path):
    return create_backup(tmp_path / "backups").path


@contextmanager
def empty_database(tmp_path):
    """Lead the connection to a second database of the same kind, with nothing in it."""
    usual = connection.settings_dict["NAME"]
    name = f"restored_{uuid4().hex[:12]}"
    if connection.vendor == "postgresql":
        run_sql(f"CREATE DATABASE {name}")
    lead_connection(str(tmp_path / name) if connection.vendor == "sqlite" else name)
    try:
        yield
    finally:
        lead_connection(usual)
        if connection.vendor == "postgresql":
            run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def lead_connection(name):
    connection.close()
    connection.settings_dict["NAME"] = name


def run_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def list_photos(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def change_archive(path, change):
    """Write an archive anew, its parts changed by a function of names and contents."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_a_backup_comes_back_in_an_empty_place_as_it_was(backup, media, settings, tmp_path):
    photos = list_photos(media)
    before = list(Property.all_objects.order_by("pk").values())
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with empty_database(tmp_path):
        report = restore_backup(backup)
        assert report.problems == report.unapplied == ()
        assert list(Property.all_objects.order_by("pk").values()) == before
        assert verify().is_sound
        Property.objects.create(name="Crane")
    assert list_photos(settings.MEDIA_ROOT) == photos
    assert report.manifest["rows"]["api_property"] == 2
    assert report.manifest["last_seal"]["number"] == 1


def test_nothing_that_is_there_is_lost_without_force(backup, media):
    Property.objects.create(name="Heron")
    with pytest.raises(BackupError, match=r"tables and there are photos.*--force"):
        restore_backup(backup)
    assert Property.objects.filter(name="Heron").exists()


def test_force_replaces_database_and_photos_as_a_whole(backup, media, tmp_path):
    with empty_database(tmp_path):
        restore_backup(backup, force=True)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE later (id integer)")
        (media / "later.jpg").write_bytes(b"later")
        (media / "tasks/ab/one.jpg").unlink()
        report = restore_backup(backup, force=True)
        assert report.problems == ()
        assert "later" not in connection.introspection.table_names()
    assert set(list_photos(media)) == {"tasks/ab/one.jpg", "lost_found/two.jpg"}


def test_a_restore_that_fails_leaves_database_and_photos_as_they_were(backup, media, tmp_path):
    photos = list_photos(media)
    name = "database.dump" if connection.vendor == "postgresql" else "database.sqlite3"

    def spoil(parts):
        parts[name] = parts[name][: len(parts[name]) // 2]
        manifest = json.loads(parts["manifest.json"])
        del manifest["parts"][name]
        digest = archive_module.sha256(parts[name]).hexdigest()
        manifest["parts"][name] = {"size": len(parts[name]), "sha256": digest}
        parts["manifest.json"] = json.dumps(manifest)

    with empty_database(tmp_path):
        restore_backup(backup, force=True)
        change_archive(backup, spoil)
        with pytest.raises(BackupError, match="as it was"):
            restore_backup(backup, force=True)
        assert Property.all_objects.count() == 2
    assert list_photos(media) == photos


def test_a_truncated_archive_is_refused(backup):
    backup.write_bytes(backup.read_bytes()[:-200])
    with pytest.raises(BackupError, match="no whole archive"):
        check_archive(backup)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda parts: parts.update({"media/tasks/ab/one.jpg": b"other"}), "one.jpg differs"),
        (lambda parts: parts.pop("media/lost_found/two.jpg"), "two.jpg"),
        (lambda parts: parts.update({"media/more.jpg": b"more"}), "media/more.jpg"),
        (lambda parts: parts.pop("manifest.json"), "no manifest"),
        (lambda parts: parts.update({"manifest.json": b"[]"}), "not whole"),
    ],
    ids=["changed", "removed", "added", "no manifest", "odd manifest"],
)
def test_a_tampered_archive_is_refused(backup, change, words):
    change_archive(backup, change)
    with pytest.raises(BackupError, match=words):
        check_archive(backup)


def test_a_flipped_bit_anywhere_is_noticed(backup):
    whole = backup.read_bytes()
    for position in range(40, len(whole) - 40, len(whole) // 23):
        changed = bytearray(whole)
        changed[position] ^= 0x10
        backup.write_bytes(changed)
        # What stands between the parts may be changed without a change of what is read.
        try:
            found = check_archive(backup)
        except BackupError:
            continue
        backup.write_bytes(whole)
        assert found == check_archive(backup)


@pytest.mark.parametrize("name", ["media/../../evil", "media//etc/evil", "media/a\\..\\evil"])
def test_a_photo_that_leads_out_of_its_folder_is_refused(backup, name):
    def add(parts):
        manifest = json.loads(parts["manifest.json"])
        manifest["parts"][name] = {"size": 1, "sha256": archive_module.sha256(b"x").hexdigest()}
        parts.update({name: b"x", "manifest.json": json.dumps(manifest)})

    change_archive(backup, add)
    with pytest.raises(BackupError, match="leads elsewhere"):
        check_archive(backup)


def test_an_archive_of_a_later_format_or_of_another_database_is_refused(backup, tmp_path):
    change_archive(
        backup,
        lambda parts: parts.update(
            {"manifest.json": parts["manifest.json"].replace(b'"vendor": "', b'"vendor": "other ')}
        ),
    )
    with pytest.raises(BackupError, match="is of other"):
        restore_backup(backup)
    change_archive(
        backup,
        lambda parts: parts.update(
            {"manifest.json": parts["manifest.json"].replace(b'"format": 1', b'"format": 2')}
        ),
    )
    with pytest.raises(BackupError, match="format 2"):
        check_archive(backup)


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


def test_a_backup_that_is_killed_leaves_nothing_under_a_backups_name(company, media, tmp_path):
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
    company, media, tmp_path, monkeypatch
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


def test_a_full_disk_leaves_a_restore_undone(backup, media, full_disk, tmp_path):
    photos = list_photos(media)
    with empty_database(tmp_path):
        full_disk(20_000)
        with pytest.raises(BackupError, match="was not restored"):
            restore_backup(backup, force=True)
        full_disk(1_000_000_000)
        assert not connection.introspection.table_names()
    assert list_photos(media) == photos


@pytest.mark.database_lacks("sqlite", reason="is copied by Python itself")
def test_what_pg_dump_says_against_a_backup_is_told(company, tmp_path, monkeypatch):
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


def test_a_database_of_another_kind_is_not_backed_up(company, tmp_path, monkeypatch):
    other = connections.configure_settings({"default": {}})["default"]
    monkeypatch.setitem(connections.settings, "other", other)
    with pytest.raises(BackupError, match="unknown cannot be backed up"):
        create_backup(tmp_path / "backups", using="other")
    del connections["other"]


def test_two_backups_of_one_second_do_not_replace_one_another(company, tmp_path, monkeypatch):
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    clock = SimpleNamespace(now=lambda zone: moment)
    monkeypatch.setattr("api.services.backup.writing.datetime", clock)
    first = create_backup(tmp_path / "backups").path
    with pytest.raises(BackupError, match="is there already"):
        create_backup(tmp_path / "backups")
    assert list(first.parent.iterdir()) == [first]


def test_a_photo_that_is_deleted_before_it_is_copied_is_left_out(
    company, media, tmp_path, monkeypatch
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


def test_what_a_killed_restore_had_unpacked_goes_with_the_next(backup, media, tmp_path):
    left = media / f"{STAGED}left" / "new"
    left.mkdir(parents=True)
    (left / "half.jpg").write_bytes(b"half")
    with empty_database(tmp_path):
        restore_backup(backup, force=True)
    assert not left.parent.exists()


def test_a_restore_says_what_the_database_lacks(backup, tmp_path):
    with empty_database(tmp_path):
        restore_backup(backup, force=True)
        drop_triggers(connection, ["api_property"])
        second = create_backup(tmp_path / "second").path
        change_archive(second, forget_seal)
        told = restore_backup(second, force=True).problems
        assert told[0] == "the last seal of the audit trail is another one"
        assert "triggers differ from the models" in told[-1]


def forget_seal(parts):
    manifest = json.loads(parts["manifest.json"])
    parts["manifest.json"] = json.dumps({**manifest, "last_seal": None})


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
