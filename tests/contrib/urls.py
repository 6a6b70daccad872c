"""Routes of the tests of the optional bridges."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from .rest import (
    AlbumViewSet,
    HastyViewSet,
    HouseViewSet,
    LabelViewSet,
    LedgerViewSet,
    OvertakenViewSet,
    OwnViewSet,
    ReservationViewSet,
    TrackViewSet,
)

router = DefaultRouter()
router.register("ledgers", LedgerViewSet)
router.register("albums", AlbumViewSet)
router.register("houses", HouseViewSet)
router.register("labels", LabelViewSet)
router.register("tracks", TrackViewSet)
router.register("reservations", ReservationViewSet)
router.register("hasty", HastyViewSet, basename="hasty")
router.register("overtaken", OvertakenViewSet, basename="overtaken")
router.register("own", OwnViewSet, basename="own")

urlpatterns = [path("api/", include(router.urls))]
