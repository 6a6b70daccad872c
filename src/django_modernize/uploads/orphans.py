"""Find stored files that no row references any more."""

import os
import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.files.storage import Storage
from django.db import router
from django.db.models import FileField, QuerySet
from django.utils import timezone

from .checks import find_secure_fields
from .removal import find_used

if TYPE_CHECKING:
    from .fields import SecureFileField

__all__ = ["Orphan", "find_orphans"]

STORED_NAME: Final = re.compile(
    r"(?P<stem>(?:.*/)?(?P<first>[0-9a-f]{2})/(?P<second>[0-9a-f]{2})/"
    r"(?P=first)(?P=second)[0-9a-f]{28})(?:\.\d+)?\.[a-z]+"
)
"""The names that this library generates. Other files are never treated as orphans."""

BATCH_SIZE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A file that no row references."""

    name: str
    size: int
    """The size in bytes."""

    storage: Storage

    def delete(self) -> None:
        """Delete the file."""
        self.storage.delete(self.name)


def find_orphans(*, older_than: timedelta, using: Collection[str]) -> Iterator[Orphan]:
    """Yield the files stored by this library that no file field of any model references.

    Args:
        older_than: The minimum age. Transactions of newer files may still be open.
        using: The aliases of all databases whose rows count.

    Costs one query per file field of the project and database for each 500 files.
    """
    moment = timezone.now() - older_than
    for storage, folder in _find_roots():
        for batch in _make_batches(_walk_folder(storage, folder)):
            for name in sorted(batch - _find_needed(batch, using)):
                if _read_age(storage, name) < moment:
                    yield Orphan(name=name, size=storage.size(name), storage=storage)


def _find_roots() -> list[tuple[Storage, str]]:
    """Return each storage with the outermost folders in which secure fields store files."""
    found: list[tuple[Storage, str]] = []
    for field in find_secure_fields():
        root = (field.storage, _find_folder(field))
        if root not in found:
            found.append(root)
    return [
        (storage, folder)
        for storage, folder in found
        if not any(other is storage and _is_below(folder, outer) for other, outer in found)
    ]


def _find_folder(field: "SecureFileField") -> str:
    """Return the constant part of the folder, which is empty for a callable."""
    if callable(field.upload_to):
        return ""
    constant, percent, _ = str(field.upload_to).partition("%")
    return constant.rpartition("/")[0] if percent else constant.strip("/")


def _is_below(folder: str, outer: str) -> bool:
    return folder != outer and (not outer or folder.startswith(f"{outer}/"))


def _walk_folder(storage: Storage, folder: str) -> Iterator[set[str]]:
    """Yield the names in each folder that this library may have generated."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    paths = (posixpath.join(folder, name) for name in files)
    yield {path for path in paths if STORED_NAME.fullmatch(path)}
    for name in folders:
        below = posixpath.join(folder, name)
        # The target of a symbolic link has another name, under which no row would be found.
        if not _is_link(storage, below):
            yield from _walk_folder(storage, below)


def _is_link(storage: Storage, folder: str) -> bool:
    try:
        return os.path.islink(storage.path(folder))  # noqa: PTH114 - a name of the storage's
    # Only local storages have paths.
    except NotImplementedError:
        return False


def _make_batches(folders: Iterator[set[str]]) -> Iterator[set[str]]:
    """Combine whole folders into batches, since a thumbnail is in the folder of its image."""
    batch: set[str] = set()
    for names in folders:
        batch |= names
        if len(batch) >= BATCH_SIZE:
            yield batch
            batch = set()
    if batch:
        yield batch


def _find_needed(names: set[str], using: Collection[str]) -> set[str]:
    """Return the files that rows reference, and their thumbnails."""
    used: set[str] = set()
    for field in _find_file_fields():
        for alias in using:
            if router.allow_migrate_model(alias, field.model):
                rows: QuerySet[Any] = QuerySet(field.model, using=alias)
                used |= find_used(rows, field, names)
    stems = {_find_stem(name) for name in used}
    return {name for name in names if _find_stem(name) in stems}


def _find_file_fields() -> Iterator[FileField]:
    """Yield every file field, since a plain one may reference a file stored by another."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                yield field


def _find_stem(name: str) -> str:
    found = STORED_NAME.fullmatch(name)
    return name if found is None else found["stem"]


def _read_age(storage: Storage, name: str) -> datetime:
    modified = storage.get_modified_time(name)
    return modified if timezone.is_aware(modified) else timezone.make_aware(modified)
