"""Calendars in the admin."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import CalendarEvent, CalendarFeed, CalendarShare
from api.once import name_sending
from api.services.calendars import CalendarUnreachable, find_token, share_calendar, sync_feed

from .base import HouseAdmin

__all__ = ["CalendarFeedAdmin", "CalendarShareAdmin"]

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[CalendarFeed]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelForm = forms.ModelForm
    TabularInline = admin.TabularInline


class CalendarEventInline(TabularInline):
    """The events of a feed."""

    model = CalendarEvent
    verbose_name_plural = gettext_lazy("what the calendar said")
    fields = ["starts_on", "ends_on", "summary", "booking", "is_gone", "problem"]
    readonly_fields = ("starts_on", "ends_on", "summary", "booking", "is_gone", "problem")
    extra = 0
    max_num = 0
    can_delete = False


class CalendarFeedForm(ModelForm):
    """Takes an address and never shows the stored one, which stays if none is given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("url")
        if field is None or self.instance.pk is None:
            return
        self.initial.pop("url", None)
        field.required = False
        field.widget.attrs["placeholder"] = "••••••••"
        field.help_text = _("The address is secret and not shown. Leave this empty to keep it.")

    def clean_url(self) -> str:
        """Return the given address, or the stored one."""
        return self.cleaned_data["url"] or self.instance.url


@admin.register(CalendarFeed)
class CalendarFeedAdmin(HouseAdmin):
    """The calendars of platforms."""

    form = CalendarFeedForm
    list_display = ["property", "name", "source", "is_active", "fetched_at", "error"]
    list_filter = ["source", "is_active"]
    list_select_related = ["property"]
    search_fields = ["name", "property__name"]
    autocomplete_fields = ["property"]
    inlines = [CalendarEventInline]
    # URLs without a scheme get https, since no other scheme is fetched.
    formfield_overrides: ClassVar[Any] = {URLField: {"assume_scheme": "https"}}
    actions: Any = (*HouseAdmin.actions, "fetch_now")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, without the address where it would be shown as a text."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name != "url"]

    @admin.action(
        description=gettext_lazy("Read the selected calendars now"), permissions=["change"]
    )
    def fetch_now(self, request: Any, feeds: QuerySet[CalendarFeed]) -> None:
        """Fetch the selected calendars, and report what changed."""
        for feed in feeds.select_related("property"):
            try:
                report = sync_feed(feed, actor=request.user)
            except CalendarUnreachable as error:
                self.message_user(request, f"{feed}: {error}", messages.ERROR)
                continue
            text = _("%(feed)s: %(new)d new, %(moved)d moved, %(cancelled)d cancelled.") % {
                "feed": feed,
                "new": report.created,
                "moved": report.moved,
                "cancelled": report.cancelled,
            }
            level = messages.WARNING if report.problems else messages.SUCCESS
            self.message_user(request, " ".join([text, *report.problems]), level)


@admin.register(CalendarShare)
class CalendarShareAdmin(HouseAdmin):
    """Published calendars; the URL is shown once, on creation."""

    tells_secret = True
    list_display = ["property", "name", "read_at"]
    list_select_related = ["property"]
    search_fields = ["name", "property__name"]
    autocomplete_fields = ["property"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a share may be changed: never; create a new one instead."""
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Create the share, and show its URL once."""
        share, token = share_calendar(
            obj.property, obj.name, actor=request.user, sending=name_sending(request)
        )
        obj.pk, obj.token_digest = share.pk, share.token_digest
        obj._state.adding = False
        self._tell_address(request, token)

    def tell_secret(self, request: Any, sending: str) -> bool:
        """Show a share's URL again if this form created it and it still exists."""
        token = find_token(request.user, sending)
        if token:
            self._tell_address(request, token)
        return bool(token)

    def _tell_address(self, request: HttpRequest, token: str) -> None:
        address = request.build_absolute_uri(reverse("shared_calendar", args=[token]))
        self.message_user(request, _("Copy the address now: %s") % address, messages.WARNING)
