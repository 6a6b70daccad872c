"""How often somebody may ask."""

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
    """Counts in the cache, at the rate of ``ARISTAY_RATES``."""

    def get_rate(self) -> str | None:
        """Return the rate of today's settings; without one nothing is counted."""
        rate: str | None = settings.ARISTAY_RATES.get(self.scope)
        return rate

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """Return under what is counted; nothing where this one has no say."""
        who = self.find_ident(request)
        return who and self.cache_format % {"scope": self.scope, "ident": who}

    def find_ident(self, request: Any) -> str | None:
        """Return whom to count."""
        raise NotImplementedError


class ProcessThrottle(RateThrottle):
    """Counts in the memory of the process: every request would else write to the database."""

    @property
    def cache(self) -> Any:
        """The cache of this process."""
        return caches["process"]


class UserThrottle(ProcessThrottle):
    """Counts what a person asks, from wherever."""

    scope = "user"

    def find_ident(self, request: Any) -> str | None:
        """Return the person's key."""
        return str(request.user.pk) if request.user.is_authenticated else None


class AddressThrottle(ProcessThrottle):
    """Counts what comes from an address, whoever asks."""

    scope = "address"

    def find_ident(self, request: Any) -> str | None:
        """Return the address, as the trusted proxies saw it."""
        return read_ip_address(request)


class LogInAddressThrottle(RateThrottle):
    """Counts what an address tries with passwords, invites and resets, in all processes."""

    scope = "log_in_address"

    def find_ident(self, request: Any) -> str | None:
        """Return the address, as the trusted proxies saw it."""
        return read_ip_address(request)


class LogInNameThrottle(RateThrottle):
    """Counts what is tried with one name, from wherever: many addresses are one attack."""

    scope = "log_in_name"

    def find_ident(self, request: Any) -> str | None:
        """Return the name, as a digest: the cache is no place for what people type."""
        data = request.data if isinstance(request.data, dict) else {}
        name = data.get("username") or data.get("email")
        if not isinstance(name, str) or not name:
            return None
        # The fields strip blanks, which would else make a new name of each number of them.
        return sha256(name.strip().casefold().encode(errors="replace")).hexdigest()


class LimitedAttemptsMixin(ChangeMixin):
    """Lets a password be tried so often; put it before ``ChangeMixin``.

    Failures count with the portal's and the admin's, and outside of the frame: what is changed
    within is taken back when it fails, and the cache may be a table.
    """

    def find_tried_name(self, request: Request) -> str:
        """Return whose password is tried."""
        raise NotImplementedError

    def frame_handler(self, handler: "Handler", request: Request) -> "Handler":
        """Return a handler whose failures count."""
        framed = super().frame_handler(handler, request)

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            with limiting_attempts(request, self.find_tried_name(request)):
                return framed(request, *args, **kwargs)

        return answer
