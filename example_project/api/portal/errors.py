"""Error pages, which say what went wrong and what to do now."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from api.operations.outage import Outage, list_outage_headers

__all__ = [
    "show_bad_request",
    "show_failure",
    "show_forbidden",
    "show_missing",
    "show_unproven",
]


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
        _("You may not open this page"),
        _("Ask a manager if you need it for your work."),
    )


def show_unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the CSRF check failed; the log has the reason."""
    return _show(
        request,
        HTTPStatus.FORBIDDEN,
        _("This page was open for too long"),
        _(
            "Nothing was stored. Go back, load the page anew and send it again. If it happens each "
            "time, let your browser accept cookies from AriStay."
        ),
    )


def show_missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is nothing here."""
    return _show(
        request,
        HTTPStatus.NOT_FOUND,
        _("There is nothing here"),
        _("It may have been deleted or moved, or the address has a mistake in it."),
    )


def show_failure(request: HttpRequest, outage: Outage | None = None) -> HttpResponse:
    """Say that the error is ours, or that something is temporarily unavailable.

    It does not query the database, which may be what failed.
    """
    title, advice = _describe(outage)
    status = outage.value if outage else int(HTTPStatus.INTERNAL_SERVER_ERROR)
    words = {"status": status, "title": title, "advice": advice}
    template = _choose_template(request, "portal/failure.html")
    return HttpResponse(
        render_to_string(template, words), status=status, headers=list_outage_headers(outage)
    )


def _describe(outage: Outage | None) -> tuple[str, str]:
    if outage is Outage.DATABASE:
        return (
            _("AriStay cannot reach its data just now"),
            _("What you sent last was not stored. Try again in a minute."),
        )
    if outage is Outage.STORAGE:
        return (
            _("There is no room left for files"),
            _("What you sent last was not stored. Tell a manager; everything else works."),
        )
    return (
        _("Something broke on our side"),
        _("The error was logged. Nothing you sent was stored; try again in a while."),
    )


def _show(request: HttpRequest, status: HTTPStatus, title: str, advice: str) -> HttpResponse:
    words = {"status": int(status), "title": title, "advice": advice}
    template = _choose_template(request, "portal/error.html")
    return HttpResponse(render_to_string(template, words, request), status=status)


def _choose_template(request: HttpRequest, page: str) -> str:
    """Return the full page, or the fragment that htmx inserts into the current page."""
    return "portal/parts/refused.html" if "HX-Request" in request.headers else page
