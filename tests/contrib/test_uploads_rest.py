"""A serializer comes to the same verdict as a form."""

import pytest
from rest_framework.serializers import ModelSerializer

from tests.images import make_png, upload
from tests.testapp.models import Photo

pytestmark = pytest.mark.django_db


class PhotoSerializer(ModelSerializer):
    class Meta:
        model = Photo
        fields = ["title", "image"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<?php ?>", "a.png", "unknown_type"),
        (make_png(), "a.php", "extension"),
        (make_png()[:-5], "a.png", "truncated"),
        (make_png(), "a.jpg", "type_mismatch"),
    ],
)
def test_a_bad_file_is_refused_by_a_serializer_with_its_code(content, name, code, media):
    serializer = PhotoSerializer(data={"title": "one", "image": upload(content, name)})
    assert not serializer.is_valid()
    assert [error.code for error in serializer.errors["image"]] == [code]
    assert list(media.iterdir()) == []


def test_an_image_is_stored_by_a_serializer_and_judged_once(monkeypatch):
    from django_modernize.uploads import judging

    calls = []
    inspect = judging.inspect
    monkeypatch.setattr(
        judging, "inspect", lambda *args, **kwargs: calls.append(1) or inspect(*args, **kwargs)
    )
    file = upload(make_png(5, 7), "ab" * 120 + ".png")
    serializer = PhotoSerializer(data={"title": "one", "image": file})
    assert serializer.is_valid(), serializer.errors
    serializer.save()
    assert Photo.objects.get().width == 5
    assert len(calls) == 1
