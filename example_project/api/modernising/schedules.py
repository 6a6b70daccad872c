"""Recurrence rules out of frequencies."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .houses import house_homeless
from .ledger import Ledger

__all__ = ["bring_schedules_home", "write_rules"]

FREQUENCIES: Final[Mapping[str, tuple[str, int]]] = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "monthly": ("MONTHLY", 1),
    "quarterly": ("MONTHLY", 3),
    "yearly": ("YEARLY", 1),
    "custom": ("DAILY", 1),
}
"""The legacy word to the frequency of a rule, and how many of it one interval is."""


def write_rules(ledger: Ledger) -> None:
    """Make a rule of each schedule's frequency, interval and last day."""
    schedules = ledger.rows("ScheduleTemplate")
    dropped = ("frequency", "interval", "end_date", "last_generated")
    ledger.keep(ledger.read(schedules), dropped, "The rule says it.")
    for batch in ledger.batches(schedules):
        for row in batch:
            row.rule, row.title = _write_rule(row), row.name
        schedules.bulk_update(batch, ["rule", "title"])


def bring_schedules_home(ledger: Ledger) -> None:
    """Give every schedule a house, and set second records of one day aside."""
    house_homeless(ledger, "ScheduleTemplate")
    ledger.set_aside(list(_find_repeated(ledger)), "The day has a record already.")


def _write_rule(schedule: Any) -> str:
    word, times = FREQUENCIES.get(schedule.frequency.lower(), FREQUENCIES["weekly"])
    parts = [f"FREQ={word}"]
    if (interval := max(1, schedule.interval) * times) > 1:
        parts.append(f"INTERVAL={interval}")
    if schedule.end_date:
        parts.append(f"UNTIL={schedule.end_date:%Y%m%d}")
    return ";".join(parts)


def _find_repeated(ledger: Ledger) -> Iterator[Any]:
    seen = set()
    for row in ledger.read(ledger.rows("GeneratedTask")):
        if (row.template_id, row.day) in seen:
            yield row
        seen.add((row.template_id, row.day))
