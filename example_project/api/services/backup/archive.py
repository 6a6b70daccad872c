"""The format of a backup: a ZIP archive, whose last part is a manifest of the others."""

import json
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

__all__ = [
    "MEDIA",
    "Archive",
    "ArchiveWriter",
    "BackupError",
    "check_archive",
    "describe_manifest",
    "open_archive",
]

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MEDIA: Final = "media/"
"""What the names of the photos begin with in an archive."""

FACTS: Final = {"format", "made_at", "vendor", "rows", "last_seal", "parts"}
DAMAGE: Final = (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error)
"""What reading a damaged archive raises; a flipped bit may well say that it is encrypted."""

CHUNK_BYTES: Final = 1024 * 1024


class BackupError(Exception):
    """A backup could not be written, read or restored; says why, and what is left unchanged."""


class ArchiveWriter:
    """Writes the parts one after the other, and finally the manifest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = ZipFile(stream, "w")
        self._parts: dict[str, dict[str, Any]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def add_part(self, name: str, source: IO[bytes], *, is_compressed: bool = True) -> None:
        """Copy a stream into the archive.

        Args:
            name: Of the part.
            source: Read to its end.
            is_compressed: Whether that is done already, as in a photo.
        """
        entry = ZipInfo(name)
        entry.compress_type = ZIP_STORED if is_compressed else ZIP_DEFLATED
        digest, size = sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as part:
            while chunk := source.read(CHUNK_BYTES):
                part.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self._parts[name] = {"size": size, "sha256": digest.hexdigest()}

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write the manifest and close the archive."""
        manifest = {"format": FORMAT, **facts, "parts": self._parts}
        self._zip.writestr(MANIFEST, json.dumps(manifest, indent=1))
        self._zip.close()

    def abandon(self) -> None:
        """Close an archive that cannot be completed."""
        # Closing writes the end of the archive, for which there may be no space.
        with suppress(OSError, ValueError):
            self._zip.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """A backup that was read completely and matches its manifest."""

    path: Path
    manifest: Mapping[str, Any]
    _zip: ZipFile = field(repr=False)

    @property
    def media_names(self) -> list[str]:
        """The names of the photos in their storage."""
        return [name.removeprefix(MEDIA) for name in self.manifest["parts"] if _is_media(name)]

    def extract_part(self, name: str, target: Path) -> None:
        """Extract one part to a file, creating its folder.

        Raises:
            OSError: It cannot be written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._zip.open(name) as part, target.open("wb") as file:
            shutil.copyfileobj(part, file, CHUNK_BYTES)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup after comparing every part with the manifest.

    Args:
        path: The file.

    Raises:
        BackupError: It cannot be read, is not whole, or is not as it was written.
    """
    opened, manifest = _read_archive(path)
    with opened:
        yield Archive(path=path, manifest=manifest, _zip=opened)


def check_archive(path: Path) -> Mapping[str, Any]:
    """Read a backup completely.

    Args:
        path: The file.

    Returns:
        Its manifest.

    Raises:
        BackupError: It cannot be read, is not whole, or is not as it was written.
    """
    with open_archive(path) as archive:
        return archive.manifest


def describe_manifest(manifest: Mapping[str, Any]) -> str:
    """Return the content of a backup in words."""
    rows, tables = sum(manifest["rows"].values()), len(manifest["rows"])
    photos = sum(map(_is_media, manifest["parts"]))
    seal = manifest["last_seal"]
    head = f"last seal {seal['number']}" if seal else "no seal of the audit trail"
    return f"{rows:,} rows in {tables} tables, {photos:,} photos, {head}; of {manifest['made_at']}"


def _read_archive(path: Path) -> tuple[ZipFile, dict[str, Any]]:
    try:
        opened = ZipFile(path)
    except FileNotFoundError as error:
        raise BackupError(f"There is no {path}.") from error
    except BadZipFile as error:
        raise BackupError(f"{path} is no whole archive: {error}. Take another backup.") from error
    try:
        manifest = _read_manifest(path, opened)
        _check_parts(path, opened, manifest["parts"])
    except DAMAGE as error:
        opened.close()
        raise BackupError(f"{path} is damaged: {error}. Take another backup.") from error
    except BaseException:
        opened.close()
        raise
    return opened, manifest


def _read_manifest(path: Path, opened: ZipFile) -> dict[str, Any]:
    try:
        manifest: Any = json.loads(opened.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise BackupError(f"{path} is no backup of AriStay: it has no manifest.") from error
    if not isinstance(manifest, dict) or not manifest.keys() >= FACTS:
        raise BackupError(f"{path} was changed: its manifest is not whole. Take another backup.")
    if manifest["format"] != FORMAT:
        raise BackupError(
            f"{path} has the format {manifest['format']!r}; this version of AriStay reads "
            f"{FORMAT}. Restore it with the version that made it."
        )
    return manifest


def _check_parts(path: Path, opened: ZipFile, parts: Mapping[str, Mapping[str, Any]]) -> None:
    found = sorted(opened.namelist())
    if found != sorted([*parts, MANIFEST]):
        odd = sorted(set(found) ^ {*parts, MANIFEST}) or ["a part is there twice"]
        raise BackupError(f"{path} was changed: {', '.join(odd[:5])}. Take another backup.")
    for name, expected in parts.items():
        if _is_media(name) and not _stays_inside(name):
            raise BackupError(f"{path} has a part that leads elsewhere: {name!r}.")
        with opened.open(name) as part:
            if _read_digest(part) != expected["sha256"]:
                raise BackupError(f"{path} was changed: {name} differs. Take another backup.")


def _read_digest(stream: IO[bytes]) -> str:
    digest = sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _is_media(name: str) -> bool:
    return name.startswith(MEDIA)


def _stays_inside(name: str) -> bool:
    rest = PurePosixPath(name.removeprefix(MEDIA))
    leads_out = rest.is_absolute() or ".." in rest.parts or "\\" in name
    return bool(rest.name) and not leads_out
