"""Responses to server errors: a page for people, a problem for programs."""

import sys

from django.http import HttpRequest, HttpResponse

from api.operations.outage import find_outage
from api.portal.errors import show_failure
from api.rest.failure import API_PREFIX, answer_problem

__all__ = ["answer_failure"]


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Return the kind of response that fits the path."""
    answer = answer_problem if request.path.startswith(API_PREFIX) else show_failure
    return answer(request, find_outage(sys.exception()))
