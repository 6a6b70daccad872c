"""Routes of the library's own tests."""

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import path

from django_modernize.uploads.serving import PrivateFileView
from tests.testapp.models import Photo, Scan


def may_read(request: HttpRequest, row: Photo | Scan) -> bool:
    return request.headers.get("X-Friend") == "yes"


def count_bytes(request: HttpRequest) -> JsonResponse:
    """Say what arrived of each file."""
    return JsonResponse({name: file.size for name, file in request.FILES.items()})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("count/", count_bytes),
    path(
        "photos/<int:pk>",
        PrivateFileView.as_view(model=Photo, field_name="image", may_read=may_read),
    ),
    path(
        "scans/<int:pk>", PrivateFileView.as_view(model=Scan, field_name="image", may_read=may_read)
    ),
    path("forgotten/<int:pk>", PrivateFileView.as_view(model=Photo, field_name="image")),
]
