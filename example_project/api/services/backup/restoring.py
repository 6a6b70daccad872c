"""Restores a backup, and verifies that it is complete."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from api.operations.health import list_unapplied
from django_modernize.audit import verify
from django_modernize.triggers.installer import compare_triggers

from .archive import Archive, BackupError, open_archive
from .facts import list_tables, read_facts, read_rows
from .media import exchange_media, is_media_empty, stage_media
from .writing import find_engine

__all__ = ["RestoreReport", "restore_backup"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreReport:
    """What was restored, and what differs from the backup."""

    manifest: Mapping[str, Any]
    problems: tuple[str, ...]
    """What differs from the manifest, and what the audit trail's verification found."""

    unapplied: tuple[str, ...]
    """Migrations that the code has and the backup had not."""


def restore_backup(path: Path, *, force: bool = False, using: str = "default") -> RestoreReport:
    """Replace the database and the photos with a backup. Nobody else may be using them.

    Everything in the archive is compared with its manifest before anything is touched. The
    database changes in one transaction; the photos are ready beside those in use before that.

    Args:
        path: The archive.
        force: Whether what is there may go; else it has to be empty.
        using: The alias of the database.

    Raises:
        BackupError: The archive is not sound or of another kind of database, or something is
            there, or loading failed. All is as it was then.
    """
    with open_archive(path) as archive, tempfile.TemporaryDirectory() as name:
        engine = find_engine(using)
        _check_target(archive, using, force=force)
        try:
            dump = Path(name) / engine.PART
            archive.extract_part(engine.PART, dump)
            with stage_media(archive) as staged:
                engine.load_database(connections[using], dump, replaces=force)
                exchange_media(staged)
        except OSError as error:
            raise BackupError(f"{path} was not restored: {error}.") from error
        return _look_at_result(archive, using)


def _check_target(archive: Archive, using: str, *, force: bool) -> None:
    vendor = connections[using].vendor
    if archive.manifest["vendor"] != vendor:
        raise BackupError(
            f"{archive.path} is of {archive.manifest['vendor']}, the database is {vendor}."
        )
    if force:
        return
    found = [
        what
        for what, is_there in (
            ("the database has tables", list_tables(connections[using])),
            ("there are photos", not is_media_empty()),
        )
        if is_there
    ]
    if found:
        raise BackupError(
            f"Nothing was restored, since {' and '.join(found)}. Name an empty database and media "
            "folder, or say --force to lose what is there."
        )


def _look_at_result(archive: Archive, using: str) -> RestoreReport:
    connection = connections[using]
    expected = archive.manifest
    found = read_facts(list_tables(connection), read_rows(connection))
    problems = [
        f"{table} has {found['rows'].get(table, 'no')} rows, not {count}"
        for table, count in expected["rows"].items()
        if found["rows"].get(table) != count
    ]
    if found["last_seal"] != expected["last_seal"]:
        problems.append("the last seal of the audit trail is another one")
    unapplied = list_unapplied(using)
    # The installed models may not match these tables.
    if not unapplied:
        report = verify(using)
        problems += [f"{finding.problem}: {finding.detail}" for finding in report.findings]
        if not compare_triggers(connection).is_clean:
            problems.append("triggers differ from the models; run modernize_triggers --install")
    return RestoreReport(manifest=expected, problems=tuple(problems), unapplied=tuple(unapplied))
