"""Convert the values of PostgreSQL columns to JSON or masks."""

from typing import Final

from ...triggers.identifiers import quote_literal
from ..masking import HASH_DIGITS, HASH_PREFIX, STARS, MaskKind
from ..row_texts import RowKind
from .tables import RecordedColumn

__all__ = ["json_text", "json_value", "row_value"]

NUMBER_TYPES: Final = ("smallint", "integer", "bigint", "smallserial", "serial", "bigserial")

TEXT_KINDS: Final = ("BinaryField", "DecimalField")
"""Fields whose values are already text."""

ROW_KINDS: Final = {
    **dict.fromkeys(("smallint", "integer", "bigint", "jsonb"), RowKind.JSON),
    **dict.fromkeys(("varchar", "text", "uuid", "date"), RowKind.STRING),
    "boolean": RowKind.BOOLEAN,
    "timestamp with time zone": RowKind.MOMENT,
}
"""By what the database's type begins with."""

# The key goes in twice, so that nobody can go on from one hash to that of a longer value. What the
# value belongs to goes in too: hashes of two objects tell nothing of one another, so that neither
# counting equal ones nor writing a guess into a row of one's own gives a value away.
HASH: Final = (
    f"'{HASH_PREFIX}' || left(encode(sha256(event_secret || sha256(event_secret || convert_to("
    f"json_build_array({{parts}})::text, 'UTF8'))), 'hex'), {HASH_DIGITS})"
)


def json_text(column: RecordedColumn, value: str, *, label: str, key: str) -> str:
    """Return SQL that gives a value as the text of JSON.

    Args:
        column: What the value is of.
        value: SQL for the value.
        label: The type of the object that it belongs to.
        key: SQL for the key of that object, as text.
    """
    if column.mask is None and column.database_type in (*NUMBER_TYPES, "jsonb"):
        return f"{value}::text"
    return f"to_json({json_value(column, value, label=label, key=key)})::text"


def json_value(column: RecordedColumn, value: str, *, label: str, key: str) -> str:
    """Return SQL whose value PostgreSQL itself converts to JSON without loss."""
    if column.mask is None:
        return _clear_value(column, value)
    shown = f"{quote_literal(STARS)}::text"
    if column.mask is MaskKind.HASH:
        owner = f"{quote_literal(label)}::text, {key}, {quote_literal(column.name)}::text"
        shown = HASH.format(parts=f"{owner}, {_clear_value(column, value)}")
    return f"CASE WHEN {value} IS NOT NULL THEN {shown} END"


def row_value(column: RecordedColumn, value: str, *, label: str, key: str) -> tuple[str, RowKind]:
    """Return SQL for a value in the text of a row, and the kind of its text.

    Types with a single text format in PostgreSQL are written as text, all others as JSON.
    """
    shown = json_value(column, value, label=label, key=key)
    if column.mask is not None or column.kind in TEXT_KINDS:
        return shown, RowKind.STRING
    kind = next(
        (kind for name, kind in ROW_KINDS.items() if column.database_type.startswith(name)), None
    )
    if kind is None or column.database_type.endswith("]"):
        return f"to_json({shown})::text", RowKind.JSON
    return shown, kind


def _clear_value(column: RecordedColumn, value: str) -> str:
    if column.kind == "BinaryField":
        return f"encode({value}, 'hex')"
    if column.kind == "DecimalField":
        # A JSON number would come back as a float.
        return f"{value}::text"
    if column.database_type.startswith("numeric(") and column.database_type.endswith("]"):
        return f"{value}::text[]"
    if column.kind == "DurationField":
        # Not a bigint, into which the longest durations do not fit.
        return f"trunc(extract(epoch FROM {value}) * 1000000)"
    return value
