"""The types of files that are known: how their content begins, and who inspects them."""

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
"""What bursts of pictures begin with; those that hold pictures too name such a brand behind it."""

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
"""What libmagic calls archives and Office documents; the structure tells them apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKind:
    """One type of file."""

    name: str
    """What policies call it."""

    content_type: str
    """What it is served as."""

    extensions: tuple[str, ...]
    """The endings of its names in lower case; it is stored with the first."""

    has_signature: Callable[[bytes], bool]
    """Tells by the first bytes whether content is of this type."""

    magic_types: frozenset[str]
    """What libmagic may call it."""

    inspector: str
    """The module of ``uploads.inspectors`` that knows its structure."""

    decoder: str = ""
    """The module of an extra without which none of its files is accepted."""

    @property
    def is_readable(self) -> bool:
        """Whether its decoder is installed."""
        return not self.decoder or find_spec(self.decoder) is not None


def find_kind(start: bytes) -> FileKind | None:
    """Return the type that content begins like, ``None`` for an unknown one.

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
            # libmagic takes some for films, since both are made of the same boxes.
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
            # Excel wraps an encrypted workbook as it did its old format.
            has_signature=_beginning_with(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            magic_types=ARCHIVE_TYPES,
            inspector="xlsx",
        ),
    )
}
"""Every known type by its name."""
