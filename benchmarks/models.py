"""One booking of twenty columns, without the library and with more and more of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from django_modernize.audit import track
from django_modernize.integrity import Before, NoOverlap
from django_modernize.models import (
    ModelDiffMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)
from django_modernize.softdelete import AliveIndex, SoftDeleteMixin
from django_modernize.uploads import IMAGES, SecureImageField

__all__ = [
    "ApartStay",
    "BareHandStay",
    "DiffStay",
    "ExclusionStay",
    "FullStay",
    "HandEvent",
    "HandStay",
    "House",
    "IndexedStay",
    "LockedStay",
    "PlainHouse",
    "PlainPile",
    "PlainStay",
    "SoftCleanPile",
    "SoftHouse",
    "SoftPile",
    "StampedStay",
    "TrackedStay",
    "make_stay",
]

StayT = TypeVar("StayT", bound="StayFields")


class House(models.Model):
    """What every booking points to."""

    name = models.CharField(max_length=100)


class StayFields(models.Model):
    """The columns of a booking: with its key there are twenty, one of them a foreign key."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="+")
    check_in = models.DateTimeField()
    check_out = models.DateTimeField()
    guest_name = models.CharField(max_length=200)
    guest_contact = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, default="booked")
    external_code = models.CharField(max_length=100, blank=True, db_index=True)
    external_status = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=50, blank=True)
    listing_name = models.CharField(max_length=200, blank=True)
    earnings = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="USD")
    booked_on = models.DateField(null=True)
    adults = models.PositiveSmallIntegerField(default=1)
    children = models.PositiveSmallIntegerField(default=0)
    infants = models.PositiveSmallIntegerField(default=0)
    nights = models.PositiveSmallIntegerField(null=True)
    same_day_flag = models.BooleanField(default=False)
    raw_row = models.JSONField(default=dict)

    class Meta:
        abstract = True


class PlainStay(StayFields):
    """Django alone."""


@track
class TrackedStay(StayFields):
    """Only recorded."""


class StampedStay(TimeStampedMixin, UserStampedMixin, SourceStampedMixin, StayFields):
    """Only stamped: six columns more, two of them foreign keys."""


class DiffStay(ModelDiffMixin, StayFields):
    """Only compared with what was loaded."""


@track
class FullStay(
    TimeStampedMixin,
    UserStampedMixin,
    SourceStampedMixin,
    SoftDeleteMixin,
    ModelDiffMixin,
    StayFields,
):
    """All of it: ten columns more."""


class HandStay(StayFields):
    """Recorded by a trigger that was written by hand; see :mod:`.hand_written`."""


class BareHandStay(StayFields):
    """Recorded by such a trigger without its values."""


class HandEvent(models.Model):
    """An event of both."""

    at = models.DateTimeField()
    actor = models.BigIntegerField()
    action = models.TextField()
    object = models.BigIntegerField(db_index=True)
    row = models.TextField()


class IndexedStay(StayFields):
    """What is asked for by house and start."""

    class Meta:
        indexes = [models.Index(fields=["house", "check_in"], name="indexedstay_start")]


class ApartStay(StayFields):
    """Kept apart from the others of its house."""

    class Meta:
        constraints = [
            Before("check_in", "check_out", name="apartstay_order"),
            NoOverlap(
                "check_in",
                "check_out",
                partition_by="house",
                condition=~Q(status="cancelled"),
                name="apartstay_no_overlap",
            ),
        ]


class ExclusionStay(StayFields):
    """Kept apart by hand, with an extension."""


class LockedStay(StayFields):
    """Kept apart by hand, with a lock."""

    class Meta:
        indexes = [models.Index(fields=["house", "check_in"], name="lockedstay_start")]


class PlainHouse(models.Model):
    """A parent of three kinds of children, without the library."""

    name = models.CharField(max_length=100)


class PlainChild(models.Model):
    """What the three kinds have in common."""

    house = models.ForeignKey(PlainHouse, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)

    class Meta:
        abstract = True


class PlainTask(PlainChild):
    """One kind."""


class PlainNote(PlainChild):
    """Another."""


class PlainPhoto(PlainChild):
    """And another."""


class SoftHouse(SoftDeleteMixin):
    """The same parent, soft-deletable."""

    name = models.CharField(max_length=100)


class SoftChild(SoftDeleteMixin):
    """What its three kinds of children have in common."""

    house = models.ForeignKey(SoftHouse, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)

    class Meta:
        abstract = True


class SoftTask(SoftChild):
    """One kind."""


class SoftNote(SoftChild):
    """Another."""


class SoftPhoto(SoftChild):
    """And another."""


class PlainPile(models.Model):
    """Stands alone, without the library."""

    name = models.CharField(max_length=100, db_index=True)


class SoftPile(SoftDeleteMixin):
    """The same, soft-deletable."""

    name = models.CharField(max_length=100)

    class Meta:
        indexes = [AliveIndex("name", name="softpile_alive")]


class SoftCleanPile(SoftDeleteMixin):
    """The same, of which no row is deleted."""

    name = models.CharField(max_length=100, db_index=True)


class PlainUpload(models.Model):
    """Takes any file."""

    file = models.FileField(upload_to="plain")


class QuickUpload(models.Model):
    """Puts images together anew."""

    file = SecureImageField(policy=IMAGES, upload_to="quick")


class StrictUpload(models.Model):
    """Encodes images anew."""

    file = SecureImageField(policy=IMAGES.replace(name="strict", mode="strict"), upload_to="strict")


def make_stay(model: type[StayT], number: int, house: House) -> StayT:
    """Return an unsaved booking as an import makes it, its values depending on its number."""
    check_in = datetime(2025, 1, 1, 16, tzinfo=UTC) + timedelta(days=number % 700)
    values: dict[str, Any] = {
        "house": house,
        "check_in": check_in,
        "check_out": check_in + timedelta(days=3, hours=-5),
        "guest_name": f"Guest number {number}",
        "guest_contact": f"+1 555 {number:07}",
        "external_code": f"HM{number:08}",
        "external_status": "Confirmed",
        "source": "airbnb",
        "listing_name": f"Cosy house with a view, number {number % 40}",
        "earnings": Decimal(number % 900) + Decimal("0.95"),
        "booked_on": date(2024, 12, 1),
        "adults": 2,
        "nights": 3,
        "raw_row": {"Status": "Confirmed", "Guest name": f"Guest number {number}", "row": number},
    }
    return model(**values)
