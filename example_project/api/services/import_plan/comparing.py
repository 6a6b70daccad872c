"""Compares rows of a plan with what is booked now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api.models import BookingImportPlan, BookingImportPlanRow
from api.models.import_plan import LabelDecision, RowAction
from api.services.excel_import.choices import RowChoice
from api.services.excel_import.decision import Decision
from api.services.excel_import.houses import HouseIndex, load_houses
from api.services.excel_import.plan import plan_import
from api.services.excel_import.rows import BookingRow, RefusedRow
from api.services.excel_import.stays import load_stays

from .reading import find_rules, load_columns

__all__ = ["compare_rows", "is_same_decision", "load_plan_houses", "write_decision"]

DECIDED = (
    "outcome",
    "problems",
    "notes",
    "changes",
    "encoding_changes",
    "match",
    "sureness",
    "booking_id",
)
"""What a decision sets in the row of a plan."""


def load_plan_houses(plan: BookingImportPlan, *, lock: bool = False) -> HouseIndex:
    """Return the houses as the plan calls them, in three queries."""
    labels = list(plan.labels.exclude(decision=LabelDecision.OPEN))
    return load_houses(
        can_create=False,
        lock=lock,
        approved=[one.label for one in labels if one.decision == LabelDecision.APPROVED],
        mapped=[
            (one.label, one.property_id)
            for one in labels
            if one.decision == LabelDecision.MAPPED and one.property_id
        ],
    )


def compare_rows(
    plan: BookingImportPlan,
    rows: Sequence[BookingRow | RefusedRow],
    houses: HouseIndex,
    stored: Iterable[BookingImportPlanRow] = (),
) -> list[Decision]:
    """Decide what becomes of rows as things stand now, in one query.

    Args:
        plan: The plan that they are of.
        rows: The rows.
        houses: The houses.
        stored: The stored rows, for what people decided.
    """
    choices = {
        one.row_number: RowChoice(
            action=RowAction(one.action),
            fields=one.taken_fields,
            target=houses.by_pk.get(one.target_id),
        )
        for one in stored
        if one.action
    }
    targets = [choice.target for choice in choices.values() if choice.target]
    readable = [row for row in rows if isinstance(row, BookingRow)]
    stays = load_stays(readable, houses, rules=find_rules(plan), targets=targets)
    return plan_import(
        rows, houses=houses, stays=stays, columns=load_columns(plan), choices=choices
    )


def describe_decision(decision: Decision) -> dict[str, Any]:
    """Return what a row of a plan stores of a decision."""
    return {
        "outcome": decision.outcome.value,
        "problems": [asdict(one) for one in decision.problems],
        "notes": list(decision.notes),
        "changes": _list_pairs(decision.changes),
        "encoding_changes": _list_pairs(decision.encoding_changes),
        "match": decision.match.value,
        "sureness": decision.sureness,
        "booking_id": decision.stay.booking_id if decision.stay else None,
    }


def is_same_decision(stored: BookingImportPlanRow, decision: Decision) -> bool:
    """Tell whether a decision is the one that people saw; wording and notes do not count."""
    found = describe_decision(decision)
    codes = [one["code"] for one in found["problems"]]
    return (
        (found["outcome"], found["changes"], found["booking_id"])
        == (stored.outcome, stored.changes, stored.booking_id)
        and codes == [one["code"] for one in stored.problems]
    )  # fmt: skip


def write_decision(stored: BookingImportPlanRow, decision: Decision) -> BookingImportPlanRow:
    """Let the row of a plan say what a decision says; it is not saved."""
    for name, value in describe_decision(decision).items():
        setattr(stored, name, value)
    return stored


def _list_pairs(pairs: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [old, new] for name, (old, new) in pairs.items()}
