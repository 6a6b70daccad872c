"""The API's response to a bug or an outage."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from api.operations.outage import Outage, list_outage_headers

from .problems import PROBLEM_TYPE, build_problem

__all__ = ["API_PREFIX", "answer_problem"]

API_PREFIX = "/api/"

DETAILS = {
    None: (
        "failure",
        "The error was logged. Nothing you sent was stored; try again in a while.",
    ),
    Outage.DATABASE: (
        "unavailable",
        "The database cannot be reached. Nothing of what you sent was stored; try again in a "
        "minute.",
    ),
    Outage.STORAGE: (
        "storage_full",
        "There is no room for the file. Nothing of what you sent was stored.",
    ),
}


def answer_problem(request: HttpRequest, outage: Outage | None = None) -> HttpResponse:
    """Return a problem without any details; those are in the log, under the request's id."""
    code, detail = DETAILS[outage]
    status = outage.value if outage else 500
    body: dict[str, Any] = build_problem(
        status, code=code, detail=detail, instance=request.get_full_path()
    )
    return JsonResponse(
        body, status=status, content_type=PROBLEM_TYPE, headers=list_outage_headers(outage)
    )
