"""Convert the values of SQLite columns to JSON, whatever they contain."""

from typing import Final

from django.conf import settings

from ...triggers.identifiers import quote_literal
from ..masking import STARS
from .tables import RecordedColumn

__all__ = ["json_text", "json_value"]

LARGEST_FLOAT: Final = "1.7976931348623157e308"

# Each mention of a value counts: all triggers are parsed with each connection that is opened, and
# compiled with each statement.

# SQLite lets any column hold a BLOB, which its JSON functions refuse. Each BLOB comes after the
# empty one, and anything else before it: to compare costs a third of calling typeof().
PLAIN: Final = "iif({0} >= x'', hex({0}), {0})"

# A column of text holds no number, and any other may hold one that JSON does not know.
NUMBER: Final = (
    f"CASE WHEN {{0}} BETWEEN -{LARGEST_FLOAT} AND {LARGEST_FLOAT} THEN {{0}}"
    " WHEN {0} >= x'' THEN hex({0}) ELSE CAST({0} AS text) END"
)

TEXT_TYPES: Final = ("char", "varchar", "text")

JSON_VALUE: Final = {
    "BooleanField": "CASE {0} WHEN 1 THEN json('true') WHEN 0 THEN json('false')"
    f" ELSE {NUMBER} END",
    # A JSON number would come back as a float.
    "DecimalField": "CAST({0} AS text)",
    # SQLite's own JSON keeps 15 of a float's 17 digits, the last of which it may
    # get wrong unless asked for one more; and JSON has no infinity.
    "FloatField": f"CASE WHEN typeof({{0}}) <> 'real' THEN {PLAIN}"
    f" WHEN abs({{0}}) > {LARGEST_FLOAT} THEN CAST({{0}} AS text)"
    " ELSE json(printf('%!.18g', {0})) END",
    "JSONField": f"CASE WHEN json_valid({{0}}) THEN json({{0}}) ELSE {PLAIN} END",
}
"""Field type to SQL whose value SQLite's JSON functions take as it is meant."""

MOMENT: Final = "replace({0}, ' ', 'T') || '+00:00'"


def json_value(column: RecordedColumn, value: str) -> str:
    """Return SQL for a value as an argument of ``json_object`` and its kin."""
    if column.mask:
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE {quote_literal(STARS)} END"
    if column.kind == "BinaryField":
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE lower(hex({value})) END"
    if column.kind == "DateTimeField" and settings.USE_TZ:
        return MOMENT.replace("{0}", value)
    plain = PLAIN if column.database_type.startswith(TEXT_TYPES) else NUMBER
    return JSON_VALUE.get(column.kind, plain).replace("{0}", value)


def json_text(column: RecordedColumn, value: str) -> str:
    """Return SQL for a value as the text of JSON, ``null`` included."""
    return f"json_quote({json_value(column, value)})"
