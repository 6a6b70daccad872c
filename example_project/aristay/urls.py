"""AriStay's routes: the admin, and the way there."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

admin.site.site_header = "AriStay"
admin.site.site_title = "AriStay"
admin.site.index_title = "Houses, bookings and tasks"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
]
