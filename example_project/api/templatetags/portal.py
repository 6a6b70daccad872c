"""What templates of the portal say in one word."""

from datetime import date, datetime, timedelta
from functools import cache
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.db.models import Model
from django.forms import CheckboxInput
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from lucide.templatetags.lucide import lucide

from api.models import Booking, Property
from api.services.days import name_day, name_day_and_year
from api.services.idempotency import KEY_FIELD

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Return an icon of Lucide that screen readers pass over; the text beside it says it."""
    return _draw_icon(str(name), size)


@cache
def _draw_icon(name: str, size: int) -> SafeString:
    # The drawing comes from the package, and nobody else's text is in it.
    return mark_safe(lucide(name, size=size, aria_hidden="true", focusable="false"))  # noqa: S308


@register.simple_tag
def once() -> SafeString:
    """Return what lets a form that makes something be carried out once, however often it is sent.

    Not for one that changes something: who sends the same values anew may mean it.
    """
    return format_html('<input type="hidden" name="{}" value="{}">', KEY_FIELD, token_urlsafe(16))


@register.simple_tag
def badge(value: str, label: str) -> SafeString:
    """Return a label whose colour tells the value; see ``portal.css``."""
    return format_html('<span class="badge is-{}">{}</span>', value, label)


@register.simple_tag
def stay_days(booking: Booking) -> SafeString:
    """Return a stay's days by the house's clock, which must be loaded with it."""
    first, last = booking.find_days()
    return format_html(
        '<time datetime="{}">{}</time> &ndash; <time datetime="{}">{}</time>',
        first.isoformat(),
        name_day(first) if first.year == last.year else name_day_and_year(first),
        last.isoformat(),
        name_day_and_year(last),
    )


@register.filter
def short_day(moment: datetime | date) -> str:
    """Return a day as “Nov 3”, by the reader's clock."""
    return name_day(timezone.localdate(moment) if isinstance(moment, datetime) else moment)


@register.filter
def house_time(instant: datetime, house: Property) -> str:
    """Return the time of day of an instant by a house's clock."""
    return date_format(instant.astimezone(ZoneInfo(house.time_zone)), "TIME_FORMAT")


@register.filter
def zone_name(zone: str) -> str:
    """Return a time zone as people read it, in words that may be wrapped."""
    return zone.replace("_", " ")


@register.simple_tag(takes_context=True)
def page_link(context: dict[str, Any], number: int) -> str:
    """Return the query of another page of the same list, its filters kept."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def duration(span: timedelta) -> str:
    """Return a length of time in hours and minutes."""
    minutes = round(span.total_seconds() / 60)
    return gettext("%(hours)s h %(minutes)s min") % {
        "hours": minutes // 60,
        "minutes": minutes % 60,
    }


@register.filter
def kind_of(row: Model) -> str:
    """Return what sort of thing a row is."""
    return str(row._meta.verbose_name)


@register.filter
def is_checkbox(field: Any) -> bool:
    """Tell whether a form's field is a box to tick, which stands before its label."""
    return isinstance(field.field.widget, CheckboxInput)
