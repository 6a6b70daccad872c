"""The admin's lists as they were."""

from django.contrib import admin

from .models import Booking, Task


@admin.register(Booking)
class BookingAdmin(admin.ModelAdmin):
    """Bookings, by house and by arrival."""

    list_display = ["guest_name", "property", "check_in_date", "check_out_date", "status"]
    list_filter = ["property", "status"]
    date_hierarchy = "check_in_date"


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    """Tasks, by what is due first."""

    list_display = ["title", "property", "due_date", "status"]
    ordering = ["due_date"]
