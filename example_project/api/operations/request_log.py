"""Writes a line for each request: what was asked, by whom, what was answered, how long it took."""

import logging
import time
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import LazyObject, empty

from .logs import describe_path

__all__ = ["RequestLogMiddleware"]

STARTED: Final = "aristay.started"

logger = logging.getLogger("aristay.request")


class RequestLogMiddleware(MiddlewareMixin):
    """Logs requests; it stands directly behind the change context, whose request id it shares."""

    def process_request(self, request: HttpRequest) -> None:
        """Remember when it began."""
        request.META[STARTED] = time.perf_counter()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the line; a body that is streamed is still to come then."""
        path = describe_path(request)
        facts = {
            "method": request.method,
            "path": path,
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - request.META[STARTED]) * 1000, 1),
            "user_id": find_user_id(request),
        }
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        logger.log(
            level, "%s %s %s", request.method, path, response.status_code, extra={"facts": facts}
        )
        return response


def find_user_id(request: HttpRequest) -> Any:
    """Return the key of who asks, or ``None`` for nobody and where it was never looked up."""
    user = getattr(request, "user", None)
    # A query for the log's sake alone would cost more than the line.
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return None
    return getattr(user, "pk", None)
