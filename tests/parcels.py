"""Parcels, whose stamps are looked at."""

import datetime as dt

from asgiref.sync import async_to_sync
from django.db import models
from django.utils import timezone

from tests.testapp.models import Parcel, Van

LONG_AGO = dt.datetime(2001, 2, 3, tzinfo=dt.UTC)
CREATED = ("created_at", "created_by_id", "created_via")
MODIFIED = ("modified_at", "modified_by_id", "modified_via")


class Clock:
    """Goes on by a minute each time that it is read."""

    def __init__(self):
        self.time = timezone.now()

    def __call__(self):
        self.time += dt.timedelta(minutes=1)
        return self.time


def awaited(function, *args, **kwargs):
    async def call():
        return await function(*args, **kwargs)

    return async_to_sync(call)()


def stored(pk, model=Parcel):
    return model.objects.get(pk=pk)


def stamps(instance, names):
    return tuple(getattr(instance, name) for name in names)


def weighed(parcel):
    models.QuerySet(Parcel).update(weight=5)


def loaded_van(parcel):
    weighed(parcel)
    van = Van.objects.create()
    models.QuerySet(Parcel).update(van=van)
    parcel.van = van
    return van
