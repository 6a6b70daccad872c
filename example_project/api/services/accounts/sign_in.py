"""Limits login attempts, through the portal, the admin and the API together.

Each attempt takes one of a few slots, both of its address and of the name that is tried; a success
gives them back. So only failures count, and many attempts at once get no more slots than
attempts one after another.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from math import ceil
from time import time
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from django_modernize.middleware import read_ip_address

__all__ = [
    "OwnPasswordFormMixin",
    "SignInFormMixin",
    "TooManyAttempts",
    "limiting_attempts",
    "spend_attempt",
]

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm as SignInForm
    from django.contrib.auth.forms import PasswordChangeForm as OwnPasswordForm
else:
    SignInForm = OwnPasswordForm = object

SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""How long the periods of a rate are, by their first letter."""


class TooManyAttempts(ValidationError):
    """Too many failed login attempts.

    Args:
        wait: In how many seconds the next attempt is allowed.
    """

    def __init__(self, wait: int) -> None:
        self.wait = wait
        if wait < 2 * SECONDS["m"]:
            message = ngettext(
                "Too many tries. Wait for %(number)s second, then try again.",
                "Too many tries. Wait for %(number)s seconds, then try again.",
                wait,
            )
            number = wait
        else:
            number = ceil(wait / SECONDS["m"])
            message = ngettext(
                "Too many tries. Wait for %(number)s minute, then try again.",
                "Too many tries. Wait for %(number)s minutes, then try again.",
                number,
            )
        super().__init__(message % {"number": number}, code="throttled")


@contextmanager
def limiting_attempts(request: HttpRequest | None, name: str) -> Iterator[None]:
    """Allow an attempt at a password; if the block raises, the attempt counts as failed.

    The rates are ``log_in_address`` and ``log_in_name`` of ``ARISTAY_RATES``. Whether there is
    such a name makes no difference.

    Args:
        request: Whose address counts, as the trusted proxies saw it; without one the name alone
            does.
        name: The name that is tried, in any spelling that the doors take for the same.

    Raises:
        TooManyAttempts: Those before have failed too often; the block is not run.

    Costs two look-ups in the cache, and two writes.
    """
    places = spend_attempt(request, name)
    yield
    cache.delete_many(places)


def spend_attempt(request: HttpRequest | None, name: str) -> list[str]:
    """Count an attempt, whatever its result; return the slots that it took.

    Raises:
        TooManyAttempts: There is none left, of the address or of the name.
    """
    who = [("log_in_address", read_ip_address(request) or "")] if request else []
    # The forms strip blanks; otherwise each number of blanks would count as a new name.
    who.append(("log_in_name", name.strip().casefold()))
    taken = [_take_place(scope, one) for scope, one in who]
    return [place for place in taken if place]


def _take_place(scope: str, who: str) -> str | None:
    """Return a free slot, or ``None`` if no rate is set."""
    rate: str | None = settings.ARISTAY_RATES.get(scope)
    if rate is None:
        return None
    number, _slash, period = rate.partition("/")
    seconds = SECONDS[period[0]]
    # A digest, since what people type may be a password, which does not belong in the cache.
    digest = sha256(who.encode(errors="replace")).hexdigest()
    places = [f"attempts:{scope}:{digest}:{place}" for place in range(int(number))]
    now = time()
    taken = cache.get_many(places)
    for place in places:
        if place not in taken and cache.add(place, now + seconds, seconds):
            return place
    raise TooManyAttempts(max(ceil(min(taken.values(), default=now + seconds) - now), 1))


class SignInFormMixin(SignInForm):
    """Limits failures of a login form; put it before ``AuthenticationForm``."""

    def clean(self) -> Any:
        """Validate name and password, unless there were too many failures."""
        name, password = (self.cleaned_data.get(one) for one in ("username", "password"))
        if not (name and password):
            return super().clean()
        # Without a request, the caller is a test or a shell.
        with limiting_attempts(self.request, name):
            return super().clean()


class OwnPasswordFormMixin(OwnPasswordForm):
    """Limits failures with the old password; put it before ``PasswordChangeForm``.

    Otherwise whoever took over a session could find out the password, which outlives it.
    """

    def clean_old_password(self) -> str:
        """Validate the old password, unless there were too many failures."""
        with limiting_attempts(None, self.user.get_username()):
            return super().clean_old_password()
