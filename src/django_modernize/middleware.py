"""Fills the change context from a request, in sync and in async projects."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .conf import get_settings
from .context import ChangeContext, change_context
from .exceptions import InvalidContext

__all__ = ["ChangeContextMiddleware"]

REQUEST_ID_HEADER = "X-Request-ID"


class ChangeContextMiddleware:
    """Make the request's user, source, id, address and browser the context of its changes.

    Place it anywhere in ``MIDDLEWARE``: the user is asked for when something is written, so one
    who becomes known later (by a token that a view checks) counts, and a request that writes
    nothing looks no user up. An ``X-Request-ID`` that is a UUID is taken over, any other request
    gets one; the response carries it.
    """

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
    ) -> None:
        self.get_response: Callable[[HttpRequest], Any] = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request within its context."""
        context = build_request_context(request)
        if self.is_async:
            return self._respond_async(request, context)
        with change_context(context):
            response: HttpResponseBase = self.get_response(request)
        response.headers.setdefault(REQUEST_ID_HEADER, str(context.request_id))
        return response

    async def _respond_async(self, request: HttpRequest, context: ChangeContext) -> Any:
        with change_context(context):
            response: HttpResponseBase = await self.get_response(request)
        response.headers.setdefault(REQUEST_ID_HEADER, str(context.request_id))
        return response


def build_request_context(request: HttpRequest) -> ChangeContext:
    """Return the context of a request; asks for no user yet."""
    return ChangeContext(
        actor=lambda: getattr(request, "user", None),
        source=find_source(request.path_info),
        request_id=read_request_id(request),
        ip_address=read_ip_address(request),
        user_agent=request.headers.get("User-Agent", "").replace("\x00", ""),
    )


def find_source(path: str) -> str:
    """Return the source that the settings give to a path; the longest prefix wins."""
    settings = get_settings()
    prefixes = [prefix for prefix in settings.request_sources_by_prefix if path.startswith(prefix)]
    if not prefixes:
        return settings.request_source
    return settings.request_sources_by_prefix[max(prefixes, key=len)]


def read_request_id(request: HttpRequest) -> UUID:
    """Return the request's own id where it is a UUID, else a new one."""
    try:
        return UUID(request.headers.get(REQUEST_ID_HEADER, ""))
    except ValueError:
        return uuid4()


def read_ip_address(request: HttpRequest) -> str | None:
    """Return the client's address as the trusted proxies saw it, ``None`` where nobody knows.

    ``X-Forwarded-For`` is appended to by each proxy, so only its last ``TRUSTED_PROXY_COUNT``
    entries are beyond the client's influence.
    """
    address = request.META.get("REMOTE_ADDR") or None
    trusted = get_settings().trusted_proxy_count
    if trusted:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        address = forwarded[-trusted] if len(forwarded) >= trusted else address
    try:
        return ChangeContext(ip_address=address or None).ip_address
    except InvalidContext:
        return None
