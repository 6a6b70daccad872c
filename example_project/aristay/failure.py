"""What is answered where an error is ours: a page to people, a problem to programs."""

import sys

from django.http import HttpRequest, HttpResponse

from api.operations.outage import find_outage
from api.portal.errors import show_failure
from api.rest.failure import API_PREFIX, answer_problem

__all__ = ["answer_failure"]


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Answer in the way that belongs to the path."""
    answer = answer_problem if request.path.startswith(API_PREFIX) else show_failure
    return answer(request, find_outage(sys.exception()))
