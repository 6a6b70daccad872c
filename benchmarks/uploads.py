"""Photos that are saved with a row each."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from PIL import Image

from .harness import Benchmark, Variant
from .models import PlainUpload, QuickUpload, StrictUpload
from .peers.models import SafeUpload, ValidatedUpload

__all__ = ["list_benchmarks"]

PHOTO_SIDES: Final = (4000, 3000)
QUALITY: Final = 85


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; there is a photo for each thousand rows."""
    count = max(1, rows // 1000)
    photo = make_photo()
    size = f"{len(photo) / 1e6:.1f} MB"
    yield Benchmark(
        group="uploads",
        title=f"{count} photos of {size} saved",
        variants=(
            _variant("plain FileField", PlainUpload, save_each, count, uses_library=False),
            _variant("SecureImageField, quick", QuickUpload, save_each, count),
            _variant("SecureImageField, quick, full_clean()", QuickUpload, clean_each, count),
            _variant("django-upload-validator", ValidatedUpload, clean_each, count),
            _variant("django-safe-filefield", SafeUpload, clean_each, count),
        ),
    )
    yield Benchmark(
        group="uploads",
        title=f"{count} photos of {size} encoded anew and saved",
        variants=(
            _variant(
                "Pillow, plain FileField", PlainUpload, encode_each, count, uses_library=False
            ),
            _variant("SecureImageField, strict", StrictUpload, save_each, count),
        ),
    )


@cache
def make_photo() -> bytes:
    """Return a JPEG of 12 megapixels with the grain of a real one."""
    width, height = PHOTO_SIDES
    grain = [Image.effect_noise((width // 2, height // 2), 50).resize(PHOTO_SIDES) for _ in "RGB"]
    target = BytesIO()
    Image.merge("RGB", grain).save(target, "JPEG", quality=70)
    return target.getvalue()


def save_each(rows: list[Any]) -> None:
    for row in rows:
        row.save()


def clean_each(rows: list[Any]) -> None:
    for row in rows:
        row.full_clean()
        row.save()


def encode_each(rows: list[Any]) -> None:
    for row in rows:
        target = BytesIO()
        with Image.open(row.file.file) as image:
            image.load()
            image.save(target, "JPEG", quality=QUALITY)
        row.file = ContentFile(target.getvalue(), name="photo.jpg")
        row.save()


def _variant(
    name: str,
    model: type[models.Model],
    run: Callable[[list[Any]], None],
    count: int,
    *,
    uses_library: bool = True,
) -> Variant:
    return Variant(
        name=name, prepare=partial(_make_rows, model, count), run=run, uses_library=uses_library
    )


def _make_rows(model: type[models.Model], count: int) -> list[models.Model]:
    """Return unsaved rows, each with an upload of its own, and an empty storage."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    model._default_manager.all().delete()
    photo = make_photo()
    return [
        model(file=SimpleUploadedFile("photo.jpg", photo, content_type="image/jpeg"))
        for _ in range(count)
    ]
