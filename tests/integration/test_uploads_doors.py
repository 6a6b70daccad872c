"""A bad workbook and a bad PDF meet the same verdict by whichever way they are saved."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django import forms
from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory

from django_modernize.uploads import (
    DOCUMENTS,
    SPREADSHEETS,
    SecureFormField,
    UploadRejected,
    ainspect,
    inspect,
)
from tests.documents import document
from tests.images import upload
from tests.testapp.models import Papers
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db(transaction=True)

POLICIES = {"plan": SPREADSHEETS, "letter": DOCUMENTS}
BAD = {
    "plan": ("plan.xlsx", workbook({"xl/vbaProject.bin": b"x"}), "macros"),
    "letter": ("letter.pdf", document(catalog=b"/OpenAction<</S/Launch>>"), "actions"),
}
GOOD = {"plan": ("plan.xlsx", workbook()), "letter": ("letter.pdf", document())}


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def fill_model_form(field: str, file: File) -> None:
    data = SimpleUploadedFile(file.name, file.read())
    form = modelform_factory(Papers, fields=[field])({}, {field: data})
    if not form.is_valid():
        raise form.errors.as_data()[field][0]
    form.save()


def fill_form(field: str, file: File) -> None:
    class PlainForm(forms.Form):
        upload = SecureFormField(policy=POLICIES[field])

    form = PlainForm({}, {"upload": SimpleUploadedFile(file.name, file.read())})
    if not form.is_valid():
        raise form.errors.as_data()["upload"][0]
    Papers.objects.create(**{field: form.cleaned_data["upload"]})


def update_many(field: str, file: File) -> None:
    paper = Papers.objects.create()
    setattr(paper, field, file)
    Papers.objects.bulk_update([paper], [field])


DOORS: dict[str, Callable[[str, File], Any]] = {
    "inspect": lambda field, file: inspect(file, POLICIES[field]).raise_refusal(),
    "ainspect": lambda field, file: asyncio.run(ainspect(file, POLICIES[field])).raise_refusal(),
    "form": fill_form,
    "model form": fill_model_form,
    "save": lambda field, file: Papers(**{field: file}).save(),
    "create": lambda field, file: Papers.objects.create(**{field: file}),
    "field": lambda field, file: getattr(Papers(), field).save(file.name, file),
    "bulk_create": lambda field, file: Papers.objects.bulk_create([Papers(**{field: file})]),
    "bulk_update": update_many,
    "async": lambda field, file: async_to_sync(Papers(**{field: file}).asave)(),
}


@pytest.mark.parametrize("field", POLICIES)
@pytest.mark.parametrize("door", DOORS)
def test_a_bad_file_is_refused_with_the_same_code_at_every_door(door, field, media):
    name, content, code = BAD[field]
    with pytest.raises(UploadRejected) as caught:
        DOORS[door](field, upload(content, name))
    assert caught.value.code == code
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("field", POLICIES)
@pytest.mark.parametrize("door", DOORS)
def test_a_good_file_passes_every_door(door, field):
    name, content = GOOD[field]
    DOORS[door](field, upload(content, name))
