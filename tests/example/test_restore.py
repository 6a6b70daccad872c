"""A backup comes back as it was, or nothing changes."""

import json

import pytest
from django.db import connection

from api.models import Property
from api.services.backup import (
    BackupError,
    check_archive,
    create_backup,
    restore_backup,
)
from api.services.backup import archive as archive_module
from api.services.backup.media import STAGED
from django_modernize.audit import verify
from django_modernize.triggers.installer import drop_triggers
from tests.example.backups import change_archive, empty_database, list_photos

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


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


def test_a_full_disk_leaves_a_restore_undone(backup, media, full_disk, tmp_path):
    photos = list_photos(media)
    with empty_database(tmp_path):
        full_disk(20_000)
        with pytest.raises(BackupError, match="was not restored"):
            restore_backup(backup, force=True)
        full_disk(1_000_000_000)
        assert not connection.introspection.table_names()
    assert list_photos(media) == photos


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
