"""The tracked booking in the admin, with the library's page of its history."""

from django.contrib import admin

from django_modernize.audit.admin import AuditedAdminMixin

from .models import TrackedStay

__all__ = ["TrackedStayAdmin"]


@admin.register(TrackedStay)
class TrackedStayAdmin(AuditedAdminMixin, admin.ModelAdmin):
    """Shows a hundred events on a page."""
