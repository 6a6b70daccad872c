"""The start page after login."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect

from .navigation import list_entries
from .pages import PortalRequest, portal_page

__all__ = ["show_home"]

FIRST_PAGES: Final = ("portal:overview", "portal:my_day", "portal:calendar")
"""Managers start with the overview, staff with their day, owners with their houses' calendar."""


@portal_page()
def show_home(request: PortalRequest) -> HttpResponse:
    """Redirect to the first page that the person may open."""
    routes = {entry.route for entry in list_entries(request.access)}
    return redirect(next((one for one in FIRST_PAGES if one in routes), "portal:profile"))
