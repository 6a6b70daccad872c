"""Backups of the database and the photos in one file, and restoring them."""

from .archive import BackupError, check_archive, describe_manifest
from .restoring import RestoreReport, restore_backup
from .writing import BackupReport, create_backup

__all__ = [
    "BackupError",
    "BackupReport",
    "RestoreReport",
    "check_archive",
    "create_backup",
    "describe_manifest",
    "restore_backup",
]
