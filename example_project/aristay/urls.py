"""AriStay's routes: the portal for people, the API, and the admin."""

from django.contrib import admin
from django.urls import include, path

from api.admin.sign_in import AdminSignInForm, change_own_password
from api.calendar_views import show_calendar
from api.models import TaskImage
from api.services.task_image import may_read_image
from django_modernize.uploads.serving import PrivateFileView

admin.site.site_header = "AriStay"
admin.site.site_title = "AriStay"
admin.site.index_title = "Houses, bookings and tasks"
admin.site.login_form = AdminSignInForm

urlpatterns = [
    path("admin/password_change/", admin.site.admin_view(change_own_password, cacheable=True)),
    path("admin/", admin.site.urls),
    path("calendars/<str:token>.ics", show_calendar, name="shared_calendar"),
    path("api/v1/", include("api.rest.urls")),
    path(
        "photos/<int:pk>/",
        PrivateFileView.as_view(model=TaskImage, field_name="image", may_read=may_read_image),
        name="task-image",
    ),
    path("", include("api.portal.urls")),
]

handler400 = "api.portal.errors.show_bad_request"
handler403 = "api.portal.errors.show_forbidden"
handler404 = "api.portal.errors.show_missing"
handler500 = "aristay.failure.answer_failure"
