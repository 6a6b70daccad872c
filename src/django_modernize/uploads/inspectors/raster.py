"""Decode an image with the only decoder for its type, and re-encode it."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.template.defaultfilters import filesizeformat

from ..codes import RefusalCode
from ..kinds import FileKind
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Decoded, Structure
from .dimensions import check_dimensions, refuse_damage

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["check_memory", "encode_image", "open_image", "reencode_image"]

PILLOW_FORMATS: Final = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
"""What Pillow calls the types: the one decoder that it may use."""

BYTES_PER_PIXEL: Final = {"jpeg": 4, "png": 4, "webp": 24, "gif": 4}
"""What decoding and encoding take at their peak, as measured; libwebp holds several copies."""

MOST_PIXELS: Final = {"gif": 25_000_000}
"""Beyond these, encoding takes more than three seconds: each frame gets a palette of its own."""

LARGE_PNG: Final = 4_000_000
"""From how many pixels on a PNG is compressed with less effort, which else takes many seconds."""

QUALITY_STEPS: Final = (1.0, 0.88, 0.76, 0.64)
"""By what the quality is multiplied while the image stays too long; then it is made smaller."""

SHRINKING: Final = 0.75
LEAST_SIDE: Final = 64


def reencode_image(
    content: bytes, kind: FileKind, structure: Structure, policy: UploadPolicy
) -> Decoded:
    """Decode an image and encode it as the same type.

    Args:
        content: The image.
        kind: The type.
        structure: What walking it has found.
        policy: The limits.

    Raises:
        Refusal: Pillow is missing or cannot decode the image, it would take too much memory or
            time, or it cannot be made short enough.
    """
    facts = structure.facts
    width, height, frames = (int(facts.get(name, 1)) for name in ("width", "height", "frames"))
    check_memory(width, height, kind, policy, frames=frames)
    most = MOST_PIXELS.get(kind.name)
    if most is not None and width * height * frames > most:
        raise Refusal(RefusalCode.PIXELS, limit=most)
    with open_image(content, kind) as image:
        return encode_image(image, kind, policy)


def check_memory(
    width: int, height: int, kind: FileKind, policy: UploadPolicy, *, frames: int = 1
) -> None:
    """Refuse an image whose decoding would take more memory than the policy allows.

    Raises:
        Refusal: It would.
    """
    needed = BYTES_PER_PIXEL[kind.name]
    check_dimensions(width, height, policy, frames=frames, bytes_per_pixel=needed)


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
    # Pillow makes a copy of an image that is loaded while it is saved.
    image.load()
    if policy.stored_side is not None and not is_animated:
        _shrink(image, policy.stored_side)
    pillow_format = PILLOW_FORMATS[kind.name]
    for encoded in _encodings(image, pillow_format, policy, is_animated=is_animated):
        if policy.stored_bytes is None or len(encoded) <= policy.stored_bytes:
            facts = {"width": image.width, "height": image.height}
            return Decoded(content=encoded, kind=kind, facts=facts)
    raise Refusal(RefusalCode.STORED_SIZE, limit=filesizeformat(policy.stored_bytes or 0))


def _encodings(
    image: "Image", pillow_format: str, policy: UploadPolicy, *, is_animated: bool
) -> Iterator[bytes]:
    options = _keep_needed(image)
    if is_animated:
        yield _encode(image, pillow_format, save_all=True, **options)
        return
    while True:
        if pillow_format == "PNG":
            effort = 1 if image.width * image.height > LARGE_PNG else 6
            yield _encode(image, pillow_format, compress_level=effort, **options)
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
