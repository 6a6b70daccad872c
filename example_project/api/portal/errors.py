"""Pages that say what went wrong, and what to do now."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from api.rest.failure import API_PREFIX, answer_failure

__all__ = ["show_bad_request", "show_failure", "show_forbidden", "show_missing"]


def show_bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that the request could not be read."""
    return _show(
        request,
        HTTPStatus.BAD_REQUEST,
        _("That request cannot be read"),
        _("Go back, load the page anew and try again."),
    )


def show_forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that the person may not see this."""
    return _show(
        request,
        HTTPStatus.FORBIDDEN,
        _("This is not for you to open"),
        _("Ask a manager if you need it for your work."),
    )


def show_missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is nothing here."""
    return _show(
        request,
        HTTPStatus.NOT_FOUND,
        _("There is nothing here"),
        _("It may have been deleted or moved, or the address has a mistake in it."),
    )


def show_failure(request: HttpRequest) -> HttpResponse:
    """Say that it was our mistake; nothing is asked of the database, which may be what broke."""
    if request.path.startswith(API_PREFIX):
        return answer_failure(request)
    words = {
        "status": int(HTTPStatus.INTERNAL_SERVER_ERROR),
        "title": _("Something broke on our side"),
        "advice": _(
            "It has been noted. Nothing of what you sent was stored; try again in a while."
        ),
    }
    page = render_to_string("portal/failure.html", words)
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _show(request: HttpRequest, status: HTTPStatus, title: str, advice: str) -> HttpResponse:
    words = {"status": int(status), "title": title, "advice": advice}
    return HttpResponse(render_to_string("portal/error.html", words, request), status=status)
