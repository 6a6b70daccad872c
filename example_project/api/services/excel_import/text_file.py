"""Reads a CSV file into rows that know their position in the file."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain, islice
from typing import Final

from django.utils.translation import gettext_noop as _

from api.models.import_reasons import Saying

from .columns import HEADER_SEARCH_ROWS, REQUIRED, find_columns
from .errors import RefusedText, TooManyBookings
from .workbook import RawRow, Schedule, list_telling_rows

__all__ = ["MAX_TEXT_BYTES", "decode_text", "read_text_file"]

MAX_TEXT_BYTES: Final = 30 * 1024 * 1024
MAX_TEXT_ROWS: Final = 100_000
MAX_TEXT_COLUMNS: Final = 200
DELIMITERS: Final = ",;\t|"
SNIFFED_LENGTH: Final = 8_192


def decode_text(data: bytes, *, limit: int = MAX_TEXT_BYTES) -> str:
    """Return the text of a file: UTF-8, or else what Windows writes.

    Args:
        data: The file.
        limit: How many bytes it may have.

    Raises:
        ImportRefused: It is empty, too long, or no text.
    """
    if not data.strip():
        raise RefusedText("empty", Saying(_("It is empty.")))
    if len(data) > limit:
        most = limit // 1024 // 1024
        text = _("It has more than %(most)d MB; import it in several parts.")
        raise RefusedText("too_large", Saying(text, {"most": most}))
    if b"\x00" in data:
        raise RefusedText("type_mismatch", Saying(_("It is no text. Save it in UTF-8.")))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # A name in a broken encoding is shown and can be mended; a file refused helps nobody.
        return data.decode("cp1252", errors="replace")


def read_text_file(
    text: str,
    *,
    mapping: Mapping[str, str] | None = None,
    required: Sequence[str] = REQUIRED,
) -> Schedule:
    """Read the rows of a CSV file one by one, whichever of the usual delimiters it has.

    Args:
        text: The file's text.
        mapping: The header of a field where it is not the usual one.
        required: The fields whose columns have to be there.

    Raises:
        ImportRefused: It lacks a column; or, while its rows are read, it is no CSV file or has too
            many of them.
    """
    reader = _read_records(text)
    head = list(islice(reader, HEADER_SEARCH_ROWS))
    position, columns = find_columns(head, sheet="CSV", mapping=mapping, required=required)
    width = 1 + max(column.index for column in columns.values())
    padded = ([*row, *[""] * (width - len(row))] for row in chain(head, reader))
    rows = _limit_rows(list_telling_rows(padded, position, columns))
    return Schedule(sheet="CSV", columns=columns, rows=rows)


def _limit_rows(rows: Iterable[RawRow]) -> Iterator[RawRow]:
    for count, row in enumerate(rows, start=1):
        if count > MAX_TEXT_ROWS:
            raise TooManyBookings(MAX_TEXT_ROWS)
        yield row


def _read_records(text: str) -> Iterator[list[str]]:
    """Yield the records one by one: a long file is never held as cells."""
    delimiter = max(DELIMITERS, key=text[:SNIFFED_LENGTH].partition("\n")[0].count)
    records = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, row in enumerate(records, start=1):
            if len(row) > MAX_TEXT_COLUMNS:
                said = Saying(_("Row %(number)d has too many columns."), {"number": number})
                raise RefusedText("too_many_columns", said)
            yield row
    except csv.Error as error:
        # The one after those that could be read.
        said = Saying(
            _("Row %(number)d: %(reasons)s."), {"number": number + 1, "reasons": str(error)}
        )
        raise RefusedText("damaged", said) from error
