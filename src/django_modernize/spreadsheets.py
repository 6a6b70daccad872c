"""Texts in files for spreadsheets, none of which a spreadsheet runs."""

import re
from typing import Any, Final

__all__ = ["disarm_cell"]

FORMULA_START: Final = re.compile(
    r'((?:^|[;|\t\r\n])[\s"]*)(?=[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}'
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)
"""Where a formula may begin: a text, or what becomes a cell of its own.

Quotes of CSV do not help there: a program that splits at semicolons or tabs, as a German Excel and
LibreOffice do, takes them for a part of the text.
"""


def disarm_cell(value: Any) -> Any:
    """Return what a cell of a CSV file holds, an apostrophe before each start of a formula.

    Args:
        value: The value; what is no text stays as it is, ``None`` is an empty cell.

    >>> disarm_cell("=1+1"), disarm_cell("Ann;=1+1"), disarm_cell("Ann-Kathrin"), disarm_cell(-5)
    ("'=1+1", "Ann;'=1+1", 'Ann-Kathrin', -5)
    """
    if isinstance(value, str):
        return FORMULA_START.sub(r"\1'", value)
    return "" if value is None else value
