"""What the logs of imports said as text, as a row for each conflict and error."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from .ledger import Ledger

__all__ = ["write_rows"]

MARK: Final = "CONFLICTS_DATA:"
NUMBERED: Final = re.compile(r"row\s+(?P<number>\d+)\b[:\s]*(?P<reason>.*)", re.IGNORECASE)
LARGEST: Final = 2_147_483_647

Entry = dict[str, Any]


def write_rows(ledger: Ledger) -> None:
    """Make the rows; the text itself is in the records of the phase before."""
    model: Any = ledger.apps.get_model("api", "BookingImportRow")
    texts = ledger.rows("ModernisationRecord").filter(phase="imports: files")
    known = set(ledger.rows("BookingImportLog").values_list("pk", flat=True))
    for record in ledger.read(texts.filter(object_id__in=known)):
        entries = number_entries(read_entries(record.old["errors_log"]))
        ledger.make(
            (model(log_id=record.object_id, **entry) for entry in entries),
            "The log said it as text.",
        )


def read_entries(text: str) -> Iterator[Entry]:
    """Yield what a text says, in the order in which it says it; ``row_number`` is 0 if unknown."""
    errors, _mark, conflicts = text.partition(MARK)
    for line in filter(None, map(str.strip, errors.splitlines())):
        found = NUMBERED.fullmatch(line)
        number = int(found["number"]) if found else 0
        reason = found["reason"] if found else line
        yield {"row_number": number, "outcome": "refused", "reason": reason or line}
    if conflicts.strip():
        yield from _read_conflicts(conflicts)


def number_entries(entries: Iterator[Entry]) -> list[Entry]:
    """Give every entry a number of its own: what has none, or one that is taken, comes last."""
    listed = list(entries)
    taken = {0}
    for entry in listed:
        is_free = 0 < entry["row_number"] <= LARGEST and entry["row_number"] not in taken
        entry["row_number"] = entry["row_number"] if is_free else 0
        taken.add(entry["row_number"])
    last = max(taken)
    for entry in listed:
        if not entry["row_number"]:
            last += 1
            entry["row_number"] = last
    return listed


def _read_conflicts(text: str) -> Iterator[Entry]:
    try:
        conflicts = json.loads(text)
    except (ValueError, RecursionError):
        conflicts = None
    if not isinstance(conflicts, list):
        yield {"row_number": 0, "outcome": "conflict", "reason": text.strip()}
        return
    for conflict in conflicts:
        yield _read_conflict(conflict if isinstance(conflict, dict) else {"reason": conflict})


def _read_conflict(conflict: dict[str, Any]) -> Entry:
    number = conflict.get("row_number")
    return {
        "row_number": number if isinstance(number, int) else 0,
        "outcome": "conflict",
        "code": str(conflict.get("confirmation_code", ""))[:100],
        "guest_name": str(conflict.get("guest_name", ""))[:200],
        "property_label": str(conflict.get("property_name", ""))[:200],
        "reason": str(conflict.get("reason", "")) or json.dumps(conflict),
    }
