"""Routes of the tests of the optional bridges."""

from django.urls import path

from .rest import LedgerList

urlpatterns = [path("api/ledgers/", LedgerList.as_view())]
