"""Models for the tests of soft delete."""

from django.db import models
from django.db.models import Q

from django_modernize.audit import track
from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.managers import SoftDeleteManager

__all__ = ["Annex", "Bill", "Guest", "House", "Note", "Room", "Stay"]


class HouseQuerySet(models.QuerySet):
    """A project's own queryset."""

    def named(self, name):
        return self.filter(name=name)


@track
class House(SoftDeleteMixin):
    """The root of a cascade, with a tree of its own."""

    name = models.CharField(max_length=50)
    wing_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    objects = SoftDeleteManager.from_queryset(HouseQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at__isnull=True), name="house_name_alive"
            )
        ]

    def __str__(self):
        return self.name


class Annex(House):
    """A child by multi-table inheritance."""

    size = models.IntegerField(default=1)


@track
class Room(SoftDeleteMixin):
    """The first level."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="rooms")
    number = models.IntegerField(default=1)

    def __str__(self):
        return f"room {self.number}"


class Stay(SoftDeleteMixin):
    """The second level."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="stays")
    bill = models.ForeignKey("Bill", null=True, on_delete=models.RESTRICT)


class Guest(SoftDeleteMixin):
    """Protects the house that it is in, and forgets its favourite."""

    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="guests")
    favourite = models.ForeignKey(Room, null=True, on_delete=models.SET_NULL, related_name="+")


class Bill(SoftDeleteMixin):
    """Is restricted by stays, unless these go with the same house."""

    house = models.ForeignKey(House, null=True, on_delete=models.CASCADE)


class Note(models.Model):
    """A child that cannot be hidden."""

    house = models.ForeignKey(House, on_delete=models.CASCADE)
    text = models.CharField(max_length=20, default="")
