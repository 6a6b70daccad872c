"""What the API answers where an error is ours, or something is out of order."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from api.operations.outage import Outage

from .problems import PROBLEM_TYPE, build_problem

__all__ = ["API_PREFIX", "answer_failure", "list_failure_headers"]

API_PREFIX = "/api/"
RETRY_SECONDS = 30

DETAILS = {
    None: (
        "failure",
        "It has been noted. Nothing of what you sent was stored; try again in a while.",
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


def answer_failure(request: HttpRequest, outage: Outage | None = None) -> HttpResponse:
    """Answer a problem that says nothing of what went wrong: the log does, by the request's id."""
    code, detail = DETAILS[outage]
    status = outage.value if outage else 500
    body: dict[str, Any] = build_problem(
        status, code=code, detail=detail, instance=request.get_full_path()
    )
    return JsonResponse(
        body, status=status, content_type=PROBLEM_TYPE, headers=list_failure_headers(outage)
    )


def list_failure_headers(outage: Outage | None) -> dict[str, str]:
    """Return the headers that go with an outage: when to come back."""
    return {"Retry-After": str(RETRY_SECONDS)} if outage is Outage.DATABASE else {}
