"""A file stays exactly as long as a row needs it."""

import random
import resource
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction

from django_modernize.uploads import UploadRejected
from tests.images import make_noise, make_png, upload
from tests.testapp.models import Photo, Scan, Snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def list_names(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def list_used() -> set[str]:
    models = Photo.objects, Scan.all_objects, Snapshot.objects
    names = (name for rows in models for name in rows.values_list("image", flat=True))
    return {name for name in names if name}


def picture(shade: int = 0) -> ContentFile:
    return upload(make_png(shade=shade))


def test_a_row_that_the_database_refuses_leaves_no_file(media):
    Photo.objects.create(title="one")
    with pytest.raises(IntegrityError):
        Photo.objects.create(title="one", image=picture())
    assert list_names(media) == set()


def test_a_full_disk_leaves_neither_half_a_file_nor_a_row(media, full_disk):
    full_disk(10_000)
    with pytest.raises(OSError, match="too large"):
        Photo.objects.create(title="one", image=upload(make_noise(100, 100)))
    full_disk(resource.RLIM_INFINITY)
    assert list_names(media) == set()
    assert not Photo.objects.exists()


def test_a_file_that_the_storage_does_not_delete_is_logged_and_the_first_error_told(
    media, full_disk, monkeypatch, caplog
):
    def refuse(storage, name):
        raise PermissionError("kept by somebody")

    monkeypatch.setattr(FileSystemStorage, "delete", refuse)
    full_disk(10_000)
    with pytest.raises(OSError, match="too large"):
        Photo.objects.create(title="one", image=upload(make_noise(100, 100)))
    full_disk(resource.RLIM_INFINITY)
    assert "A file could not be deleted" in caplog.text
    assert "kept by somebody" in caplog.text


def test_a_transaction_that_is_rolled_back_leaves_no_file(media):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Photo.objects.create(title="one", image=picture())
        assert len(list_names(media)) == 1
        raise ZeroDivisionError
    assert list_names(media) == set()


def test_a_savepoint_that_is_rolled_back_leaves_no_file_and_what_stood_before_stays(media):
    with transaction.atomic():
        kept = Photo.objects.create(title="one", image=picture())
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with transaction.atomic():
                Photo.objects.create(title="two", image=picture())
            raise ZeroDivisionError
    assert list_names(media) == {kept.image.name}


def test_a_bulk_that_is_refused_half_way_leaves_no_file(media):
    with pytest.raises(UploadRejected):
        Snapshot.objects.bulk_create([Snapshot(image=picture()), Snapshot(image=upload(b"no"))])
    assert list_names(media) == set()


def test_a_bulk_that_the_database_refuses_leaves_no_file(media):
    Photo.objects.create(title="one")
    with pytest.raises(IntegrityError):
        Photo.objects.bulk_create(
            [Photo(title="two", image=picture()), Photo(title="one", image=picture())]
        )
    assert list_names(media) == set()
    Photo.objects.bulk_create([Photo(title="two", image=picture())])
    with pytest.raises(IntegrityError):
        Photo.objects.create(title="one")
    assert len(list_names(media)) == 1


def test_a_replaced_file_goes_when_the_new_one_is_committed(media):
    photo = Photo.objects.create(title="one", image=picture())
    former = photo.image.name
    with transaction.atomic():
        photo.image = picture(9)
        photo.save()
        assert former in list_names(media)
    assert list_names(media) == {photo.image.name}


def test_a_replacement_that_is_rolled_back_leaves_the_old_file_alone(media):
    photo = Photo.objects.create(title="one", image=picture())
    former = photo.image.name
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        photo.image.save("new.png", picture(9))
        raise ZeroDivisionError
    assert list_names(media) == {former}


def test_a_file_that_somebody_else_replaced_meanwhile_goes_too(media):
    Photo.objects.create(title="one", image=picture())
    stale = Photo.objects.get()
    fresh = Photo.objects.get()
    fresh.image = picture(1)
    fresh.save()
    stale.image = picture(2)
    stale.save()
    assert list_names(media) == {stale.image.name}


def test_a_file_that_was_assigned_to_a_deferred_field_replaces_the_old_one(media):
    Photo.objects.create(title="one", image=picture())
    photo = Photo.objects.defer("image").get()
    photo.image = picture(1)
    photo.save()
    assert list_names(media) == {photo.image.name}


def test_bulk_update_replaces_the_old_file(media):
    snapshot = Snapshot.objects.create(image=picture())
    snapshot.image = picture(1)
    Snapshot.objects.bulk_update([snapshot], ["image"])
    assert list_names(media) == list_used()
    assert len(list_used()) == 1


def test_a_file_taken_away_goes_after_the_commit_alone(media):
    photo = Photo.objects.create(title="one", image=picture())
    with transaction.atomic():
        photo.image.delete()
        assert len(list_names(media)) == 1
    assert list_names(media) == set()
    assert Photo.objects.get().image.name == ""


def test_a_deleted_row_takes_its_file_along_after_the_commit(media):
    photo = Photo.objects.create(title="one", image=picture())
    with transaction.atomic():
        photo.delete()
        assert len(list_names(media)) == 1
    assert list_names(media) == set()


def test_a_deletion_that_is_rolled_back_keeps_the_file(media):
    photo = Photo.objects.create(title="one", image=picture())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        photo.delete()
        raise ZeroDivisionError
    assert len(list_names(media)) == 1


def test_a_deleted_queryset_takes_all_its_files_with_one_question(media, django_assert_num_queries):
    Snapshot.objects.bulk_create([Snapshot(image=picture(shade)) for shade in range(20)])
    # Load, BEGIN, DELETE, COMMIT, and whether a row still needs one of the files.
    with django_assert_num_queries(5):
        Snapshot.objects.all().delete()
    assert list_names(media) == set()


def test_a_file_that_another_row_refers_to_stays(media):
    first = Snapshot.objects.create(image=picture())
    Snapshot.objects.create(image=first.image.name)
    first.delete()
    assert len(list_names(media)) == 1


def test_a_soft_deleted_row_keeps_its_file_until_it_is_deleted_for_good(media):
    scan = Scan.objects.create(image=picture())
    scan.delete()
    assert len(list_names(media)) == 1
    scan.restore()
    scan.hard_delete()
    assert list_names(media) == set()


class Walk:
    """Random steps over the rows of two models."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pictures = [make_png(shade=shade) for shade in range(8)]

    def choose_picture(self) -> ContentFile:
        return upload(self.chance.choice(self.pictures))

    def create(self) -> None:
        Snapshot.objects.create(image=self.choose_picture())

    def create_scan(self) -> None:
        Scan.objects.create(image=self.choose_picture())

    def replace(self, row: Snapshot) -> None:
        row.image = self.choose_picture()
        row.save()

    def replace_by_field(self, row: Snapshot) -> None:
        row.image.save("x.png", self.choose_picture())

    def take_away(self, row: Snapshot) -> None:
        row.image.delete()

    def delete(self, row: Snapshot) -> None:
        row.delete()

    def change_scan(self, scan: Scan) -> None:
        self.chance.choice([scan.delete, scan.restore, scan.hard_delete])()

    def take_step(self) -> None:
        row = self.chance.choice([None, *Snapshot.objects.all()[:20]])
        scan = self.chance.choice([None, *Scan.all_objects.all()[:20]])
        if row is None or scan is None:
            self.chance.choice([self.create, self.create_scan])()
        elif self.chance.random() < 0.3:
            self.change_scan(scan)
        else:
            acts = [self.replace, self.replace_by_field, self.take_away, self.delete]
            self.chance.choice(acts)(row)

    def run_transaction(self) -> None:
        with transaction.atomic():
            self.take_step()
            self.run_savepoint()
            if self.chance.random() < 0.3:
                raise ZeroDivisionError

    def run_savepoint(self) -> None:
        if self.chance.random() < 0.3:
            with suppress(ZeroDivisionError), transaction.atomic():
                self.take_step()
                if self.chance.random() < 0.5:
                    raise ZeroDivisionError


def test_random_saves_replacements_deletions_and_rollbacks_leave_no_orphan(media):
    walk = Walk(seed=6)
    for _ in range(1000):
        with suppress(ZeroDivisionError):
            walk.run_transaction()
    assert list_names(media) == list_used()
    assert list_used()
