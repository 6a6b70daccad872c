"""Which photos can be uploaded, and how they are stored."""

from typing import Final

from django_modernize.uploads import IMAGES
from django_modernize.uploads.policies import MEGABYTE

__all__ = ["MAX_STORED_BYTES", "PHOTOS"]

MAX_STORED_BYTES: Final = 5 * MEGABYTE

PHOTOS: Final = IMAGES.replace(
    name="photos",
    kinds=("jpeg", "png", "webp", "heic"),
    max_bytes=25 * MEGABYTE,
    mode="strict",
    stored_side=2560,
    stored_bytes=MAX_STORED_BYTES,
)
"""Up to 25 MB come in, at most 5 MB are kept, without what the camera wrote beside the picture."""
