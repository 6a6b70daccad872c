"""Photos of what guests left behind."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from api.models import LostFoundItem, LostFoundPhoto
from api.services.lost_found import add_photo
from api.services.permission import list_visible
from django_modernize.uploads.serving import serve_file

from .forms import show_refusal
from .pages import PortalRequest, portal_page
from .stock_forms import PhotoForm

__all__ = ["save_photo", "show_photo"]

SIDES = {"320": 320}


@portal_page("api.add_lostfoundphoto")
def save_photo(request: PortalRequest, item_id: int) -> HttpResponse:
    """Add a photo to an item."""
    rows = list_visible(request.access, LostFoundItem)
    item: LostFoundItem = get_object_or_404(rows, pk=item_id)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_photo(actor=request.user, item=item, image=form.cleaned_data["image"])
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, gettext("The photo is saved."))
            return redirect("portal:found_item", item.pk)
    return render(request, "portal/lost_found/photo.html", {"form": form, "item": item})


@portal_page("api.view_lostfoundphoto")
def show_photo(request: PortalRequest, photo_id: int) -> HttpResponse:
    """Serve a photo to those who see the house."""
    photo = get_object_or_404(list_visible(request.access, LostFoundPhoto), pk=photo_id)
    side = SIDES.get(request.GET.get("side", ""))
    return cast("HttpResponse", serve_file(request, photo.image, side=side))
