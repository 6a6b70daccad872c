"""Why a whole file is refused: one base, one child per reason, each worded once."""

from collections.abc import Sequence

__all__ = [
    "AmbiguousColumn",
    "EncryptedWorkbook",
    "ImportRefused",
    "MissingColumn",
    "MissingSheet",
    "NotAWorkbook",
    "OversizedWorkbook",
]


class ImportRefused(Exception):
    """The file cannot be imported; nothing was written."""

    code = "refused"


class NotAWorkbook(ImportRefused):
    """The bytes are no Excel workbook, or a damaged one."""

    code = "not_a_workbook"

    def __init__(self, fact: str) -> None:
        super().__init__(f"This is not a readable Excel workbook (.xlsx): {fact}.")


class EncryptedWorkbook(ImportRefused):
    """The workbook asks for a password."""

    code = "encrypted"

    def __init__(self) -> None:
        super().__init__(
            "The workbook is encrypted. Open it in Excel, remove the password and save it again."
        )


class OversizedWorkbook(ImportRefused):
    """The workbook would take more memory or time than an import may."""

    code = "too_large"

    def __init__(self, fact: str) -> None:
        super().__init__(f"The workbook is too large to be read safely: {fact}.")


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
