"""Admin pages of the test models."""

from django.contrib import admin

from django_modernize.audit.admin import AuditedAdminMixin
from django_modernize.softdelete.admin import SoftDeleteAdminMixin

from .models import House


@admin.register(House)
class HouseAdmin(AuditedAdminMixin, SoftDeleteAdminMixin, admin.ModelAdmin):
    """The simplest use of the mixin."""

    list_display = ("name",)
