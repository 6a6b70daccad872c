"""Recurrence rules as of RFC 5545, by python-dateutil (the extra ``autotasks``).

See https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from .exceptions import RuleInvalid

__all__ = ["FREQUENCIES", "build_rule", "find_days", "list_next", "parse_rule", "read_rule"]

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
    month: int | None = None,
    last: datetime.date | None = None,
) -> str:
    """Return the rule for what people choose in a form.

    >>> build_rule("monthly", day_of_month=31)
    'FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1'
    >>> build_rule("weekly", interval=2, weekdays=[0, 4])
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR'

    Args:
        frequency: ``daily``, ``weekly``, ``monthly``, ``quarterly`` or ``yearly``.
        interval: The interval between occurrences, in units of the frequency.
        weekdays: The weekdays, where 0 is Monday. Defaults to that of the first day.
        day_of_month: The day of the month. In shorter months, the last day is used.
        month: The month of a yearly rule with a day of the month.
        last: The last day to include.
    """
    name, months = FREQUENCIES[frequency]
    parts = [f"FREQ={name}"]
    if interval * months > 1:
        parts.append(f"INTERVAL={interval * months}")
    if weekdays:
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in weekdays))
    if month is not None:
        parts.append(f"BYMONTH={month}")
    if day_of_month is not None:
        # Of the days that may be the last one, the last that the month has.
        days = range(min(day_of_month, 28), day_of_month + 1)
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
        parts += ["BYSETPOS=-1"] if day_of_month > 28 else []
    parts += [f"UNTIL={last:%Y%m%d}"] if last else []
    return ";".join(parts)


def read_rule(text: str, first: datetime.date) -> dict[str, Any] | None:
    """Return the choices from which :func:`build_rule` built a rule, or ``None`` for other rules.

    Only rules that the same choices would build again are parsed, so a form may save them.

    >>> read_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", datetime.date(2026, 1, 1))["weekdays"]
    [0, 4]

    Args:
        text: The rule.
        first: Its first day, in whose month a yearly rule comes again.
    """
    pairs = [part.partition("=") for part in text.strip().removeprefix("RRULE:").split(";")]
    parts = {name: value for name, _sign, value in pairs}
    names = {name: word for word, (name, months) in FREQUENCIES.items() if months == 1}
    frequency = names.get(parts.get("FREQ", ""))
    interval = parts.get("INTERVAL", "1")
    if frequency is None or not interval.isdecimal():
        return None
    chosen: dict[str, Any] = {
        "frequency": frequency,
        "interval": int(interval),
        "weekdays": _read_weekdays(parts.get("BYDAY", "")) if frequency == "weekly" else [],
        "day_of_month": _read_month_day(parts) if frequency in ("monthly", "yearly") else None,
        "last_day": _read_day(parts.get("UNTIL", "")),
    }
    if frequency == "monthly" and chosen["interval"] % 3 == 0:
        chosen |= {"frequency": "quarterly", "interval": int(interval) // 3}
    again = build_rule(
        chosen["frequency"],
        interval=chosen["interval"],
        weekdays=chosen["weekdays"],
        day_of_month=chosen["day_of_month"],
        month=first.month if frequency == "yearly" and "BYMONTH" in parts else None,
        last=chosen["last_day"],
    )
    return chosen if again == text else None


def _read_weekdays(text: str) -> list[int]:
    return [WEEKDAYS.index(day) for day in text.split(",") if day in WEEKDAYS]


def _read_month_day(parts: Mapping[str, str]) -> int | None:
    days = parts.get("BYMONTHDAY", "")
    return int(days.split(",")[-1]) if days.replace(",", "").isdecimal() else None


def _read_day(text: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def parse_rule(text: str, start: datetime.date) -> Any:
    """Return a rule that counts from a day.

    Args:
        text: ``FREQ=WEEKLY;BYDAY=MO``, with or without ``RRULE:`` before it.
        start: The first possible day.

    Raises:
        RuleInvalid: It is not a valid rule, or recurs within a day.
        ImportError: python-dateutil is not installed.
    """
    from dateutil.rrule import rrulestr  # only who has recurring tasks needs it

    if len(text) > MAX_LENGTH:
        raise RuleInvalid(_("The rule is longer than %d characters.") % MAX_LENGTH)
    if any(word in text.upper() for word in TOO_FREQUENT):
        raise RuleInvalid(_("A rule is for days: its FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."))
    # A start or exceptions within the text would quietly win over those beside it.
    if "\n" in text.strip() or "DTSTART" in text.upper():
        raise RuleInvalid(
            _("Write the rule alone, as FREQ=WEEKLY;BYDAY=MO; its start stands beside it.")
        )
    try:
        return rrulestr(
            text.strip().removeprefix("RRULE:"),
            dtstart=datetime.datetime.combine(start, datetime.time()),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleInvalid(
            _("“%(rule)s” is no rule (%(problem)s): write it as FREQ=WEEKLY;BYDAY=MO.")
            % {"rule": text, "problem": error}
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
        raise RuleInvalid(_("The rule starts more than %d years ago: begin it later.") % MAX_YEARS)
    rule = parse_rule(text, start)
    end = datetime.datetime.combine(last, datetime.time())
    # Without an end a rule that never comes true is followed through eight thousand years.
    bounded = rule.replace(until=min(rule._until or end, end), count=None)
    found = [one.date() for one in bounded][: rule._count]
    return [day for day in found if day >= first and day.isoformat() not in exceptions]


def list_next(
    text: str,
    *,
    start: datetime.date,
    first: datetime.date,
    count: int,
    exceptions: Collection[str] = (),
) -> list[datetime.date]:
    """Return the next days of a rule, within the fifty years that a rule is followed.

    Args:
        text: The rule.
        start: The day that it counts from.
        first: The first day that is asked for.
        count: How many days at most.
        exceptions: Days that are left out.

    Raises:
        RuleInvalid: See :func:`find_days`.
    """
    found: list[datetime.date] = []
    # Most rules have their next days soon, and a rare one has few.
    for years in (1, 4, 16, MAX_YEARS):
        last = first + datetime.timedelta(days=365 * years)
        if last.year - start.year > MAX_YEARS:
            break
        found = find_days(text, start=start, first=first, last=last, exceptions=exceptions)
        if len(found) >= count:
            break
    return found[:count]
