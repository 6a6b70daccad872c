"""Finds the columns of a schedule by their headers, wherever they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .errors import AmbiguousColumn, MissingColumn

__all__ = ["HEADERS", "HEADER_SEARCH_ROWS", "REQUIRED", "Column", "column_letters", "find_columns"]

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("Confirmation code",),
    "status": ("Status",),
    "guest_name": ("Guest name",),
    "guest_contact": ("Contact",),
    "adults": ("# of adults",),
    "children": ("# of children",),
    "infants": ("# of infants",),
    "start_date": ("Start date",),
    "end_date": ("End date",),
    "nights": ("# of nights",),
    "booked_on": ("Booked",),
    "listing_name": ("Listing",),
    "earnings": ("Earnings",),
    "property_label": ("Properties", "Property"),
    "source": ("Booking source", "Airbnb/VRBO"),
    "same_day_note": ("Check 1",),
    "same_day_flag": ("Check",),
}
REQUIRED: Final = ("code", "status", "guest_name", "start_date", "end_date", "property_label")
HEADER_SEARCH_ROWS: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """The position of a field's values."""

    index: int
    """Position in a row, from 0."""
    header: str
    """The header as the file spells it."""

    @property
    def letters(self) -> str:
        """The column's name in the spreadsheet: A, B, …, Z, AA."""
        return column_letters(self.index)


def column_letters(index: int) -> str:
    """Return a column's name in the spreadsheet.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_columns(
    rows: Sequence[Sequence[Any]],
    *,
    sheet: str,
    mapping: Mapping[str, str] | None = None,
    required: Sequence[str] = REQUIRED,
) -> tuple[int, Mapping[str, Column]]:
    """Return the header row's position and its columns by field.

    The header row is the one of the first rows that carries most of the known headers.

    Args:
        rows: The sheet.
        sheet: What messages call it.
        mapping: The header of a field where it is not the usual one.
        required: The fields that have to be there.

    Raises:
        MissingColumn: A required column is not there.
        AmbiguousColumn: A known header stands twice.
    """
    known = _known_headers(mapping or {})
    candidates = [_match_headers(row, known) for row in rows[:HEADER_SEARCH_ROWS]]
    matches = max(candidates, key=len, default={})
    position = candidates.index(matches) if matches else 0
    missing = [
        (mapping or {}).get(field, HEADERS[field][0]) for field in required if field not in matches
    ]
    if missing:
        raise MissingColumn(sheet, missing, row=position + 1 if matches else None)
    for columns in matches.values():
        if len(columns) > 1:
            letters = [column.letters for column in columns]
            raise AmbiguousColumn(sheet, columns[0].header, letters)
    return position, {field: columns[0] for field, columns in matches.items()}


def _known_headers(mapping: Mapping[str, str]) -> Mapping[str, str]:
    """Return the field of each header; a field that is mapped has no other header."""
    usual = {header: field for header, field in FIELDS_BY_HEADER.items() if field not in mapping}
    given = {_header_key(header): field for field, header in mapping.items() if field in HEADERS}
    return {**usual, **given}


def _match_headers(row: Sequence[Any], known: Mapping[str, str]) -> dict[str, list[Column]]:
    matches: dict[str, list[Column]] = {}
    for index, value in enumerate(row):
        field = known.get(_header_key(value))
        if field:
            column = Column(index=index, header=str(value).strip())
            matches.setdefault(field, []).append(column)
    return matches


def _header_key(value: object) -> str:
    return " ".join(str(value).split()).casefold()


FIELDS_BY_HEADER: Final[Mapping[str, str]] = {
    _header_key(header): field for field, headers in HEADERS.items() for header in headers
}
