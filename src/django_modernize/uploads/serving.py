"""Serve private files to authorized users, with their inspected content type."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, parse_etags, quote_etag
from django.views import View

from ..conf import get_settings
from .kinds import KINDS
from .names import clean_name
from .thumbnails import ThumbnailError
from .verdicts import Refusal

if TYPE_CHECKING:
    from django.core.files.storage import Storage
    from django.db.models import Model

    from .files import SecureFieldFile

__all__ = ["PrivateFileView", "serve_file"]

CONTENT_TYPES: Final = {
    extension: kind.content_type for kind in KINDS.values() for extension in kind.extensions
}
SHOWN_PREFIX: Final = "image/"
"""The types that browsers display. All others are sent as attachments."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Even if a browser treated it as a page, it could neither run nor load anything.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}
RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
SIDE: Final = re.compile(r"[1-9][0-9]{0,4}")
CHUNK_BYTES: Final = 64 * 1024


class PrivateFileView(View):
    """Serve the file of a row: ``path("rooms/<int:pk>/photo", PrivateFileView.as_view(...))``.

    ``?side=256`` serves a thumbnail that the field declares, and ``?download`` sends an attachment.
    Rows hidden by the model's default manager, such as soft-deleted ones, are not found.
    """

    model: "type[Model] | None" = None
    """The model."""

    field_name: str = ""
    """The name of the file field."""

    may_read: Callable[[HttpRequest, Any], bool] | None = None
    """A callable that returns whether the user may see the file of a row. There is no default."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        """Serve the file.

        Raises:
            Http404: There is no such row, file or thumbnail.
            PermissionDenied: The user may not see the file.
        """
        if self.model is None or self.may_read is None:
            raise PermissionDenied
        row = get_object_or_404(self.model._default_manager, **where)
        if not self.may_read(request, row):
            raise PermissionDenied
        file: SecureFieldFile = getattr(row, self.field_name)
        if not file:
            raise Http404
        side = request.GET.get("side")
        return serve_file(
            request,
            file,
            side=int(side) if side and SIDE.fullmatch(side) else None,
            as_attachment=True if "download" in request.GET else None,
        )


def serve_file(
    request: HttpRequest,
    file: "SecureFieldFile",
    *,
    side: int | None = None,
    as_attachment: bool | None = None,
) -> HttpResponseBase:
    """Return the response with a stored file. The caller must check permissions.

    Args:
        request: The request, whose ``Range`` and ``If-None-Match`` headers are respected.
        file: The file of a row.
        side: The longer side of a thumbnail, in pixels.
        as_attachment: Whether to send an attachment. Defaults to true except for images.

    Raises:
        Http404: The field does not declare such a thumbnail, or the file is not in the storage.
    """
    name = str(file.name)
    if side is not None:
        try:
            name = file.make_thumbnail(side)
        except (ThumbnailError, FileNotFoundError) as error:
            raise Http404 from error
    content_type = CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    if as_attachment is None:
        as_attachment = not content_type.startswith(SHOWN_PREFIX)
    response = _hand_over(file.storage, name) or _send(request, file.storage, name)
    for header, value in HEADERS.items():
        response.headers[header] = value
    response.headers["Content-Type"] = content_type
    shown = _name_download(file, name)
    disposition = content_disposition_header(as_attachment, shown)
    response.headers["Content-Disposition"] = disposition or "attachment"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _hand_over(storage: "Storage", name: str) -> HttpResponseBase | None:
    """Return a response that makes the web server or object store send the file, if configured."""
    settings = get_settings()
    if settings.upload_handover == "signed-url":
        return HttpResponseRedirect(storage.url(name))
    if settings.upload_handover == "x-accel-redirect":
        address = settings.upload_internal_url.rstrip("/") + "/" + quote(name)
        return HttpResponse(headers={"X-Accel-Redirect": address})
    if settings.upload_handover == "x-sendfile":
        return HttpResponse(headers={"X-Sendfile": storage.path(name)})
    return None


def _send(request: HttpRequest, storage: "Storage", name: str) -> HttpResponseBase:
    # A stored file never changes, since every new file has a new name.
    etag = quote_etag(name.rpartition("/")[2])
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        size = storage.size(name)
    except FileNotFoundError as error:
        raise Http404 from error
    wanted = _read_range(request, size, etag)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = wanted
    is_part = (start, end) != (0, size)
    response = StreamingHttpResponse(
        _stream(request, storage, name, start, end - start), status=206 if is_part else 200
    )
    response.headers["Content-Length"] = str(end - start)
    response.headers["ETag"] = etag
    if is_part:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _read_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Return the first byte and the one after the last, or ``None`` if there is no valid range.

    Anything other than a single range is answered with the whole file, as the standard allows.
    """
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag or found[0] == "bytes=-":
        return 0, size
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None


def _stream(
    request: HttpRequest, storage: "Storage", name: str, start: int, length: int
) -> Iterator[bytes] | AsyncIterator[bytes]:
    chunks = _read_chunks(storage, name, start, length)
    return _read_in_thread(chunks) if isinstance(request, ASGIRequest) else chunks


def _read_chunks(storage: "Storage", name: str, start: int, length: int) -> Iterator[bytes]:
    with storage.open(name, "rb") as opened:
        opened.seek(start)
        while length and (chunk := opened.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk


async def _read_in_thread(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read from a storage without blocking the event loop."""
    while chunk := await sync_to_async(lambda: next(chunks, b""))():
        yield chunk


def _name_download(file: "SecureFieldFile", name: str) -> str:
    """Return the name of a download: the client's name with the extension of the content."""
    given = file.field.name_field and getattr(file.instance, file.field.name_field)
    extension = name.rpartition(".")[2]
    try:
        stem = clean_name(given or "").text.rpartition(".")[0]
    except Refusal:
        stem = ""
    return f"{stem or file.field.name}.{extension}"
