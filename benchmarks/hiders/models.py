"""A parent of three kinds of children, and rows that stand alone, for each peer."""

from typing import ClassVar

from django.db import models
from safedelete import SOFT_DELETE_CASCADE
from safedelete.models import SafeDeleteModel
from softdelete.models import SoftDeleteObject

__all__ = ["RecordedHouse", "RecordedPile", "SafeHouse", "SafePile"]


class SafeRow(SafeDeleteModel):
    """Of django-safedelete, and takes along what points to it."""

    _safedelete_policy: ClassVar[int] = SOFT_DELETE_CASCADE

    class Meta:
        abstract = True


class SafeHouse(SafeRow):
    """The parent."""

    name = models.CharField(max_length=100)


class SafeChild(SafeRow):
    """What the three kinds have in common."""

    house = models.ForeignKey(SafeHouse, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)

    class Meta:
        abstract = True


class SafeTask(SafeChild):
    """One kind."""


class SafeNote(SafeChild):
    """Another."""


class SafePhoto(SafeChild):
    """And another."""


class SafePile(SafeRow):
    """Stands alone."""

    name = models.CharField(max_length=100)


class RecordedHouse(SoftDeleteObject, models.Model):
    """The parent with django-softdelete, which keeps a record of each row."""

    name = models.CharField(max_length=100)


class RecordedChild(SoftDeleteObject, models.Model):
    """What the three kinds have in common."""

    house = models.ForeignKey(RecordedHouse, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)

    class Meta:
        abstract = True


class RecordedTask(RecordedChild):
    """One kind."""


class RecordedNote(RecordedChild):
    """Another."""


class RecordedPhoto(RecordedChild):
    """And another."""


class RecordedPile(SoftDeleteObject, models.Model):
    """Stands alone."""

    name = models.CharField(max_length=100)
