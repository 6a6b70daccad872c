"""Remove files that no row needs, after a commit or when a write is rolled back."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import FileField, QuerySet

from ..diff.outcomes import find_outcome
from .statements import undo_unless_written

if TYPE_CHECKING:
    from .fields import SecureFileField

__all__ = [
    "delete_file",
    "find_used",
    "remove_after_commit",
    "remove_if_undone",
    "remove_unless_written",
    "removing_on_failure",
]

logger = logging.getLogger("django_modernize.uploads")


@contextmanager
def removing_on_failure(storage: Storage, name: str) -> Iterator[None]:
    """Remove a file if the block that stores it fails, since a full disk leaves a partial file."""
    try:
        yield
    except BaseException:
        _delete_stored(storage, name)
        raise


def remove_if_undone(field: "SecureFileField", name: str, *, using: str) -> None:
    """Remove a file that was just stored if the transaction or savepoint is rolled back."""
    outcome = find_outcome(using)
    if outcome is not None:
        outcome.when_undone(partial(delete_file, field, name))


def remove_unless_written(field: "SecureFileField", name: str, *, using: str) -> None:
    """Remove a file that was stored for a row if the statement that writes the row fails.

    Within a transaction, :func:`remove_if_undone` handles that.
    """
    if find_outcome(using) is None:
        undo_unless_written(partial(delete_file, field, name), using=using)


def remove_after_commit(field: "SecureFileField", name: str, *, using: str) -> None:
    """Remove a file after the commit, unless a row references it by then.

    Costs one query for all files of a field in one transaction.
    """
    outcome = find_outcome(using)
    if outcome is None:
        _remove_unused(field, [name], using)
        return
    key = f"files of {field.label}"
    if key not in outcome.attached:
        names = outcome.attached[key] = []
        transaction.on_commit(partial(_remove_unused, field, names, using), using=using)
    outcome.attached[key].append(name)


def delete_file(field: "SecureFileField", name: str) -> None:
    """Delete a file and everything derived from it. Errors of the storage are logged."""
    for stored in (name, *field.derived_names(name)):
        _delete_stored(field.storage, stored)


def _delete_stored(storage: Storage, name: str) -> None:
    try:
        storage.delete(name)
    # Storages may raise anything, and the row is already written. The cleanup finds leftovers.
    except Exception:
        logger.exception("A file could not be deleted: %s", name)


def _remove_unused(field: "SecureFileField", names: Iterable[str], using: str) -> None:
    wanted = set(names)
    rows: QuerySet[Any] = QuerySet(field.model, using=using)
    for name in wanted - find_used(rows, field, wanted):
        delete_file(field, name)


def find_used(rows: "QuerySet[Any]", field: FileField, names: Iterable[str]) -> set[str]:
    """Return the names that rows reference, including soft-deleted rows."""
    found: set[str] = set()
    asked = list(names)
    # Some builds of SQLite accept at most 999 parameters.
    for start in range(0, len(asked), 500):
        portion = rows.filter(**{f"{field.name}__in": asked[start : start + 500]})
        found.update(portion.values_list(field.name, flat=True))
    return found
