"""The routes of the API, collected from its areas."""

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from .docs import DocsView
from .missing import MissingView

__all__ = ["AREAS", "router", "urlpatterns"]

AREAS: Final = (
    "tokens",
    "me",
    "people",
    "property",
    "booking",
    "task",
    "checklist",
    "task_image",
    "inventory",
    "lost_found",
    "notification",
    "auto_task",
    "overview",
    "imports",
    "calendars",
    "document",
)
"""Modules beside this one: ``ROUTES`` are view sets by prefix, ``PATHS`` those of other views."""


def load_areas() -> list[ModuleType]:
    """Return the modules of the areas."""
    return [import_module(f"api.rest.{name}") for name in AREAS]


def build_router() -> Any:
    """Return the router of all view sets."""
    built = DefaultRouter()
    built.include_root_view = False
    built.include_format_suffixes = False
    for area in load_areas():
        for prefix, view_set in getattr(area, "ROUTES", ()):
            built.register(prefix, view_set, basename=prefix)
    return built


def list_paths() -> list[URLPattern]:
    """Return the URL patterns of the views outside of view sets."""
    return [one for area in load_areas() for one in getattr(area, "PATHS", ())]


router: Final = build_router()

app_name = "api-v1"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    *list_paths(),
    path("", include(router.urls)),
    re_path("", MissingView.as_view(), name="missing"),
]
