"""Upload policies: allowed types, extensions, sizes, and limits for each type."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from ..exceptions import SettingsError
from .codes import TOLERABLE, RefusalCode
from .kinds import KINDS, FileKind
from .verdicts import Refusal

if TYPE_CHECKING:
    from .quotas import Quota
    from .scanning import Scanner

__all__ = ["DOCUMENTS", "IMAGES", "MEGABYTE", "SPREADSHEETS", "UploadPolicy"]

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class UploadPolicy:
    """The rules for what a field accepts. Immutable.

    Use :meth:`replace` to adjust a policy, or a subclass with other defaults.
    """

    name: str
    """The name shown in verdicts and logs."""

    kinds: tuple[str, ...]
    """The allowed content types, by their names in ``uploads.kinds``."""

    extensions: tuple[str, ...] = ()
    """The allowed extensions, without the dot. Defaults to those of the types."""

    max_bytes: int = 25 * MEGABYTE
    """The maximum size of the file, in bytes."""

    mode: Literal["quick", "strict"] = "quick"
    """``quick`` rebuilds an image losslessly from the parts needed for decoding. ``strict`` decodes
    and re-encodes it."""

    max_side: int = 16_384
    """The maximum width and height of an image, in pixels."""

    max_pixels: int = 50_000_000
    """The maximum number of pixels in all frames of an image together."""

    max_frames: int = 500
    """The maximum number of frames in an animation."""

    max_scans: int = 24
    """The maximum number of scans in a progressive JPEG."""

    max_bitmap_bytes: int = 220_000_000
    """The maximum memory that decoding an image may take, in bytes."""

    max_pieces: int = 20_000
    """The maximum number of segments, chunks, boxes or entries in a file."""

    max_entries: int = 1_000
    """The maximum number of files in an archive, such as a workbook."""

    max_unpacked_bytes: int = 100 * MEGABYTE
    """The maximum unpacked size of all parts of a workbook or PDF together, in bytes."""

    max_ratio: int = 200
    """The maximum ratio of the unpacked to the packed size for a part of an archive."""

    max_columns: int = 2_000
    """The maximum number of columns in a sheet."""

    max_cells: int = 1_500_000
    """The maximum number of cells in the rectangle from the first to the last cell of a sheet."""

    max_pages: int = 2_000
    """The maximum number of pages in a document."""

    tolerated: frozenset[str] = frozenset()
    """The capabilities that are allowed in a file, by refusal code: ``macros``, ``formulas``,
    ``external_links``, ``embedded_files``, ``scripts``, ``actions``, ``forms``."""

    stored_side: int | None = None
    """In strict mode, larger images are scaled down to this side, in pixels."""

    stored_bytes: int | None = None
    """In strict mode, the quality and then the dimensions are reduced to fit this size in bytes."""

    jpeg_quality: int = 85
    """The quality of images encoded in strict mode, from 1 to 95."""

    scanner: "Scanner | None" = None
    """The scanner that checks what is about to be stored for malware."""

    quotas: "tuple[Quota, ...]" = ()
    """The limits on what may be stored for one user or one object."""

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.kinds) - set(KINDS)):
            raise SettingsError(
                f"The upload policy {self.name!r} names unknown types {unknown}. "
                f"Known are {sorted(KINDS)}."
            )
        if strange := sorted(set(self.extensions) - self._own_extensions()):
            raise SettingsError(
                f"The upload policy {self.name!r} allows endings {strange}, which none of its "
                f"types has. Choose from: {sorted(self._own_extensions())}."
            )

        if unknown := sorted(set(self.tolerated) - {code.value for code in TOLERABLE}):
            raise SettingsError(
                f"The upload policy {self.name!r} tolerates {unknown}, which cannot be tolerated. "
                f"Choose from: {sorted(code.value for code in TOLERABLE)}."
            )

    def replace(self, **changes: Any) -> Self:
        """Return a policy of the same class with other values.

        >>> IMAGES.replace(name="avatars", max_bytes=MEGABYTE).max_bytes
        1048576
        """
        return dataclasses.replace(self, **changes)

    @property
    def allowed_extensions(self) -> tuple[str, ...]:
        """The allowed extensions, in lower case."""
        return self.extensions or tuple(
            extension for name in self.kinds for extension in KINDS[name].extensions
        )

    @property
    def offered_extensions(self) -> tuple[str, ...]:
        """The allowed extensions to show to users: those whose files can be read here.

        If no files can be read, all of the allowed extensions.
        """
        readable = {
            extension
            for name in self.kinds
            if KINDS[name].is_readable
            for extension in KINDS[name].extensions
        }
        offered = tuple(one for one in self.allowed_extensions if one in readable)
        return offered or self.allowed_extensions

    def allows(self, kind: FileKind) -> bool:
        """Return whether a type is allowed."""
        return kind.name in self.kinds

    def refuse_unless_tolerated(self, code: RefusalCode) -> None:
        """Refuse a file with a capability unless the policy tolerates it.

        Raises:
            Refusal: The policy does not tolerate it.
        """
        if code.value not in self.tolerated:
            raise Refusal(code)

    def _own_extensions(self) -> set[str]:
        return {extension for name in self.kinds for extension in KINDS[name].extensions}


IMAGES: Final = UploadPolicy(name="images", kinds=("jpeg", "png", "webp", "gif", "heic"))
"""Photos and pictures. HEIC needs the extra ``heif`` and is stored as JPEG."""

SPREADSHEETS: Final = UploadPolicy(name="spreadsheets", kinds=("xlsx",), max_bytes=10 * MEGABYTE)
"""Workbooks of Excel without macros."""

DOCUMENTS: Final = UploadPolicy(name="documents", kinds=("pdf",))
"""PDF files."""
