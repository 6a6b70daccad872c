"""Creates backups: a complete file, or none."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from django.db import connections

import django_modernize
from django_modernize.triggers.vendors import is_supported

from . import postgresql, sqlite
from .archive import ArchiveWriter, BackupError, check_archive
from .media import add_media

__all__ = ["BackupReport", "create_backup", "find_engine"]

ENGINES: Final[Mapping[str, ModuleType]] = {"postgresql": postgresql, "sqlite": sqlite}
NAME: Final = "aristay-{:%Y%m%dT%H%M%S}Z.zip"
PATTERN: Final = "aristay-*Z.zip"
PARTIAL: Final = ".aristay-partial-"
"""What the folder of a backup that is being written begins with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupReport:
    """A backup that was written, and verified by reading it again."""

    path: Path
    manifest: Mapping[str, Any]
    removed: tuple[Path, ...]
    """Older ones that retention took away."""


def create_backup(folder: Path, *, keep: int | None = None, using: str = "default") -> BackupReport:
    """Write the database and the photos to a new file, and read it again.

    Others can keep working: the dump is a snapshot.

    Args:
        folder: Where backups are kept; made if it is missing.
        keep: How many backups to leave there, this one included; ``None`` for all.
        using: The alias of the database.

    Raises:
        BackupError: It could not be written; what was begun is gone, older ones stay.

    Costs a query for each table.
    """
    moment = datetime.now(UTC)
    final = folder / NAME.format(moment)
    try:
        with _work_inside(folder) as partial:
            path = partial / "archive.zip"
            _write_archive(path, moment, using)
            manifest = check_archive(path)
            _publish(path, final)
    except OSError as error:
        raise BackupError(f"No backup was made: {error}.") from error
    removed = _remove_old(folder, keep) if keep is not None else []
    return BackupReport(path=final, manifest=manifest, removed=tuple(removed))


def find_engine(using: str) -> ModuleType:
    """Return the module for a database's engine.

    Raises:
        BackupError: It is neither PostgreSQL nor SQLite.
    """
    connection = connections[using]
    if not is_supported(connection):
        raise BackupError(f"{connection.display_name} cannot be backed up by this command.")
    return ENGINES[connection.vendor]


def _write_archive(path: Path, moment: datetime, using: str) -> None:
    """Write everything to a new file that only we can read, as it holds the whole database."""
    connection = connections[using]
    engine = find_engine(using)
    facts = {
        "made_at": moment.isoformat(timespec="seconds"),
        "vendor": connection.vendor,
        "version": django_modernize.__version__,
    }
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        writer = ArchiveWriter(stream)
        try:
            add_media(writer)
            found = engine.write_database(connection, writer, path.parent)
            add_media(writer)
            writer.finish({**facts, **found})
        finally:
            writer.abandon()
        stream.flush()
        os.fsync(descriptor)


@contextmanager
def _work_inside(folder: Path) -> Iterator[Path]:
    """Yield a folder for unfinished work, and remove what killed processes left there.

    The lock ends with the process, however that ends.

    Raises:
        BackupError: Another backup is being written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in folder.glob(f"{PARTIAL}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=folder, prefix=PARTIAL) as name:
            yield Path(name)
    except BlockingIOError as error:
        raise BackupError(f"Another backup is being written into {folder}.") from error
    finally:
        os.close(lock)


def _publish(path: Path, final: Path) -> None:
    """Rename a finished archive in a way that survives a power failure."""
    if final.exists():
        raise FileExistsError(f"{final} is there already")
    path.rename(final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_old(folder: Path, keep: int) -> list[Path]:
    # The names sort by the time in them.
    old = sorted(folder.glob(PATTERN), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old
