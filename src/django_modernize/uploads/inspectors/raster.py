"""Decodes an image with the one decoder of its type, and encodes it anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.template.defaultfilters import filesizeformat

from ..codes import RefusalCode
from ..kinds import FileKind
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Decoded
from .dimensions import refuse_damage

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["encode_image", "open_image", "reencode_image"]

PILLOW_FORMATS: Final = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
"""What Pillow calls the types: the one decoder that it may use."""

QUALITY_STEPS: Final = (1.0, 0.88, 0.76, 0.64)
"""By what the quality is multiplied while the image stays too long; then it is made smaller."""

SHRINKING: Final = 0.75
LEAST_SIDE: Final = 64


def reencode_image(content: bytes, kind: FileKind, policy: UploadPolicy) -> Decoded:
    """Decode an image and encode it as the same type.

    Args:
        content: The image.
        kind: The type.
        policy: The limits.

    Raises:
        Refusal: Pillow is missing or cannot decode the image, or it cannot be made short enough.
    """
    with open_image(content, kind) as image:
        return encode_image(image, kind, policy)


@contextmanager
def open_image(content: bytes, kind: FileKind) -> "Iterator[Image]":
    """Open an image with the decoder of its type and with no other.

    Args:
        content: The image.
        kind: Its type.

    Raises:
        Refusal: Pillow is missing, or what is done with the image within the block fails.
    """
    try:
        from PIL import Image  # an optional dependency
    except ImportError as error:
        raise Refusal(RefusalCode.DECODER_MISSING, found=kind.name) from error
    try:
        with Image.open(BytesIO(content), formats=[PILLOW_FORMATS[kind.name]]) as image:
            yield image
    except Refusal:
        raise
    # Its decoders raise whatever they stumble over.
    except Exception as error:
        raise refuse_damage("it cannot be decoded") from error


def encode_image(image: "Image", kind: FileKind, policy: UploadPolicy) -> Decoded:
    """Encode an image without anything but its pixels, orientation and colours.

    Args:
        image: The image; it may be changed.
        kind: The type of the result.
        policy: How large the result may be.

    Raises:
        Refusal: The image cannot be made short enough.
    """
    is_animated = getattr(image, "n_frames", 1) > 1
    if policy.stored_side is not None and not is_animated:
        _shrink(image, policy.stored_side)
    limit = policy.max_bytes if policy.stored_bytes is None else policy.stored_bytes
    pillow_format = PILLOW_FORMATS[kind.name]
    for encoded in _encodings(image, pillow_format, policy, is_animated=is_animated):
        if len(encoded) <= limit:
            facts = {"width": image.width, "height": image.height}
            return Decoded(content=encoded, kind=kind, facts=facts)
    raise Refusal(RefusalCode.STORED_SIZE, limit=filesizeformat(limit))


def _encodings(
    image: "Image", pillow_format: str, policy: UploadPolicy, *, is_animated: bool
) -> Iterator[bytes]:
    options = _keep_needed(image)
    if is_animated:
        yield _encode(image, pillow_format, save_all=True, **options)
        return
    while min(image.size) >= LEAST_SIDE or max(image.size) <= LEAST_SIDE:
        if pillow_format == "PNG":
            yield _encode(image, pillow_format, **options)
        else:
            for step in QUALITY_STEPS:
                quality = round(policy.jpeg_quality * step)
                yield _encode(image, pillow_format, quality=quality, **options)
        if max(image.size) <= LEAST_SIDE:
            return
        _shrink(image, round(max(image.size) * SHRINKING))


def _shrink(image: "Image", side: int) -> None:
    if max(image.size) > side:
        image.thumbnail((side, side))


def _keep_needed(image: "Image") -> dict[str, Any]:
    """Return what is handed on; the rebuilding has left nothing else in the image."""
    names = ("icc_profile", "exif", "transparency", "duration", "loop", "disposal", "background")
    return {name: image.info[name] for name in names if image.info.get(name) is not None}


def _encode(image: "Image", pillow_format: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, pillow_format, **options)
    return target.getvalue()
