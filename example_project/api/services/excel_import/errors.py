"""Why a whole file is refused: one base, one child per reason, each worded once."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from api.models.import_reasons import (
    BY_AND,
    Grouped,
    Saying,
    join_sayings,
    quote_names,
    read_refusal,
)
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
    """The file cannot be imported; nothing was written.

    Args:
        saying: Why, for whoever reads it.
    """

    code = "refused"

    def __init__(self, saying: Saying) -> None:
        super().__init__(saying)
        self.saying = saying


class RefusedWorkbook(ImportRefused):
    """The file is no workbook, or none that may be read.

    Args:
        rejected: What the upload policy says; its code becomes this one's.
    """

    def __init__(self, rejected: UploadRejected) -> None:
        reason = read_refusal(rejected)
        super().__init__(
            Saying(_("The workbook cannot be imported. %(reason)s"), {"reason": reason})
        )
        self.code = rejected.code or self.code


class RefusedText(ImportRefused):
    """The file is no text that can be read.

    Args:
        code: A stable word for the reason.
        reason: What is wrong, as a sentence.
    """

    def __init__(self, code: str, reason: Saying) -> None:
        super().__init__(Saying(_("The file cannot be imported. %(reason)s"), {"reason": reason}))
        self.code = code


class TooManyBookings(ImportRefused):
    """The sheet has more rows than one import may write."""

    code = "too_many_bookings"

    def __init__(self, limit: int) -> None:
        super().__init__(
            Saying(
                _("The sheet has more than %(limit)s bookings. Import it in several parts."),
                {"limit": Grouped(limit)},
            )
        )


class MissingSheet(ImportRefused):
    """The workbook has no sheet of that name."""

    code = "missing_sheet"

    def __init__(self, wanted: str, found: Sequence[str]) -> None:
        names = quote_names(found)
        super().__init__(
            Saying(
                _("The workbook has no sheet “%(wanted)s”. Its sheets are %(names)s."),
                {"wanted": wanted, "names": names},
            )
        )


class MissingColumn(ImportRefused):
    """The sheet lacks columns without which no booking can be read."""

    code = "missing_column"

    def __init__(self, sheet: str, headers: Sequence[str], *, row: int | None) -> None:
        names = quote_names(headers)
        where = Saying(_("its first rows"))
        if row:
            where = Saying(_("row %(number)d"), {"number": row})
        text = _("The sheet “%(sheet)s” has no columns %(names)s (looked in %(where)s).")
        if len(headers) == 1:
            text = _("The sheet “%(sheet)s” has no column %(names)s (looked in %(where)s).")
        super().__init__(Saying(text, {"sheet": sheet, "names": names, "where": where}))


class AmbiguousColumn(ImportRefused):
    """Two columns carry the same header, so nobody can say which one counts."""

    code = "ambiguous_column"

    def __init__(self, sheet: str, header: str, letters: Sequence[str]) -> None:
        places = join_sayings([Saying("%(one)s", {"one": one}) for one in letters], BY_AND)
        super().__init__(
            Saying(
                _("The sheet “%(sheet)s” has the header “%(header)s” in columns %(places)s."),
                {"sheet": sheet, "header": header, "places": places},
            )
        )
