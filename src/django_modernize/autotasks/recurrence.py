"""Recurrence rules as of RFC 5545, by python-dateutil (the extra ``autotasks``).

See https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any, Final

from .exceptions import RuleInvalid

__all__ = ["build_rule", "find_days", "parse_rule"]

FREQUENCIES: Final = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "monthly": ("MONTHLY", 1),
    "quarterly": ("MONTHLY", 3),
    "yearly": ("YEARLY", 1),
}
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_LENGTH: Final = 500
MAX_YEARS: Final = 50
"""A rule is followed day by day from its start."""

TOO_FREQUENT: Final = ("HOURLY", "MINUTELY", "SECONDLY")


def build_rule(
    frequency: str,
    *,
    interval: int = 1,
    weekdays: Sequence[int] = (),
    day_of_month: int | None = None,
) -> str:
    """Return the rule for what people choose in a form.

    >>> build_rule("monthly", day_of_month=31)
    'FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1'
    >>> build_rule("weekly", interval=2, weekdays=[0, 4])
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR'

    Args:
        frequency: ``daily``, ``weekly``, ``monthly``, ``quarterly`` or ``yearly``.
        interval: Each how many of them.
        weekdays: 0 is Monday; without any, that of the first day.
        day_of_month: In a month that is shorter, its last day.
    """
    name, months = FREQUENCIES[frequency]
    parts = [f"FREQ={name}"]
    if interval * months > 1:
        parts.append(f"INTERVAL={interval * months}")
    if weekdays:
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in weekdays))
    if day_of_month is not None:
        # Of the days that may be the last one, the last that the month has.
        days = range(min(day_of_month, 28), day_of_month + 1)
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
        parts += ["BYSETPOS=-1"] if day_of_month > 28 else []
    return ";".join(parts)


def parse_rule(text: str, start: datetime.date) -> Any:
    """Return a rule that counts from a day.

    Args:
        text: ``FREQ=WEEKLY;BYDAY=MO``, with or without ``RRULE:`` before it.
        start: The first day on which it may be.

    Raises:
        RuleInvalid: It is no rule, or one for parts of a day.
        ImportError: python-dateutil is not installed.
    """
    from dateutil.rrule import rrulestr  # only who has recurring tasks needs it

    if len(text) > MAX_LENGTH:
        raise RuleInvalid(f"The rule is longer than {MAX_LENGTH} characters.")
    if any(word in text.upper() for word in TOO_FREQUENT):
        raise RuleInvalid("A rule is for days: its FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.")
    # A start or exceptions within the text would quietly win over those beside it.
    if "\n" in text.strip() or "DTSTART" in text.upper():
        raise RuleInvalid(
            "Write the rule alone, as FREQ=WEEKLY;BYDAY=MO; its start stands beside it."
        )
    try:
        return rrulestr(
            text.strip().removeprefix("RRULE:"),
            dtstart=datetime.datetime.combine(start, datetime.time()),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleInvalid(
            f"{text!r} is no rule ({error}): write it as FREQ=WEEKLY;BYDAY=MO."
        ) from None


def find_days(
    text: str,
    *,
    start: datetime.date,
    first: datetime.date,
    last: datetime.date,
    exceptions: Collection[str] = (),
) -> list[datetime.date]:
    """Return the days of a rule within two days, both included.

    Args:
        text: The rule.
        start: The day that it counts from, which is the first only if the rule says so.
        first: The first day that is asked for.
        last: The last one.
        exceptions: Days that are left out, as ``2026-12-24``.

    Raises:
        RuleInvalid: See :func:`parse_rule`; or it starts more than 50 years before.
    """
    if last.year - start.year > MAX_YEARS:
        raise RuleInvalid(f"The rule starts more than {MAX_YEARS} years ago: begin it later.")
    rule = parse_rule(text, start)
    end = datetime.datetime.combine(last, datetime.time())
    # Without an end a rule that never comes true is followed through eight thousand years.
    bounded = rule.replace(until=min(rule._until or end, end), count=None)
    found = [one.date() for one in bounded][: rule._count]
    return [day for day in found if day >= first and day.isoformat() not in exceptions]
