"""A cursor for the SQLite driver that can still be read after its transaction ended."""

import sqlite3
from typing import Any

__all__ = ["BufferedCursor"]


class BufferedCursor:
    """A driver's cursor whose rows were fetched before its transaction was committed.

    SQLite refuses a COMMIT while an ``INSERT ... RETURNING`` has rows to give.
    """

    def __init__(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self._cursor = cursor
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> "BufferedCursor":
        return self

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def execute(self, *args: Any) -> Any:
        """Run another statement; what was not fetched of this one is gone, as in any cursor."""
        self._rows = []
        return self._cursor.execute(*args)

    def fetchone(self) -> Any:
        """Return the next row, or ``None``."""
        return self._rows.pop(0) if self._rows else self._cursor.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Return up to that many of the next rows."""
        if not self._rows:
            return self._cursor.fetchmany(size)
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, []
        return rows + self._cursor.fetchall()
