"""Bookings: the list, the page of a booking, and its actions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from api.models import Booking, Property, Task
from api.models.booking import BookingStatus
from api.services.booking import LIVE, cancel_booking, change_booking, create_booking
from api.services.permission import list_visible, may_change_object
from django_modernize.audit import history

from .booking_form import BookingForm
from .documents import list_papers
from .history import read_timeline
from .pages import PortalRequest, find_editable, portal_page, read_page

__all__ = ["cancel", "edit_booking", "show_booking", "show_bookings"]

WHEN = {
    "now": _("In the house now"),
    "coming": _("To come"),
    "past": _("Past"),
    "all": _("All"),
}


@portal_page("api.view_booking")
def show_bookings(request: PortalRequest) -> HttpResponse:
    """List bookings. Costs two statements beside the frame's."""
    when = request.GET.get("when", "coming")
    when = when if when in WHEN else "coming"
    words = request.GET.get("q", "").strip()
    bookings = _narrow(list_visible(request.access, Booking), when, words)
    status = request.GET.get("status", "")
    if status in BookingStatus.values:
        bookings = bookings.filter(status=status)
    context = {
        "page": read_page(request, bookings.select_related("property")),
        "when": when,
        "whens": WHEN.items(),
        "status": status,
        "statuses": BookingStatus.choices,
        "words": words,
        "may_add": request.access.may("api.add_booking"),
    }
    return render(request, "portal/bookings/list.html", context)


def _narrow(bookings: QuerySet[Any], when: str, words: str) -> QuerySet[Any]:
    now = timezone.now()
    bookings = {
        "now": bookings.filter(LIVE, check_in__lte=now, check_out__gt=now),
        "coming": bookings.filter(LIVE, check_out__gt=now),
        "past": bookings.filter(check_out__lte=now).order_by("-check_in"),
        "all": bookings.order_by("-check_in"),
    }[when]
    if words:
        bookings = bookings.filter(
            Q(guest_name__icontains=words)
            | Q(external_code__iexact=words)
            | Q(property__name__icontains=words)
        )
    return bookings


@portal_page("api.view_booking")
def show_booking(request: PortalRequest, booking_id: int) -> HttpResponse:
    """Show a booking with its tasks and its history. Costs seven statements at most."""
    rows = list_visible(request.access, Booking).select_related("property", "import_log__plan")
    booking = get_object_or_404(rows, pk=booking_id)
    tasks = list_visible(request.access, Task).filter(booking=booking)
    may_read_history = request.access.may("api.view_history")
    address = reverse("portal:new_document", args=[booking.property_id])
    context = {
        "booking": booking,
        "tasks": tasks.select_related("assigned_to", "property"),
        "timeline": read_timeline(history(booking)[:10]) if may_read_history else None,
        "may_change": may_change_object(request.access, "api.change_booking", booking),
        "may_delete": request.access.may("api.delete_booking"),
        "may_read_history": may_read_history,
        "papers": list_papers(request, booking=booking),
        "may_add_paper": request.access.may("api.add_document"),
        "may_delete_papers": request.access.may("api.delete_document"),
        "paper_address": f"{address}?booking={booking.pk}",
        "is_cancelled": booking.status == BookingStatus.CANCELLED,
        "may_import": request.access.may("api.import_bookings"),
    }
    return render(request, "portal/bookings/booking.html", context)


@portal_page()
def edit_booking(request: PortalRequest, booking_id: int | None = None) -> HttpResponse:
    """Change or create a booking; the form shows conflicts."""
    booking = find_editable(request, Booking, booking_id)
    houses = list_visible(request.access, Property)
    initial = {"property": request.GET.get("house"), "first_day": request.GET.get("day")}
    form = BookingForm(
        request.POST or None, instance=booking, houses=houses, initial=None if booking else initial
    )
    if request.method == "POST" and form.is_valid():
        stored = _store(request, form, booking)
        if stored is not None:
            messages.success(request, gettext("The booking is saved."))
            return redirect("portal:booking", stored.pk)
    return render(request, "portal/bookings/form.html", {"form": form, "booking": booking})


def _store(request: PortalRequest, form: BookingForm, booking: Booking | None) -> Booking | None:
    values = form.read_values()
    try:
        if booking is None:
            return create_booking(actor=request.user, values=values)
        return change_booking(actor=request.user, booking=booking, values=values)
    except ValidationError as error:
        form.show_refusal(error)
        return None


@portal_page("api.view_booking")
@require_POST
def cancel(request: PortalRequest, booking_id: int) -> HttpResponse:
    """Cancel a booking."""
    booking = get_object_or_404(list_visible(request.access, Booking), pk=booking_id)
    cancel_booking(actor=request.user, booking=booking, reason=request.POST.get("reason", ""))
    messages.success(request, gettext("The booking is cancelled; its days are free again."))
    return redirect("portal:booking", booking.pk)
