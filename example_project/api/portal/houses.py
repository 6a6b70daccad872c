"""Houses, and what happens in each."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import Booking, Property, Task
from api.models.base import list_time_zones
from api.seen_values import SeenValuesMixin
from api.services.booking import LIVE
from api.services.permission import list_visible, may_change_object
from api.services.property import change_property, create_property

from .documents import list_papers
from .pages import PortalRequest, portal_page, read_page
from .tasks import OPEN

__all__ = ["edit_house", "show_house", "show_houses"]

SHOWN_STAYS: Final = 8
SHOWN_TASKS: Final = 12

if TYPE_CHECKING:
    PropertyModelForm = forms.ModelForm[Property]
else:
    PropertyModelForm = forms.ModelForm


class HouseForm(SeenValuesMixin, PropertyModelForm):
    """The fields of a house."""

    class Meta:
        model = Property
        fields = [
            "name",
            "address",
            "property_type",
            "check_in_time",
            "check_out_time",
            "time_zone",
        ]
        labels = {
            "name": _("Name"),
            "address": _("Address"),
            "property_type": _("Type"),
            "check_in_time": _("Check-in from"),
            "check_out_time": _("Check-out until"),
        }
        help_texts = {"check_in_time": "", "check_out_time": _("By the house's clock.")}
        widgets = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "check_in_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "check_out_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    time_zone = forms.ChoiceField(
        choices=[(name, name.replace("_", " ")) for name in sorted(list_time_zones())],
        label=_("Time zone"),
        initial=timezone.get_default_timezone_name,
    )


@portal_page("api.view_property")
def show_houses(request: PortalRequest) -> HttpResponse:
    """List the houses, with current and next guests. Costs two statements."""
    houses = _look_around(list_visible(request.access, Property))
    words = request.GET.get("q", "").strip()
    if words:
        houses = houses.filter(Q(name__icontains=words) | Q(address__icontains=words))
    context = {
        "page": read_page(request, houses),
        "words": words,
        "may_add": request.access.may("api.add_property"),
    }
    return render(request, "portal/houses/list.html", context)


@portal_page("api.view_property")
def show_house(request: PortalRequest, house_id: int) -> HttpResponse:
    """Show a house with its next stays and open tasks. Costs at most six statements."""
    house = get_object_or_404(list_visible(request.access, Property), pk=house_id)
    stays = list_visible(request.access, Booking).filter(
        LIVE, property=house, check_out__gte=timezone.now()
    )
    tasks = list_visible(request.access, Task).filter(property=house, status__in=OPEN)
    context = {
        "house": house,
        "stays": stays.select_related("property")[:SHOWN_STAYS],
        "tasks": tasks.select_related("assigned_to", "property")[:SHOWN_TASKS],
        "may_change": may_change_object(request.access, "api.change_property", house),
        "may_delete": request.access.may("api.delete_property"),
        "may_read_history": request.access.may("api.view_history"),
        "may_add_booking": request.access.may("api.add_booking"),
        "papers": list_papers(request, property=house),
        "may_add_paper": request.access.may("api.add_document"),
        "may_delete_papers": request.access.may("api.delete_document"),
        "paper_address": reverse("portal:new_document", args=[house.pk]),
    }
    return render(request, "portal/houses/house.html", context)


@portal_page()
def edit_house(request: PortalRequest, house_id: int | None = None) -> HttpResponse:
    """Change or create a house."""
    house = None
    if house_id is not None:
        house = get_object_or_404(list_visible(request.access, Property), pk=house_id)
    _refuse_unless_editable(request, house)
    form = HouseForm(request.POST or None, instance=house)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.cleaned_data}
        if house is None:
            house = create_property(actor=request.user, values=values)
        else:
            house = change_property(actor=request.user, house=house, values=values)
        messages.success(request, gettext("%(house)s is saved.") % {"house": house})
        return redirect("portal:house", house.pk)
    return render(request, "portal/houses/form.html", {"form": form, "house": house})


def _refuse_unless_editable(request: PortalRequest, house: Property | None) -> None:
    if house is None:
        allowed = request.access.may("api.add_property")
    else:
        allowed = may_change_object(request.access, "api.change_property", house)
    if not allowed:
        raise PermissionDenied


def _look_around(houses: QuerySet[Any]) -> QuerySet[Any]:
    now = timezone.now()
    stays = Booking.objects.filter(LIVE, property=OuterRef("pk")).order_by("check_in")
    present = stays.filter(check_in__lte=now, check_out__gt=now)
    coming = stays.filter(check_in__gt=now)
    open_tasks = (
        Task.objects.filter(property=OuterRef("pk"), status__in=OPEN)
        .order_by()
        .values("property")
        .annotate(count=Count("pk"))
        .values("count")
    )
    annotated: QuerySet[Any] = houses.annotate(
        guest_now=Subquery(present.values("guest_name")[:1]),
        leaves_at=Subquery(present.values("check_out")[:1]),
        guest_next=Subquery(coming.values("guest_name")[:1]),
        comes_at=Subquery(coming.values("check_in")[:1]),
        open_tasks=Subquery(open_tasks[:1]),
    )
    return annotated
