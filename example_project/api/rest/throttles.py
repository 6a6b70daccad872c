"""Rate limits."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from api.services.accounts import limiting_attempts
from django_modernize.middleware import read_ip_address

__all__ = [
    "AddressThrottle",
    "LimitedAttemptsMixin",
    "LogInAddressThrottle",
    "LogInNameThrottle",
    "UserThrottle",
]

if TYPE_CHECKING:
    from .views import ChangeMixin, Handler
else:
    ChangeMixin = object


class RateThrottle(SimpleRateThrottle):
    """Counts requests in the cache, with the rates of ``ARISTAY_RATES``."""

    def get_rate(self) -> str | None:
        """Return the rate from the current settings; without one, nothing is limited."""
        rate: str | None = settings.ARISTAY_RATES.get(self.scope)
        return rate

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """Return the cache key, or None if this throttle does not apply."""
        who = self.find_ident(request)
        return who and self.cache_format % {"scope": self.scope, "ident": who}

    def find_ident(self, request: Any) -> str | None:
        """Return what to count by."""
        raise NotImplementedError


class ProcessThrottle(RateThrottle):
    """Counts in the memory of the process: else every request would write to the database."""

    @property
    def cache(self) -> Any:
        """The cache of this process."""
        return caches["process"]


class UserThrottle(ProcessThrottle):
    """Counts the requests of a user, from any address."""

    scope = "user"

    def find_ident(self, request: Any) -> str | None:
        """Return the user's key."""
        return str(request.user.pk) if request.user.is_authenticated else None


class AddressThrottle(ProcessThrottle):
    """Counts the requests of an address, whoever sends them."""

    scope = "address"

    def find_ident(self, request: Any) -> str | None:
        """Return the address, as seen by the trusted proxies."""
        return read_ip_address(request)


class LogInAddressThrottle(RateThrottle):
    """Counts an address's attempts with passwords, invites and resets, across all processes."""

    scope = "log_in_address"

    def find_ident(self, request: Any) -> str | None:
        """Return the address, as seen by the trusted proxies."""
        return read_ip_address(request)


class LogInNameThrottle(RateThrottle):
    """Counts the attempts with one name from any address: many addresses can be one attack."""

    scope = "log_in_name"

    def find_ident(self, request: Any) -> str | None:
        """Return the name as a digest, since what people type does not belong in the cache."""
        data = request.data if isinstance(request.data, dict) else {}
        name = data.get("username") or data.get("email")
        if not isinstance(name, str) or not name:
            return None
        # The fields strip blanks; otherwise each number of blanks would count as a new name.
        return sha256(name.strip().casefold().encode(errors="replace")).hexdigest()


class LimitedAttemptsMixin(ChangeMixin):
    """Limits the attempts at a password; put it before ``ChangeMixin``.

    Failures count together with the portal's and the admin's, and outside of the transaction: it
    is rolled back on failure, and the cache may be a table.
    """

    def find_tried_name(self, request: Request) -> str:
        """Return the name whose password is tried."""
        raise NotImplementedError

    def frame_handler(self, handler: "Handler", request: Request) -> "Handler":
        """Return a handler whose failures are counted."""
        framed = super().frame_handler(handler, request)

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            with limiting_attempts(request, self.find_tried_name(request)):
                return framed(request, *args, **kwargs)

        return answer
