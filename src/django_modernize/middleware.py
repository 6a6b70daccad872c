"""Fills the change context from a request, in sync and in async projects."""

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
        return finish_response(response, context)

    async def _respond_async(self, request: HttpRequest, context: ChangeContext) -> Any:
        with change_context(context):
            response: HttpResponseBase = await self.get_response(request)
        return finish_response(response, context)


def finish_response(response: HttpResponseBase, context: ChangeContext) -> HttpResponseBase:
    """Answer with the request's id, and keep the context while a body is still made."""
    response.headers.setdefault(REQUEST_ID_HEADER, str(context.request_id))
    # A file is sent by the server, which must still find it.
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        stream: Any = response.streaming_content
        run = stream_parts_async if response.is_async else stream_parts
        response.streaming_content = run(stream, context)
    return response


def stream_parts(parts: Iterator[bytes], context: ChangeContext) -> Iterator[bytes]:
    """Yield the parts of a body, each of them made in the context."""
    while True:
        # Not around the yield: whoever takes the part is somebody else.
        with change_context(context):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


async def stream_parts_async(
    parts: AsyncIterator[bytes], context: ChangeContext
) -> AsyncIterator[bytes]:
    """Do what :func:`stream_parts` does, in async code."""
    while True:
        with change_context(context):
            try:
                part = await anext(parts)
            except StopAsyncIteration:
                return
        yield part


def build_request_context(request: HttpRequest) -> ChangeContext:
    """Return the context of a request; asks for no user yet."""
    return ChangeContext(
        actor=lambda: getattr(request, "user", None),
        source=find_source(request.path_info),
        request_id=read_request_id(request),
        ip_address=read_ip_address(request),
        user_agent=read_user_agent(request),
    )


def read_user_agent(request: HttpRequest) -> str:
    """Return what the browser calls itself, less what no database could store."""
    text = request.headers.get("User-Agent", "").replace("\x00", "")
    return text.encode(errors="replace").decode()


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
