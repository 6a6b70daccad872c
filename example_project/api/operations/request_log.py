"""Logs a line for each request: what was requested, by whom, the response and how long it took."""

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
    """Logs requests; place it directly after the change context, whose request id it uses."""

    def process_request(self, request: HttpRequest) -> None:
        """Store the start time."""
        request.META[STARTED] = time.perf_counter()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the line; the body of a streaming response has not been sent yet."""
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
    """Return the key of the user, or ``None`` if there is none or it was never looked up."""
    user = getattr(request, "user", None)
    # Loading the user only for the log would cost more than the line.
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return None
    return getattr(user, "pk", None)
