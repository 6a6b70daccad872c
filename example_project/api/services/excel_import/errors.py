"""Why a whole file is refused: one base, one child per reason, each worded once."""

from collections.abc import Sequence

from django_modernize.uploads import UploadRejected

__all__ = [
    "AmbiguousColumn",
    "ImportRefused",
    "MissingColumn",
    "MissingSheet",
    "RefusedText",
    "RefusedWorkbook",
    "TooManyBookings",
]


class ImportRefused(Exception):
    """The file cannot be imported; nothing was written."""

    code = "refused"


class RefusedWorkbook(ImportRefused):
    """The file is no workbook, or none that may be read.

    Args:
        rejected: What the upload policy says; its code becomes this one's.
    """

    def __init__(self, rejected: UploadRejected) -> None:
        super().__init__(f"The workbook cannot be imported. {' '.join(rejected.messages)}")
        self.code = rejected.code or self.code


class RefusedText(ImportRefused):
    """The file is no text that can be read.

    Args:
        code: A stable word for the reason.
        message: What is wrong, as a sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"The file cannot be imported. {message}")
        self.code = code


class TooManyBookings(ImportRefused):
    """The sheet has more rows than one import may write."""

    code = "too_many_bookings"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The sheet has more than {limit:,} bookings. Import it in several parts.")


class MissingSheet(ImportRefused):
    """The workbook has no sheet of that name."""

    code = "missing_sheet"

    def __init__(self, wanted: str, found: Sequence[str]) -> None:
        names = ", ".join(f"“{name}”" for name in found)
        super().__init__(f"The workbook has no sheet “{wanted}”. Its sheets are {names}.")


class MissingColumn(ImportRefused):
    """The sheet lacks columns without which no booking can be read."""

    code = "missing_column"

    def __init__(self, sheet: str, headers: Sequence[str], *, row: int | None) -> None:
        names = ", ".join(f"“{header}”" for header in headers)
        where = f"row {row}" if row else "its first rows"
        noun = "column" if len(headers) == 1 else "columns"
        super().__init__(f"The sheet “{sheet}” has no {noun} {names} (looked in {where}).")


class AmbiguousColumn(ImportRefused):
    """Two columns carry the same header, so nobody can say which one counts."""

    code = "ambiguous_column"

    def __init__(self, sheet: str, header: str, letters: Sequence[str]) -> None:
        places = " and ".join(letters)
        super().__init__(f"The sheet “{sheet}” has the header “{header}” in columns {places}.")
