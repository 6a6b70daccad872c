"""The known file types, with their signatures and inspectors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Final

__all__ = ["KINDS", "SIGNATURE_LENGTH", "FileKind", "find_kind"]

SIGNATURE_LENGTH: Final = 64
"""How many bytes a signature may look at."""

HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
BURST_BRAND: Final = b"msf1"
"""The brand of image sequences. Those that also contain images list such a brand after it."""

ARCHIVE_TYPES: Final = frozenset(
    {
        "application/zip",
        "application/CDFV2",
        "application/encrypted",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-office",
        "application/x-ole-storage",
        "application/vnd.oasis.opendocument.spreadsheet",
        *(
            f"application/vnd.openxmlformats-officedocument.{name}"
            for name in (
                "spreadsheetml.sheet",
                "wordprocessingml.document",
                "presentationml.presentation",
            )
        ),
    }
)
"""libmagic's types for archives and Office documents, which only their structure distinguishes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """A file type."""

    name: str
    """The name that policies use."""

    content_type: str
    """The content type with which it is served."""

    extensions: tuple[str, ...]
    """The lowercase extensions. Files are stored with the first one."""

    has_signature: Callable[[bytes], bool]
    """Returns whether content is of this type, given its first bytes."""

    magic_types: frozenset[str]
    """The types that libmagic may report."""

    inspector: str
    """The module in ``uploads.inspectors`` that inspects its structure."""

    decoder: str = ""
    """The module of an extra that is required to accept files of this type."""

    @property
    def is_readable(self) -> bool:
        """Whether its decoder is installed."""
        return not self.decoder or find_spec(self.decoder) is not None


def find_kind(start: bytes) -> FileKind | None:
    """Return the type whose signature matches, or ``None`` if unknown.

    >>> find_kind(b"GIF89a").name
    'gif'
    """
    start = start[:SIGNATURE_LENGTH]
    return next((kind for kind in KINDS.values() if kind.has_signature(start)), None)


def _begins(start: bytes, *, with_any: tuple[bytes, ...]) -> bool:
    return start.startswith(with_any)


def _is_webp(start: bytes) -> bool:
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def _is_heic(start: bytes) -> bool:
    if start[4:8] != b"ftyp":
        return False
    brand, end = start[8:12], int.from_bytes(start[:4], "big")
    others = {start[place : place + 4] for place in range(16, min(end, len(start)), 4)}
    return brand in HEIC_BRANDS or (brand == BURST_BRAND and not HEIC_BRANDS.isdisjoint(others))


def _beginning_with(*starts: bytes) -> Callable[[bytes], bool]:
    return partial(_begins, with_any=starts)


KINDS: Final = {
    kind.name: kind
    for kind in (
        FileKind(
            name="jpeg",
            content_type="image/jpeg",
            extensions=("jpg", "jpeg", "jpe", "jfif"),
            has_signature=_beginning_with(b"\xff\xd8\xff"),
            magic_types=frozenset({"image/jpeg"}),
            inspector="jpeg",
        ),
        FileKind(
            name="png",
            content_type="image/png",
            extensions=("png",),
            has_signature=_beginning_with(b"\x89PNG\r\n\x1a\n"),
            magic_types=frozenset({"image/png", "image/apng", "image/vnd.mozilla.apng"}),
            inspector="png",
        ),
        FileKind(
            name="webp",
            content_type="image/webp",
            extensions=("webp",),
            has_signature=_is_webp,
            magic_types=frozenset({"image/webp"}),
            inspector="webp",
        ),
        FileKind(
            name="gif",
            content_type="image/gif",
            extensions=("gif",),
            has_signature=_beginning_with(b"GIF87a", b"GIF89a"),
            magic_types=frozenset({"image/gif"}),
            inspector="gif",
        ),
        FileKind(
            name="heic",
            content_type="image/heic",
            extensions=("heic", "heif", "hif"),
            has_signature=_is_heic,
            # libmagic reports some as videos, since both consist of the same boxes.
            magic_types=frozenset(
                {
                    *("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
                    *("video/mp4", "video/quicktime"),
                }
            ),
            inspector="heic",
            decoder="pillow_heif",
        ),
        FileKind(
            name="pdf",
            content_type="application/pdf",
            extensions=("pdf",),
            has_signature=_beginning_with(b"%PDF-"),
            magic_types=frozenset({"application/pdf"}),
            inspector="pdf",
        ),
        FileKind(
            name="xlsx",
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            extensions=("xlsx",),
            # Excel wraps encrypted workbooks in the container of its old format.
            has_signature=_beginning_with(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            magic_types=ARCHIVE_TYPES,
            inspector="xlsx",
        ),
    )
}
"""Every known type by its name."""
