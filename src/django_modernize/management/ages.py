"""Parse ages on the command line."""

import re
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Final

__all__ = ["read_age"]

AGE: Final = re.compile(r"(?P<number>\d+)(?P<unit>[dhw])")
UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


def read_age(text: str) -> timedelta:
    """Return the duration given as a command line option.

    >>> read_age("90d")
    datetime.timedelta(days=90)
    """
    found = AGE.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not an age: write 12h, 90d or 8w")
    return timedelta(**{UNITS[found["unit"]]: int(found["number"])})
