"""Why a whole file is refused: one base, one child per reason, each worded once."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        reason = " ".join(rejected.messages)
        super().__init__(_("The workbook cannot be imported. %(reason)s") % {"reason": reason})
        self.code = rejected.code or self.code


class RefusedText(ImportRefused):
    """The file is no text that can be read.

    Args:
        code: A stable word for the reason.
        message: What is wrong, as a sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(_("The file cannot be imported. %(reason)s") % {"reason": message})
        self.code = code


class TooManyBookings(ImportRefused):
    """The sheet has more rows than one import may write."""

    code = "too_many_bookings"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("The sheet has more than %(limit)s bookings. Import it in several parts.")
            % {"limit": number_format(limit, use_l10n=True, force_grouping=True)}
        )


class MissingSheet(ImportRefused):
    """The workbook has no sheet of that name."""

    code = "missing_sheet"

    def __init__(self, wanted: str, found: Sequence[str]) -> None:
        names = ", ".join(f"“{name}”" for name in found)
        super().__init__(
            _("The workbook has no sheet “%(wanted)s”. Its sheets are %(names)s.")
            % {"wanted": wanted, "names": names}
        )


class MissingColumn(ImportRefused):
    """The sheet lacks columns without which no booking can be read."""

    code = "missing_column"

    def __init__(self, sheet: str, headers: Sequence[str], *, row: int | None) -> None:
        names = ", ".join(f"“{header}”" for header in headers)
        where = _("row %(number)d") % {"number": row} if row else _("its first rows")
        message = ngettext(
            "The sheet “%(sheet)s” has no column %(names)s (looked in %(where)s).",
            "The sheet “%(sheet)s” has no columns %(names)s (looked in %(where)s).",
            len(headers),
        )
        super().__init__(message % {"sheet": sheet, "names": names, "where": where})


class AmbiguousColumn(ImportRefused):
    """Two columns carry the same header, so nobody can say which one counts."""

    code = "ambiguous_column"

    def __init__(self, sheet: str, header: str, letters: Sequence[str]) -> None:
        super().__init__(
            _("The sheet “%(sheet)s” has the header “%(header)s” in columns %(places)s.")
            % {"sheet": sheet, "header": header, "places": _(" and ").join(letters)}
        )
