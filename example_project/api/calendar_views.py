"""Published calendars; the URL itself is the permission."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.services.calendars import find_share, write_calendar

__all__ = ["show_calendar"]


@require_safe
def show_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Return the calendar of a token; any other token gets a 404."""
    share = find_share(token)
    if share is None:
        raise Http404
    return HttpResponse(
        write_calendar(share),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )
