"""One profile for everybody: missing ones are made, doubles are set aside."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import available_timezones

from django.conf import settings

from .ledger import Ledger, Repair

__all__ = ["leave_one_profile"]

ROLES: Final = ("viewer", "staff", "manager", "superuser")
"""From the least on."""


def leave_one_profile(ledger: Ledger) -> None:
    """Make every user have exactly one profile, with a role and a time zone that exist."""
    doubles = _find_doubles(ledger)
    ledger.change(_merge_doubles(doubles))
    ledger.set_aside(
        (row for rows in doubles for row in rows[1:]), "The user has an older profile, which stays."
    )
    _make_missing(ledger)
    ledger.change(_mend_words(ledger))


def _find_doubles(ledger: Ledger) -> list[list[Any]]:
    profiles = defaultdict(list)
    for row in ledger.read(ledger.rows("Profile")):
        profiles[row.user_id].append(row)
    return [rows for rows in profiles.values() if len(rows) > 1]


def _merge_doubles(doubles: list[list[Any]]) -> Iterator[Repair]:
    for first, *others in doubles:
        rows = [first, *others]
        best = {
            "phone_number": _choose_known(rows, "phone_number"),
            "address": _choose_known(rows, "address"),
            "role": min((row.role for row in rows), key=_rank_role),
            "digest_opt_out": any(row.digest_opt_out for row in rows),
        }
        values = {name: value for name, value in best.items() if getattr(first, name) != value}
        if values:
            yield Repair(first, values, "What the user's other profiles say; the least role.")


def _choose_known(rows: list[Any], name: str) -> str:
    return next((value for row in rows if (value := getattr(row, name))), "")


def _make_missing(ledger: Ledger) -> None:
    model: Any = ledger.apps.get_model("api", "Profile")
    lacking = ledger.rows("User").exclude(pk__in=ledger.rows("Profile").order_by().values("user"))
    ledger.make(
        (
            model(
                user=user,
                role="superuser" if user.is_superuser else "viewer",
                timezone=settings.TIME_ZONE,
            )
            for user in list(lacking)
        ),
        "The user had no profile.",
    )


def _mend_words(ledger: Ledger) -> Iterator[Repair]:
    zones = available_timezones()
    for row in ledger.read(ledger.rows("Profile")):
        role = _read_role(row.role)
        if role != row.role:
            yield Repair(row, {"role": role}, f"{row.role!r} is no role.")
        if row.timezone not in zones:
            values = {"timezone": settings.TIME_ZONE}
            yield Repair(row, values, f"{row.timezone!r} is no time zone.")


def _read_role(word: str) -> str:
    role = word.strip().lower()
    return role if role in ROLES else ROLES[0]


def _rank_role(word: str) -> int:
    return ROLES.index(_read_role(word))
