"""What templates of the portal say in one word."""

from functools import cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

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
def badge(value: str, label: str) -> SafeString:
    """Return a label whose colour tells the value; see ``portal.css``."""
    return format_html('<span class="badge is-{}">{}</span>', value, label)


@register.simple_tag(takes_context=True)
def page_link(context: dict[str, Any], number: int) -> str:
    """Return the query of another page of the same list, its filters kept."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def is_checkbox(field: Any) -> bool:
    """Tell whether a form's field is a box to tick, which stands before its label."""
    return getattr(field.field.widget, "input_type", "") == "checkbox"
