"""Find the extent of a sheet's cells, since readers keep the whole rectangle that they span.

One cell at XFD1048576 in a file of 5 KB made a reader ask for gigabytes, and a reference that
overflows its counters ended the process.
"""

import re
from typing import Final

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .dimensions import refuse_damage

__all__ = ["CellExtent"]

LETTERS: Final = re.compile("[A-Z]{1,3}")
NUMBER: Final = re.compile("[1-9][0-9]{0,6}")
DIGITS: Final = "0123456789"


class CellExtent:
    """Follows the rows and cells of one sheet."""

    def __init__(self, policy: UploadPolicy) -> None:
        self._policy = policy
        self._columns: dict[str, int] = {}
        self._row = 0
        self._row_text = ""
        self._column = 0
        self.rows = 0
        """The number of the last row."""
        self.columns = 0
        """The number of the last column."""
        self.cells = 0
        """How many cells there are."""

    def begin_row(self, attributes: dict[str, str]) -> None:
        """Note a row; without a number it follows the one before it."""
        given = attributes.get("r")
        self._row = self._row + 1 if given is None else _read_number(given)
        self._row_text = str(self._row)
        self._column = 0
        if self._row > self.rows:
            self.rows = self._row
            self._check()

    def note_cell(self, attributes: dict[str, str]) -> None:
        """Note a cell; without a reference it follows the one before it."""
        self.cells += 1
        given = attributes.get("r")
        if given is None:
            self._column += 1
        else:
            # As every common program writes it: known letters, and the number of the row.
            column = self._columns.get(given.removesuffix(self._row_text))
            self._column = self._locate(given) if column is None else column
        if self._column > self.columns:
            self.columns = self._column
            self._check()

    def _locate(self, reference: str) -> int:
        letters = reference.rstrip(DIGITS)
        if not LETTERS.fullmatch(letters):
            raise refuse_damage("a cell has an impossible reference")
        row = _read_number(reference[len(letters) :])
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        self._columns[letters] = column
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        self._check()
        return column

    def _check(self) -> None:
        if self.columns > self._policy.max_columns:
            raise Refusal(RefusalCode.CELLS, limit=f"column {self._policy.max_columns:,}")
        if self.rows * max(1, self.columns) > self._policy.max_cells:
            raise Refusal(RefusalCode.CELLS, limit=f"{self._policy.max_cells:,} cells")


def _read_number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise refuse_damage("a row has an impossible number")
    return int(text)
