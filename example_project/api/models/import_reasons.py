"""Says in a sentence why a row of a file is refused or in conflict."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

__all__ = ["PlacedReason", "tell_reasons"]


class PlacedReason(NamedTuple):
    """What is wrong, and in which cell."""

    column: str
    """The column's letters; empty where the whole row is meant."""
    header: str
    """The column's header; empty where the whole row is meant."""
    message: str
    """What is wrong, as the rest of a sentence."""

    @property
    def text(self) -> str:
        """The message with its place in the row."""
        if not self.column:
            return self.message
        return _("column %(letters)s (%(header)s): %(message)s") % {
            "letters": self.column,
            "header": self.header,
            "message": self.message,
        }


def tell_reasons(number: int, reasons: Sequence[PlacedReason]) -> str:
    """Return the reasons of a row as one sentence with row and columns.

    Args:
        number: The row's number in the spreadsheet.
        reasons: One or more.
    """
    values = {"number": number, "reasons": "; ".join(reason.text for reason in reasons)}
    if reasons[0].column:
        return _("Row %(number)d, %(reasons)s.") % values
    return _("Row %(number)d: %(reasons)s.") % values
