"""What the API answers where an error is ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from .problems import PROBLEM_TYPE, build_problem

__all__ = ["API_PREFIX", "answer_failure"]

API_PREFIX = "/api/"


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Answer a problem that says nothing of what went wrong: the log does, by the request's id."""
    detail = "It has been noted. Nothing of what you sent was stored; try again in a while."
    body: dict[str, Any] = build_problem(
        500, code="failure", detail=detail, instance=request.get_full_path()
    )
    return JsonResponse(body, status=500, content_type=PROBLEM_TYPE)
