"""Thumbnails of stored images, created on first use."""

from io import BytesIO
from typing import TYPE_CHECKING, Final

from django.core.files.base import ContentFile

from ..exceptions import ModernizeError
from .inspectors.raster import check_memory, open_image
from .kinds import find_kind
from .policies import IMAGES, UploadPolicy
from .removal import removing_on_failure
from .verdicts import Refusal

if TYPE_CHECKING:
    from .files import SecureFieldFile

__all__ = ["EXTENSION", "ThumbnailError", "make_thumbnail", "name_thumbnail"]

EXTENSION: Final = "webp"
"""WebP supports transparency, is compact, and all recent browsers support it."""


class ThumbnailError(ModernizeError, ValueError):
    """A thumbnail cannot be created: undeclared side, damaged image, or Pillow not installed."""


def name_thumbnail(name: str, side: int) -> str:
    """Return the name of a thumbnail, next to the file so that it is removed with it.

    >>> name_thumbnail("rooms/3f/a9/3fa9.jpg", 256)
    'rooms/3f/a9/3fa9.256.webp'
    """
    stem, _, _ = name.rpartition(".")
    return f"{stem}.{side}.{EXTENSION}"


def make_thumbnail(file: "SecureFieldFile", side: int) -> str:
    """Return the stored name of a thumbnail, creating it if necessary.

    Args:
        file: The stored image.
        side: The longer side in pixels, which the field must declare.

    Raises:
        ThumbnailError: The field does not declare the side, or the image cannot be decoded.
    """
    if side not in file.field.thumbnail_sides:
        raise ThumbnailError(
            f"{file.field.label} declares no thumbnail of {side} pixels. "
            f"Write: SecureImageField(thumbnails=({side},))"
        )
    wanted = name_thumbnail(str(file.name), side)
    if file.storage.exists(wanted):
        return wanted
    with file.storage.open(str(file.name)) as opened:
        encoded = _shrink(opened.read(), side, file.field.policy or IMAGES)
    with removing_on_failure(file.storage, wanted):
        stored = file.storage.save(wanted, ContentFile(encoded))
    if stored != wanted:
        # Another process stored it first, so the storage chose another name.
        file.storage.delete(stored)
    return wanted


def _shrink(content: bytes, side: int, policy: UploadPolicy) -> bytes:
    # It imports this module's field.
    kind = find_kind(content)
    if kind is None:
        raise ThumbnailError("The stored file is not a known image type.")
    try:
        with open_image(content, kind) as image:
            from PIL import ImageOps  # an optional dependency

            # A JPEG can be decoded at an eighth, a quarter or half of its size.
            image.draft("RGB", (side, side))
            check_memory(image.width, image.height, kind, policy)
            image.thumbnail((side, side))
            upright = ImageOps.exif_transpose(image)
            target = BytesIO()
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            upright.convert("RGBA" if has_alpha else "RGB").save(target, "WEBP", quality=80)
            return target.getvalue()
    except Refusal as refusal:
        raise ThumbnailError(f"The stored image cannot be decoded: {refusal.code.value}.") from None
