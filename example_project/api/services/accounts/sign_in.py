"""How often somebody may try a password, by whichever door: the portal, the admin or the API.

Each try takes a place out of a few, of its address and of the name that is tried, and one that
succeeds gives them back. So failures alone count, and many tries at once get no more places than
one after another.
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
    """Somebody has failed too often to sign in.

    Args:
        wait: In how many seconds the next try is free.
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
    """Let somebody try a password; a block that raises has failed, and counts.

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
    """Count a try, whatever becomes of it; return the places that it took.

    Raises:
        TooManyAttempts: There is none left, of the address or of the name.
    """
    who = [("log_in_address", read_ip_address(request) or "")] if request else []
    # The doors strip blanks, which would else make a new name of each number of them.
    who.append(("log_in_name", name.strip().casefold()))
    taken = [_take_place(scope, one) for scope, one in who]
    return [place for place in taken if place]


def _take_place(scope: str, who: str) -> str | None:
    """Return a place that was free, ``None`` where no rate is set."""
    rate: str | None = settings.ARISTAY_RATES.get(scope)
    if rate is None:
        return None
    number, _slash, period = rate.partition("/")
    seconds = SECONDS[period[0]]
    # A digest: the cache is no place for what people type, which may be a password.
    digest = sha256(who.encode(errors="replace")).hexdigest()
    places = [f"attempts:{scope}:{digest}:{place}" for place in range(int(number))]
    now = time()
    taken = cache.get_many(places)
    for place in places:
        if place not in taken and cache.add(place, now + seconds, seconds):
            return place
    raise TooManyAttempts(max(ceil(min(taken.values(), default=now + seconds) - now), 1))


class SignInFormMixin(SignInForm):
    """Limits how often a form for name and password fails; put it before ``AuthenticationForm``."""

    def clean(self) -> Any:
        """Judge name and password, unless those before were wrong too often."""
        name, password = (self.cleaned_data.get(one) for one in ("username", "password"))
        if not (name and password):
            return super().clean()
        # Without a request there is no browser, but a test or a shell.
        with limiting_attempts(self.request, name):
            return super().clean()


class OwnPasswordFormMixin(OwnPasswordForm):
    """Limits how often the old password is wrong; put it before ``PasswordChangeForm``.

    Whoever has taken over a session would else find the password out, which outlives it.
    """

    def clean_old_password(self) -> str:
        """Judge the old password, unless those before were wrong too often."""
        with limiting_attempts(None, self.user.get_username()):
            return super().clean_old_password()
