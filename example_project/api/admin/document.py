"""Documents of houses and bookings in the admin."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from api.models import Document

from .base import HouseAdmin

__all__ = ["DocumentAdmin"]

FACTS: Final = ("title", "property", "booking", "document_type", "audience")


@admin.register(Document)
class DocumentAdmin(HouseAdmin):
    """Documents; files are checked however they are uploaded."""

    list_display = ["title", "property", "booking", "document_type", "audience", "size", "read"]
    list_filter = ["document_type", "audience", ("property", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["property", "booking__property"]
    search_fields = ["title", "original_name", "property__name", "booking__guest_name"]
    autocomplete_fields = ["property", "booking"]
    readonly_fields = (*HouseAdmin.readonly_fields, "original_name", "size", "read")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the form's fields; a file is uploaded once, and served by our own view."""
        return [*FACTS, "file"] if obj is None else [*FACTS, "read", "size"]

    @admin.display(description=_("file"))
    def read(self, document: Document) -> SafeString:
        """Return a link to the file."""
        address = reverse("portal:document", args=[document.pk])
        return format_html('<a href="{}">{}</a>', address, document.original_name or document.title)
