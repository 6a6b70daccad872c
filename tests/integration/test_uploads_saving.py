"""Every way to save a file passes the same judge."""

import logging
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms import modelform_factory
from django.test.utils import CaptureQueriesContext

from django_modernize.uploads import UnjudgedUpload, UploadRejected
from tests.images import make_png, upload
from tests.samples import JPEG
from tests.testapp.models import Photo, PlainCopy, Scan, Snapshot

pytestmark = pytest.mark.django_db

SCRIPT = b"<?php system($_GET['c']); ?>"


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def list_files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def save_with_form(file):
    form = modelform_factory(Photo, fields=["title", "image"])(
        {"title": "one"}, {"image": SimpleUploadedFile(file.name, file.read())}
    )
    if not form.is_valid():
        raise form.errors.as_data()["image"][0]
    form.save()


def save_in_admin(file, admin_client):
    answer = admin_client.post(
        "/admin/testapp/photo/add/",
        {"title": "one", "image": SimpleUploadedFile(file.name, file.read())},
    )
    if answer.status_code == 200:
        raise answer.context["adminform"].form.errors.as_data()["image"][0]


def save_opened(file, tmp_path):
    path = tmp_path / file.name
    path.write_bytes(file.read())
    with path.open("rb") as opened:
        Photo.objects.create(title="one", image=File(opened))


def save_async(file):
    async_to_sync(Photo(title="one", image=file).asave)()


WAYS = {
    "form": save_with_form,
    "save": lambda file: Photo(title="one", image=file).save(),
    "create": lambda file: Photo.objects.create(title="one", image=file),
    "field": lambda file: Photo(title="one").image.save(file.name, file),
    "bulk_create": lambda file: Snapshot.objects.bulk_create([Snapshot(image=file)]),
    "update_or_create": lambda file: Photo.objects.update_or_create(
        title="one", defaults={"image": file}
    ),
    "async": save_async,
}


def bulk_update(file):
    snapshot = Snapshot.objects.create()
    snapshot.image = file
    Snapshot.objects.bulk_update([snapshot], ["image"])


WAYS["bulk_update"] = bulk_update


@pytest.mark.parametrize("way", WAYS)
def test_a_script_named_as_image_is_refused_by_every_way_of_saving(way, media):
    with pytest.raises(UploadRejected) as caught:
        WAYS[way](upload(SCRIPT, "shell.png"))
    assert caught.value.code == "unknown_type"
    assert list_files(media) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_script_is_refused_for_its_name_by_every_way_of_saving(way, media):
    with pytest.raises(UploadRejected) as caught:
        WAYS[way](upload(make_png(), "shell.php"))
    assert caught.value.code == "extension"
    assert list_files(media) == []


@pytest.mark.parametrize("way", WAYS)
def test_an_image_is_stored_by_every_way_of_saving(way, media):
    WAYS[way](upload(make_png(), "kitchen.png"))
    (stored,) = list_files(media)
    assert stored.read_bytes() == make_png()
    row = Photo.objects.first() or Snapshot.objects.get()
    assert media / row.image.name == stored


def test_the_admin_says_why_a_file_is_refused(admin_client, media):
    with pytest.raises(UploadRejected) as caught:
        save_in_admin(upload(SCRIPT, "shell.png"), admin_client)
    assert caught.value.code == "unknown_type"
    assert list_files(media) == []


def test_the_admin_stores_an_image(admin_client, media):
    save_in_admin(upload(make_png(), "kitchen.png"), admin_client)
    assert len(list_files(media)) == 1


def test_a_file_that_code_opens_is_judged_by_the_last_part_of_its_path(tmp_path):
    save_opened(upload(make_png(), "kitchen.png"), tmp_path)
    assert Photo.objects.get().client_name == "kitchen.png"


def test_the_name_in_storage_is_random_sharded_and_ends_as_the_content_says(media):
    photo = Photo.objects.create(title="one", image=upload(JPEG, "../../Kitchen.JPEG"))
    folder, first, second, name = photo.image.name.split("/")
    assert (folder, first, second) == ("photos", name[:2], name[2:4])
    assert name.endswith(".jpg") and len(name) == 36
    assert "itchen" not in photo.image.name


def test_the_fields_beside_a_file_tell_of_what_is_stored():
    photo = Photo.objects.create(title="one", image=upload(make_png(5, 7), "Küche.png"))
    photo.refresh_from_db()
    assert (photo.client_name, photo.content_type) == ("Küche.png", "image/png")
    assert (photo.width, photo.height, photo.size) == (5, 7, photo.image.size)
    assert len(photo.sha256) == 64


def test_the_fields_beside_a_file_are_saved_with_it_though_not_named():
    photo = Photo.objects.create(title="one", image=upload(make_png(5, 7)))
    photo.image = upload(make_png(6, 8))
    photo.save(update_fields=["image"])
    photo.refresh_from_db()
    assert (photo.width, photo.height) == (6, 8)


def test_bulk_create_fills_the_fields_beside_a_file():
    Photo.objects.bulk_create([Photo(title="one", image=upload(make_png(5, 7)))])
    assert Photo.objects.get().width == 5


def test_update_refuses_a_file_that_it_could_not_judge_for_each_row():
    Snapshot.objects.create()
    with pytest.raises(UnjudgedUpload, match="update"):
        Snapshot.objects.update(image=upload(make_png()))


def test_bulk_update_refuses_a_file_whose_other_fields_it_would_forget():
    photo = Photo.objects.create(title="one")
    photo.image = upload(make_png())
    with pytest.raises(UnjudgedUpload, match="bulk_update"):
        Photo.objects.bulk_update([photo], ["image"])


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "photos/../../x.png"])
def test_a_name_that_leads_out_of_the_storage_is_not_written(name):
    with pytest.raises(SuspiciousFileOperation):
        Snapshot.objects.create(image=name)


def test_a_file_of_another_field_is_judged_and_copied(media):
    plain = PlainCopy.objects.create(file=upload(make_png(), "x.png"))
    snapshot = Snapshot.objects.create(image=plain.file)
    assert snapshot.image.name != plain.file.name
    assert len(list_files(media)) == 2


def test_a_bad_file_of_another_field_is_refused():
    plain = PlainCopy(file=upload(SCRIPT, "x.png"))
    with pytest.raises(UploadRejected):
        Snapshot.objects.create(image=plain.file)


def test_a_file_of_another_object_is_copied_so_that_none_loses_its_own(media):
    first = Snapshot.objects.create(image=upload(make_png()))
    second = Snapshot.objects.create(image=first.image)
    assert first.image.name != second.image.name
    assert len(list_files(media)) == 2


def test_a_stored_file_cannot_be_opened_for_writing():
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    with pytest.raises(UnjudgedUpload, match="bypass the inspection"):
        photo.image.open("wb")
    with photo.image.open() as opened:
        assert opened.read() == make_png()


def test_one_upload_is_judged_once_though_form_model_and_save_all_ask(monkeypatch):
    from django_modernize.uploads import judging

    calls = []
    inspect = judging.inspect
    monkeypatch.setattr(
        judging, "inspect", lambda *args, **kwargs: calls.append(1) or inspect(*args, **kwargs)
    )
    save_with_form(upload(make_png(), "kitchen.png"))
    assert len(calls) == 1


def test_a_refusal_is_logged_with_its_code_and_without_name_or_content(caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(UploadRejected):
        Photo.objects.create(title="one", image=upload(SCRIPT, "secret-name.png"))
    assert "unknown_type" in caplog.text and "testapp.Photo.image" in caplog.text
    assert "secret-name" not in caplog.text and "php" not in caplog.text


def test_saving_a_row_without_a_new_file_costs_no_query_more():
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    photo = Photo.objects.get()
    with CaptureQueriesContext(connection) as queries:
        photo.title = "two"
        photo.save()
    assert len(queries) == 1


def test_a_form_that_clears_the_file_clears_what_tells_of_it(
    media, django_capture_on_commit_callbacks
):
    photo = Photo.objects.create(title="one", image=upload(make_png()))
    form_class = modelform_factory(Photo, fields=["title", "image"])
    form = form_class({"title": "one", "image-clear": "on"}, {}, instance=photo)
    with django_capture_on_commit_callbacks(execute=True):
        form.save()
    photo.refresh_from_db()
    assert (photo.image.name, photo.client_name, photo.width) == ("", "", None)
    assert list_files(media) == []


def test_a_soft_deletable_row_takes_files_too(media):
    scan = Scan.objects.create(image=upload(make_png()))
    scan.delete()
    assert len(list_files(media)) == 1
