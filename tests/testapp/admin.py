"""Admin pages of the test models."""

from django.contrib import admin

from django_modernize.softdelete.admin import SoftDeleteAdminMixin

from .models import House


@admin.register(House)
class HouseAdmin(SoftDeleteAdminMixin, admin.ModelAdmin):
    """The simplest use of the mixin."""

    list_display = ("name",)
