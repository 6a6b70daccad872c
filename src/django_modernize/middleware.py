"""Middleware that sets the change context from the request, in sync and async projects."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from .conf import get_settings
from .context import ChangeContext, change_context
from .exceptions import InvalidContext

__all__ = ["ChangeContextMiddleware"]

REQUEST_ID_HEADER = "X-Request-ID"


class ChangeContextMiddleware:
    """Record the user, source, id, IP address and user agent of the request with its changes.

    Place it anywhere in ``MIDDLEWARE``. The user is evaluated when something is written, so a
    user authenticated later (by a token that a view checks) is recorded, and a request that
    writes nothing does not look up the user. If the ``X-Request-ID`` header is a UUID, it becomes
    the id of the request; otherwise a new one is generated. The response returns it.
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
        """Return the response to a request, handled within its context."""
        context = build_request_context(request)
        if self.is_async:
            return self._respond_async(request, context)
        with change_context(context):
            response: HttpResponseBase = self.get_response(request)
        return finish_response(response, context)

    async def _respond_async(self, request: HttpRequest, context: ChangeContext) -> Any:
        with change_context(context):
            response: HttpResponseBase = await self.get_response(request)
        return finish_response(response, context)


def finish_response(response: HttpResponseBase, context: ChangeContext) -> HttpResponseBase:
    """Add the request id to a response, and keep the context while its body is streamed."""
    response.headers.setdefault(REQUEST_ID_HEADER, str(context.request_id))
    # The server sends a file by itself, and needs the original response to do so.
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        stream: Any = response.streaming_content
        run = stream_parts_async if response.is_async else stream_parts
        response.streaming_content = run(stream, context)
    return response


def stream_parts(parts: Iterator[bytes], context: ChangeContext) -> Iterator[bytes]:
    """Yield the parts of a streamed body, each produced within the context."""
    while True:
        # Do not yield inside the block: the consumer must not run in this context.
        with change_context(context):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


async def stream_parts_async(
    parts: AsyncIterator[bytes], context: ChangeContext
) -> AsyncIterator[bytes]:
    """Async version of :func:`stream_parts`."""
    while True:
        with change_context(context):
            try:
                part = await anext(parts)
            except StopAsyncIteration:
                return
        yield part


def build_request_context(request: HttpRequest) -> ChangeContext:
    """Return the context of a request, without looking up the user."""
    return ChangeContext(
        actor=lambda: getattr(request, "user", None),
        source=find_source(request.path_info),
        request_id=read_request_id(request),
        ip_address=read_ip_address(request),
        user_agent=read_user_agent(request),
    )


def read_user_agent(request: HttpRequest) -> str:
    """Return the user agent, without characters that a database cannot store."""
    text = request.headers.get("User-Agent", "").replace("\x00", "")
    return text.encode(errors="replace").decode()


def find_source(path: str) -> str:
    """Return the source that the settings map to a path. The longest prefix wins."""
    settings = get_settings()
    prefixes = [prefix for prefix in settings.request_sources_by_prefix if path.startswith(prefix)]
    if not prefixes:
        return settings.request_source
    return settings.request_sources_by_prefix[max(prefixes, key=len)]


def read_request_id(request: HttpRequest) -> UUID:
    """Return the ``X-Request-ID`` of the request if it is a UUID, or a new id."""
    try:
        return UUID(request.headers.get(REQUEST_ID_HEADER, ""))
    except ValueError:
        return uuid4()


def read_ip_address(request: HttpRequest) -> str | None:
    """Return the client's address as the trusted proxies saw it, or ``None`` if unknown.

    Each proxy appends to ``X-Forwarded-For``, so the client can forge all but its last
    ``TRUSTED_PROXY_COUNT`` entries.
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
