"""What may be uploaded: types, endings, sizes, and the limits of each type."""

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
    """What a field accepts. Immutable.

    Tighten one with :meth:`replace`, or by a subclass with other defaults.
    """

    name: str
    """What verdicts and logs call it."""

    kinds: tuple[str, ...]
    """The types that the content may be of, as named in ``uploads.kinds``."""

    extensions: tuple[str, ...] = ()
    """The endings that the name may have, without the dot; those of the types by default."""

    max_bytes: int = 25 * MEGABYTE
    """How long the file may be."""

    mode: Literal["quick", "strict"] = "quick"
    """``quick`` puts an image together anew from the pieces that decoding needs, without loss;
    ``strict`` decodes it and encodes it anew."""

    max_side: int = 16_384
    """How wide and how high an image may be, in pixels."""

    max_pixels: int = 50_000_000
    """How many pixels an image may have, all its frames together."""

    max_frames: int = 500
    """How many frames an animation may have."""

    max_scans: int = 24
    """In how many passes a progressive JPEG may come."""

    max_bitmap_bytes: int = 220_000_000
    """How much memory an image may take when it is decoded."""

    max_pieces: int = 20_000
    """Of how many segments, chunks, boxes or entries a file may consist."""

    max_entries: int = 1_000
    """How many files an archive, such as a workbook, may hold."""

    max_unpacked_bytes: int = 100 * MEGABYTE
    """What all parts of a workbook or a PDF may unpack to."""

    max_ratio: int = 200
    """How many times its packed size a part of an archive may unpack to."""

    max_columns: int = 2_000
    """How far to the right the cells of a sheet may reach."""

    max_cells: int = 1_500_000
    """How many cells the rectangle from the first to the last cell of a sheet may have."""

    max_pages: int = 2_000
    """How many pages a document may have."""

    tolerated: frozenset[str] = frozenset()
    """What a file may be able to do all the same, by the codes of refusal: ``macros``,
    ``formulas``, ``external_links``, ``embedded_files``, ``scripts``, ``actions``, ``forms``."""

    stored_side: int | None = None
    """In strict mode: a wider or higher image is made smaller until it fits."""

    stored_bytes: int | None = None
    """In strict mode: the image is encoded with less quality, then smaller, until it fits."""

    jpeg_quality: int = 85
    """The quality of what strict mode writes, from 1 to 95."""

    scanner: "Scanner | None" = None
    """Who looks for malware in what is about to be stored."""

    quotas: "tuple[Quota, ...]" = ()
    """How much may be stored for one user, or for one object."""

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.kinds) - set(KINDS)):
            raise SettingsError(
                f"The upload policy {self.name!r} names unknown types {unknown}. "
                f"Known are {sorted(KINDS)}."
            )
        if strange := sorted(set(self.extensions) - self._own_extensions()):
            raise SettingsError(
                f"The upload policy {self.name!r} allows endings {strange}, which none of its "
                f"types has. Take from: {sorted(self._own_extensions())}."
            )

        if unknown := sorted(set(self.tolerated) - {code.value for code in TOLERABLE}):
            raise SettingsError(
                f"The upload policy {self.name!r} tolerates {unknown}, which nobody can. "
                f"Take from: {sorted(code.value for code in TOLERABLE)}."
            )

    def replace(self, **changes: Any) -> Self:
        """Return a policy of the same class with other values.

        >>> IMAGES.replace(name="avatars", max_bytes=MEGABYTE).max_bytes
        1048576
        """
        return dataclasses.replace(self, **changes)

    @property
    def allowed_extensions(self) -> tuple[str, ...]:
        """The endings that a name may have, in lower case."""
        return self.extensions or tuple(
            extension for name in self.kinds for extension in KINDS[name].extensions
        )

    @property
    def offered_extensions(self) -> tuple[str, ...]:
        """Those of the allowed endings whose files can be read where this runs, to be shown.

        All of them where none can be.
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
        """Return whether content may be of a type."""
        return kind.name in self.kinds

    def refuse_unless_tolerated(self, code: RefusalCode) -> None:
        """Do nothing if files may have what the code names.

        Raises:
            Refusal: They may not.
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
