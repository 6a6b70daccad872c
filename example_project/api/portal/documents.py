"""Documents of houses and bookings: uploaded, and read by those they are for."""

from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import Booking, Document, Property
from api.models.document import PAPERS, Audience, DocumentType
from api.services.documents import add_document
from api.services.permission import list_visible
from django_modernize.uploads import SecureFormField
from django_modernize.uploads.serving import serve_file

from .forms import show_refusal
from .pages import PortalRequest, portal_page
from .query_parameters import read_key

__all__ = ["list_papers", "new_document", "show_document"]

SHOWN_PAPERS: Final = 30


class DocumentForm(forms.Form):
    """A document, and who may read it."""

    file = SecureFormField(
        policy=PAPERS, label=_("File"), help_text=_("A PDF file without a password.")
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    document_type = forms.ChoiceField(label=_("Type"), choices=DocumentType.choices)
    audience = forms.ChoiceField(label=_("Who may read it"), choices=Audience.choices)


def list_papers(request: PortalRequest, **of: Any) -> QuerySet[Any]:
    """Return the documents of a house or booking that the user may read, newest first."""
    rows = list_visible(request.access, Document).filter(**of)
    return rows.select_related("booking__property").order_by("-created_at")[:SHOWN_PAPERS]


@portal_page("api.add_document")
def new_document(request: PortalRequest, house_id: int) -> HttpResponse:
    """Add a document to a house, or to the booking in the query string."""
    house: Property = get_object_or_404(list_visible(request.access, Property), pk=house_id)
    booking = _find_booking(request, house)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            add_document(actor=request.user, house=house, booking=booking, **values)
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, gettext("The document is saved."))
            if booking is not None:
                return redirect("portal:booking", booking.pk)
            return redirect("portal:house", house.pk)
    context = {"form": form, "house": house, "booking": booking}
    return render(request, "portal/documents/form.html", context)


@portal_page("api.view_document")
def show_document(request: PortalRequest, document_id: int) -> HttpResponse:
    """Serve a document to those it is for."""
    document = get_object_or_404(list_visible(request.access, Document), pk=document_id)
    return cast("HttpResponse", serve_file(request, document.file))


def _find_booking(request: PortalRequest, house: Property) -> Booking | None:
    if not request.GET.get("booking"):
        return None
    rows = list_visible(request.access, Booking).filter(property=house)
    # A key that is not a number matches nothing.
    wanted = read_key(request, "booking") or 0
    booking: Booking = get_object_or_404(rows.select_related("property"), pk=wanted)
    return booking
