"""The stored rows of a plan: read one by one, and written in bulk."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from api.models import BookingImportPlanRow
from api.models.import_plan import RowAction
from api.services.bulk_update import set_values
from api.services.excel_import.decision import Decision
from api.services.excel_import.rows import BookingRow, RefusedRow

from .row_values import read_values

__all__ = ["StoredRow", "describe_decision", "read_rows", "save_decisions"]

ROWS_PER_STATEMENT: Final = 2_000
READ: Final = (
    "pk",
    "row_number",
    "values",
    "code",
    "guest_name",
    "property_label",
    "outcome",
    "booking_id",
    "changes",
    "problems",
    "action",
    "taken_fields",
    "target_id",
    "decided_by_id",
    "changed_since",
)
DECIDED: Final = (
    "outcome",
    "problems",
    "notes",
    "changes",
    "encoding_changes",
    "match",
    "sureness",
    "booking",
)
"""What a decision sets in the row of a plan."""


@dataclass(kw_only=True, slots=True)
class StoredRow:
    """A row of a plan: what the file says, what people saw, and what they decided."""

    key: int
    """The primary key."""
    row: BookingRow | RefusedRow
    """What the file says."""
    outcome: str
    """What was to become of it."""
    booking_id: int | None
    """The booking that it spoke of."""
    changes: Mapping[str, list[str]] | None
    """What differed."""
    problem_codes: tuple[str, ...]
    """Why it could not be imported."""
    action: str
    """What a person decided."""
    taken_fields: list[str] | None
    """Which values to take."""
    target_id: int | None
    """The house to move to."""
    decided_by_id: int | None
    """Who decided, or took a decision back."""
    changed_since: bool
    """Whether the bookings changed after the plan was made."""

    def is_same(self, decision: Decision) -> bool:
        """Return whether a decision is the one that people saw, apart from wording and notes."""
        codes = tuple(one.code for one in decision.problems)
        stay = decision.stay.booking_id if decision.stay else None
        return (self.outcome, self.booking_id, self.problem_codes, self.changes or {}) == (
            decision.outcome,
            stay,
            codes,
            _list_pairs(decision.changes),
        )


def read_rows(
    rows: QuerySet[BookingImportPlanRow], *, keeps_cells: bool = False
) -> Iterator[StoredRow]:
    """Yield rows of a plan, fetching at most 2,000 at a time.

    Args:
        rows: Which ones.
        keeps_cells: Whether they keep the file's cells, as a new booking does.

    Costs one query.
    """
    for row in rows.values_list(*READ).iterator(chunk_size=ROWS_PER_STATEMENT):
        key, number, values, code, guest, label, outcome, booking, changes, problems, *rest = row
        action, taken, target, decided_by, changed_since = rest
        yield StoredRow(
            key=key,
            row=read_values(
                number,
                values,
                keeps_cells=keeps_cells,
                code=code,
                guest_name=guest,
                property_label=label,
            ),
            outcome=outcome,
            booking_id=booking,
            # Most rows have none of these, and a large file has many rows.
            changes=changes or None,
            problem_codes=tuple(one["code"] for one in problems),
            action=action,
            taken_fields=taken or None,
            target_id=target,
            decided_by_id=decided_by,
            changed_since=changed_since,
        )


def describe_decision(decision: Decision) -> list[Any]:
    """Return the values of a decision in a plan's row, in the order of ``DECIDED``."""
    return [
        decision.outcome.value,
        [one.as_json() for one in decision.problems],
        [one.as_json() for one in decision.notes],
        _list_pairs(decision.changes),
        _list_pairs(decision.encoding_changes),
        decision.match.value,
        decision.sureness,
        decision.stay.booking_id if decision.stay else None,
    ]


def save_decisions(
    pairs: Iterable[tuple[StoredRow, Decision]], *, recalled: Mapping[int, int | None] | None = None
) -> int:
    """Store the current decisions about rows.

    Args:
        pairs: The rows, each with the decision.
        recalled: Who decided before to keep ours, by the number of the row.

    Returns:
        How many there were.

    Costs one statement for each 2,000.
    """
    kept = recalled or {}
    count = 0
    waiting = iter(pairs)
    while part := list(islice(waiting, ROWS_PER_STATEMENT)):
        count += len(part)
        values = {}
        for stored, decision in part:
            action, decided_by = stored.action, stored.decided_by_id
            if decision.row.number in kept:
                action, decided_by = RowAction.KEEP_OURS.value, kept[decision.row.number]
            values[stored.key] = [
                *describe_decision(decision),
                stored.changed_since,
                action,
                decided_by,
            ]
        names = [*DECIDED, "changed_since", "action", "decided_by"]
        set_values(BookingImportPlanRow, names, values)
    return count


def _list_pairs(pairs: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [old, new] for name, (old, new) in pairs.items()}
