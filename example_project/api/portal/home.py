"""Where people land after they sign in."""

from django.http import HttpResponse
from django.shortcuts import render

from .navigation import list_entries
from .pages import PortalRequest, portal_page

__all__ = ["show_home"]


@portal_page()
def show_home(request: PortalRequest) -> HttpResponse:
    """Show the ways to what the person may open."""
    entries = [one for one in list_entries(request.access) if one.route != "portal:home"]
    return render(request, "portal/home.html", {"entries": entries})
