"""The clean-up finds what no row refers to, and touches nothing else."""

import io
import os
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.images import make_png, upload
from tests.testapp.models import Photo, PlainCopy, Scan, Snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def list_names(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def make_old(media: Path) -> None:
    for path in media.rglob("*"):
        os.utime(path, (0, 0))


def clean(*options: str) -> str:
    out = io.StringIO()
    call_command("uploads_cleanup", *options, stdout=out)
    return out.getvalue()


def leave_orphan() -> str:
    photo = Photo(title="never saved")
    photo.image.save("x.png", upload(make_png()), save=False)
    return photo.image.name


def test_an_orphan_is_listed_and_only_deleted_when_told(media):
    orphan = leave_orphan()
    make_old(media)
    assert orphan in clean()
    assert list_names(media) == {orphan}
    assert clean("--delete") == "1 orphaned files (69\xa0bytes) deleted.\n"
    assert list_names(media) == set()


def test_a_young_file_is_left_alone_since_its_transaction_may_go_on(media):
    orphan = leave_orphan()
    clean("--delete")
    assert list_names(media) == {orphan}


def test_what_rows_refer_to_stays_and_hidden_rows_count(media):
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    scan = Scan.objects.create(image=upload(make_png()))
    scan.delete()
    borrowed = leave_orphan()
    PlainCopy.objects.create(file=borrowed)
    snapshot = Snapshot.objects.create(image=upload(make_png()))
    make_old(media)
    clean("--delete")
    names = {photo.image.name, scan.image.name, borrowed, snapshot.image.name}
    assert list_names(media) == names


def test_a_thumbnail_stays_as_long_as_its_image(media):
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    stem = photo.image.name.rpartition(".")[0]
    (media / f"{stem}.64.webp").write_bytes(b"small")
    make_old(media)
    clean("--delete")
    assert len(list_names(media)) == 2
    Photo.objects.update(image="")
    clean("--delete")
    assert list_names(media) == set()


def test_a_file_that_somebody_else_put_there_is_never_an_orphan(media):
    others = {"readme.txt", "photos/logo.png", "photos/ab/cd/logo.png", "3f/a9/x.jpg"}
    for name in others:
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(b"x")
    make_old(media)
    clean("--delete")
    assert list_names(media) == others


def test_the_number_of_queries_does_not_grow_with_the_files(
    media, django_assert_num_queries, django_assert_max_num_queries
):
    Snapshot.objects.bulk_create([Snapshot(image=upload(make_png())) for _ in range(3)])
    make_old(media)
    with django_assert_max_num_queries(30) as few:
        clean()
    Snapshot.objects.bulk_create([Snapshot(image=upload(make_png())) for _ in range(30)])
    make_old(media)
    with django_assert_num_queries(len(few)):
        clean()


def test_a_link_to_a_folder_is_not_followed_by_which_a_used_file_would_seem_unused(media):
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    (media / "photos" / "again").symlink_to(media / "photos", target_is_directory=True)
    make_old(media)
    clean("--delete")
    assert (media / photo.image.name).exists()
