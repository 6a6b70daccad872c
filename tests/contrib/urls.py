"""Routes of the tests of the optional bridges."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from .rest import LedgerViewSet

router = DefaultRouter()
router.register("ledgers", LedgerViewSet)

urlpatterns = [path("api/", include(router.urls))]
