"""AriStay's routes: the portal for people, the API, and the admin."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = "AriStay"
admin.site.site_title = "AriStay"
admin.site.index_title = "Houses, bookings and tasks"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.rest.urls")),
    path("", include("api.portal.urls")),
]

handler400 = "api.portal.errors.show_bad_request"
handler403 = "api.portal.errors.show_forbidden"
handler404 = "api.portal.errors.show_missing"
handler500 = "api.portal.errors.show_failure"
