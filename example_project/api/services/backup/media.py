"""The photos: added to a backup, and replaced as a whole by a restore."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from .archive import MEDIA, Archive, ArchiveWriter

__all__ = ["add_media", "exchange_media", "is_media_empty", "stage_media"]

STAGED: Final = ".restore-"
"""What the folders of an unfinished restore begin with; whatever begins with a dot is no photo."""


def add_media(writer: ArchiveWriter) -> None:
    """Add each photo that is not yet in the archive.

    Called before and after the database is dumped: what is deleted meanwhile was copied before,
    what comes meanwhile is copied after, so no row of the dump lacks its photo.
    """
    root = Path(settings.MEDIA_ROOT)
    for path in _list_files(root):
        name = f"{MEDIA}{path.relative_to(root).as_posix()}"
        if name in writer:
            continue
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue  # deleted since it was listed
        with file:
            writer.add_part(name, file)


def is_media_empty() -> bool:
    """Return whether there are no photos."""
    return next(_list_files(Path(settings.MEDIA_ROOT)), None) is None


@contextmanager
def stage_media(archive: Archive) -> Iterator[Path]:
    """Extract an archive's photos beside those in use, and yield the folder.

    Raises:
        OSError: There is no room, or no right.
    """
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    # Within the media folder, which may be a volume of its own: a rename works only within one.
    with tempfile.TemporaryDirectory(dir=root, prefix=STAGED) as name:
        folder = Path(name) / "new"
        folder.mkdir()
        for photo in archive.media_names:
            archive.extract_part(f"{MEDIA}{photo}", folder / photo)
        yield folder


def exchange_media(folder: Path) -> None:
    """Swap staged photos with those in use, which are deleted with the staging folder."""
    root = Path(settings.MEDIA_ROOT)
    old = folder.parent / "old"
    old.mkdir()
    for path in _list_entries(root):
        path.rename(old / path.name)
    for path in _list_entries(folder):
        path.rename(root / path.name)
    for left in root.glob(f"{STAGED}*"):
        if left != folder.parent:
            shutil.rmtree(left)


def _list_entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _list_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in _list_entries(folder):
        if path.is_dir() and not path.is_symlink():
            yield from _list_files(path)
        elif path.is_file():
            yield path
