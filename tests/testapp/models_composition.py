"""Models that use every block at once, with the mixins in two orders."""

from django.db import models
from django.db.models import Q

from django_modernize.audit import track
from django_modernize.integrity import Before, NoOverlap, UniqueAlive
from django_modernize.models import (
    ModelDiffMixin,
    SoftDeleteMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)

__all__ = ["Rental", "RentalTurned"]

CONDITION = Q(deleted_at__isnull=True)


@track
class Rental(
    TimeStampedMixin, UserStampedMixin, SourceStampedMixin, ModelDiffMixin, SoftDeleteMixin
):
    """Every block, stamps first."""

    code = models.CharField(max_length=20)
    house = models.IntegerField(default=1)
    begins = models.DateField()
    ends = models.DateField()

    class Meta:
        constraints = [
            Before("begins", "ends", name="rental_begins_before_ends"),
            UniqueAlive("code", name="rental_code_unique"),
            NoOverlap(
                "begins",
                "ends",
                partition_by=["house"],
                condition=CONDITION,
                name="rental_no_overlap",
            ),
        ]

    def __str__(self):
        return self.code


@track
class RentalTurned(
    SoftDeleteMixin, ModelDiffMixin, SourceStampedMixin, UserStampedMixin, TimeStampedMixin
):
    """Every block, soft delete first."""

    code = models.CharField(max_length=20)
    house = models.IntegerField(default=1)
    begins = models.DateField()
    ends = models.DateField()

    class Meta:
        constraints = [UniqueAlive("code", name="turned_code_unique")]

    def __str__(self):
        return self.code
