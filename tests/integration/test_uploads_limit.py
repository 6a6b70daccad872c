"""The upload handler keeps nothing beyond the limit."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from django_modernize.uploads import IMAGES, UploadRejected, inspect
from django_modernize.uploads.handlers import CutOffUpload
from tests.images import make_png
from tests.testapp.models import Photo, PlainCopy


@pytest.fixture(autouse=True)
def limit(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MODERNIZE = {**settings.MODERNIZE, "UPLOAD_MAX_BYTES": 100_000}


def test_a_file_within_the_limit_arrives_whole(client):
    file = SimpleUploadedFile("a.png", bytes(100_000))
    assert client.post("/count/", {"file": file}).json() == {"file": 100_000}


@pytest.mark.parametrize("spool", [1, 10**9])
def test_a_longer_file_is_cut_off_and_what_was_spooled_is_closed(
    client, settings, spool, monkeypatch
):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = spool
    kept = []
    receive = TemporaryFileUploadHandler.receive_data_chunk

    def count_kept(handler, raw_data, start):
        kept.append(len(raw_data))
        return receive(handler, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", count_kept)
    files = {
        "large": SimpleUploadedFile("a.png", bytes(1_000_000)),
        "small": SimpleUploadedFile("b.png", bytes(10)),
    }
    answer = client.post("/count/", files).json()
    assert answer["small"] == 10
    assert answer["large"] > 100_000
    assert sum(kept) <= 100_010


@pytest.mark.django_db
def test_the_admin_says_that_the_file_was_too_large(admin_client):
    file = SimpleUploadedFile("a.png", make_png() + bytes(200_000))
    answer = admin_client.post("/admin/testapp/photo/add/", {"title": "one", "image": file})
    (error,) = answer.context["adminform"].form.errors.as_data()["image"]
    assert error.code == "too_large"
    assert not Photo.objects.exists()


def test_a_policy_that_allows_more_than_the_handler_still_refuses_what_was_cut_off():
    file = CutOffUpload(name="a.png", size=100_001, field_name="file")
    assert inspect(file, IMAGES).code == "too_large"


@pytest.mark.django_db
def test_a_plain_field_does_not_take_what_was_cut_off_for_an_empty_file():
    file = CutOffUpload(name="a.png", size=100_001, field_name="file")
    with pytest.raises(UploadRejected):
        PlainCopy.objects.create(file=file)
