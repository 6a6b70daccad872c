"""Logs and templates of imports, and the conflicts that the logs had as text."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from .ledger import Ledger, Repair

__all__ = ["describe_files", "mend_templates", "name_files_again", "write_down_logs"]

TEXTS: Final = ("template_id", "import_file", "errors_log")
COUNTS: Final = ("total_rows", "successful_imports", "errors_count")

FILE_TYPES: Final = frozenset({"excel", "csv", "ical"})
DATE_FORMATS: Final[Mapping[str, str]] = {
    "%Y-%m-%d": "iso",
    "%m/%d/%Y": "month_first",
    "%d/%m/%Y": "day_first",
    "%d.%m.%Y": "day_first",
}


def write_down_logs(ledger: Ledger) -> None:
    """Write down what no column will hold, and mend counts below nothing."""
    ledger.change(_mend_counts(ledger))


def mend_templates(ledger: Ledger) -> None:
    """Give templates a type and a form of dates of today's."""
    ledger.change(_mend_templates(ledger))


def describe_files(ledger: Ledger) -> None:
    """Name the files by the end of their paths, and write the paths and texts down."""
    logs = ledger.rows("BookingImportLog")
    ledger.keep(ledger.read(logs), TEXTS, "Conflicts and errors have rows of their own.")
    for batch in ledger.batches(logs):
        for row in batch:
            row.file_name = PurePosixPath(row.import_file.name or "").name
        logs.bulk_update(batch, ["file_name"])


def name_files_again(ledger: Ledger) -> None:
    """Put paths and texts back; of newer logs the path is the name."""
    logs = ledger.rows("BookingImportLog")
    for batch in ledger.batches(logs):
        for row in batch:
            row.import_file = row.file_name
        logs.bulk_update(batch, ["import_file"])
    ledger.undo()


def _mend_counts(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("BookingImportLog")):
        values = {name: 0 for name in COUNTS if getattr(row, name) < 0}
        if values:
            yield Repair(row, values, "Nothing is counted below zero.")


def _mend_templates(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("BookingImportTemplate")):
        file_type = row.import_type.strip().lower()
        yield Repair(
            row,
            {
                "import_type": file_type if file_type in FILE_TYPES else "excel",
                "date_format": DATE_FORMATS.get(row.date_format.strip(), "any"),
            },
            "Types and forms of dates have names today.",
        )
