"""A bad file meets the same verdict by whichever way it comes, and a good one passes them all."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django import forms
from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.test import Client
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ModelViewSet

from django_modernize.uploads import (
    DOCUMENTS,
    IMAGES,
    SPREADSHEETS,
    SecureFormField,
    UploadRejected,
    ainspect,
    inspect,
)
from tests.documents import document
from tests.images import make_png, upload
from tests.testapp.models import Papers
from tests.workbooks import workbook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.urls")]

POLICIES = {"plan": SPREADSHEETS, "letter": DOCUMENTS, "photo": IMAGES}
BAD = {
    "plan": ("plan.xlsx", workbook({"xl/vbaProject.bin": b"x"}), "macros"),
    "letter": ("letter.pdf", document(catalog=b"/OpenAction<</S/Launch>>"), "actions"),
    "photo": ("photo.png", make_png(20_000, 1), "sides"),
}
GOOD = {
    "plan": ("plan.xlsx", workbook()),
    "letter": ("letter.pdf", document()),
    "photo": ("photo.png", make_png()),
}


class PapersSerializer(ModelSerializer):
    class Meta:
        model = Papers
        fields = list(POLICIES)


class PapersViewSet(ModelViewSet):
    queryset = Papers.objects.all()
    serializer_class = PapersSerializer


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def send(file: File) -> SimpleUploadedFile:
    return SimpleUploadedFile(file.name, file.read(), "application/octet-stream")


def raise_error(form: forms.BaseForm, field: str) -> None:
    if form.errors:
        raise form.errors.as_data()[field][0]


def fill_model_form(field: str, file: File) -> None:
    form = modelform_factory(Papers, fields=[field])({}, {field: send(file)})
    raise_error(form, field)
    form.save()


def fill_form(field: str, file: File) -> None:
    class PlainForm(forms.Form):
        upload = SecureFormField(policy=POLICIES[field])

    form = PlainForm({}, {"upload": send(file)})
    raise_error(form, "upload")
    Papers.objects.create(**{field: form.cleaned_data["upload"]})


def use_admin(field: str, file: File) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ada"))
    answer = client.post("/admin/testapp/papers/add/", {field: send(file)})
    if answer.status_code != 302:
        raise_error(answer.context["adminform"].form, field)


def use_serializer(field: str, file: File) -> None:
    view = PapersViewSet.as_view({"post": "create"})
    request = APIRequestFactory().post("/", {field: send(file)}, format="multipart")
    answer = view(request)
    if answer.status_code != 201:
        (error,) = answer.data[field]
        raise UploadRejected(str(error), code=error.code, params={})


def update_many(field: str, file: File) -> None:
    paper = Papers.objects.create()
    setattr(paper, field, file)
    Papers.objects.bulk_update([paper], [field])


def update_or_create(field: str, file: File) -> None:
    paper = Papers.objects.create()
    Papers.objects.update_or_create(pk=paper.pk, defaults={field: file})


async def save_awaited(field: str, file: File) -> None:
    await Papers(**{field: file}).asave()


async def create_awaited(field: str, file: File) -> None:
    await Papers.objects.acreate(**{field: file})


async def create_many_awaited(field: str, file: File) -> None:
    await Papers.objects.abulk_create([Papers(**{field: file})])


DOORS: dict[str, Callable[[str, File], Any]] = {
    "inspect": lambda field, file: inspect(file, POLICIES[field]).raise_refusal(),
    "ainspect": lambda field, file: asyncio.run(ainspect(file, POLICIES[field])).raise_refusal(),
    "form": fill_form,
    "model form": fill_model_form,
    "admin": use_admin,
    "REST": use_serializer,
    "save": lambda field, file: Papers(**{field: file}).save(),
    "create": lambda field, file: Papers.objects.create(**{field: file}),
    "update_or_create": update_or_create,
    "field": lambda field, file: getattr(Papers(), field).save(file.name, file),
    "bulk_create": lambda field, file: Papers.objects.bulk_create([Papers(**{field: file})]),
    "bulk_update": update_many,
    "asave": async_to_sync(save_awaited),
    "acreate": async_to_sync(create_awaited),
    "abulk_create": async_to_sync(create_many_awaited),
}


@pytest.mark.parametrize("field", POLICIES)
@pytest.mark.parametrize("door", DOORS)
def test_a_bad_file_is_refused_with_the_same_code_at_every_door_and_a_good_one_passes(
    door, field, media
):
    name, content, code = BAD[field]
    with pytest.raises(UploadRejected) as caught:
        DOORS[door](field, upload(content, name))
    assert caught.value.code == code
    assert not [path for path in media.rglob("*") if path.is_file()]

    name, content = GOOD[field]
    get_user_model().objects.all().delete()
    DOORS[door](field, upload(content, name))
    is_stored = door not in ("inspect", "ainspect")
    assert len([path for path in media.rglob("*") if path.is_file()]) == is_stored
