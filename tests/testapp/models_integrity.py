"""Models for the tests of the integrity constraints."""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from django_modernize.audit import track
from django_modernize.integrity import (
    Before,
    NoCycle,
    NoOverlap,
    ParentKey,
    SameParent,
    UniqueAlive,
)
from django_modernize.softdelete import SoftDeleteMixin

__all__ = [
    "Appointment",
    "Branch",
    "Chore",
    "Course",
    "Errand",
    "Lodging",
    "Prerequisite",
    "Reservation",
    "Shelf",
    "Suite",
]


class Lodging(SoftDeleteMixin):
    """What reservations are kept apart in."""

    name = models.CharField(max_length=50)

    class Meta:
        constraints = [UniqueAlive(Lower("name"), name="lodging_unique_name")]

    def __str__(self):
        return self.name


@track
class Reservation(SoftDeleteMixin):
    """Dates, a foreign key and a condition: the case that the library is made for."""

    lodging = models.ForeignKey(Lodging, on_delete=models.CASCADE)
    check_in = models.DateField()
    check_out = models.DateField()
    status = models.CharField(max_length=20, db_default="booked")
    code = models.CharField(max_length=20, null=True, blank=True, unique=True)
    badge = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            Before("check_in", "check_out", name="reservation_in_before_out"),
            NoOverlap(
                "check_in",
                "check_out",
                partition_by="lodging",
                condition=Q(deleted_at__isnull=True) & ~Q(status="cancelled"),
                name="reservation_no_overlap",
            ),
            UniqueAlive("badge", condition=~Q(badge=""), name="reservation_unique_badge"),
            ParentKey("lodging", name="reservation_key_in_lodging"),
        ]

    def __str__(self):
        return f"{self.status} from {self.check_in} {self.badge}".strip()


class Suite(Reservation):
    """Inherits the constraints of its parent's table."""

    extras = models.CharField(max_length=20, blank=True, default="")


class Appointment(models.Model):
    """Instants, a key that is no number, two partitions and NULL wherever it can be."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    room = models.IntegerField(null=True)
    is_upstairs = models.BooleanField(db_default=models.Value(False))
    begins = models.DateTimeField(null=True, db_column="begins at")
    ends = models.DateTimeField(null=True)

    class Meta:
        db_table = "every 'appointment'"
        constraints = [
            Before("begins", "ends", allow_equal=True, name="appointment_order"),
            NoOverlap(
                "begins",
                "ends",
                partition_by=["room", "is_upstairs"],
                name="appointment_no_overlap",
            ),
        ]


class Shelf(models.Model):
    """Numbers, no partition, a decimal to judge by, and nothing that keeps them in order."""

    left = models.BigIntegerField()
    right = models.BigIntegerField()
    weight = models.DecimalField(max_digits=6, decimal_places=2, db_default=Decimal("10"))

    class Meta:
        constraints = [
            NoOverlap(
                "left",
                "right",
                condition=Q(weight__gt=Decimal("9.50")),
                name="shelf_no_overlap",
            )
        ]


@track
class Chore(models.Model):
    """Belongs to the lodging of its reservation, and to that of the chore before it."""

    reservation = models.ForeignKey(Reservation, on_delete=models.SET_NULL, null=True)
    lodging = models.ForeignKey(Lodging, on_delete=models.CASCADE, null=True)
    after = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            SameParent("reservation", "lodging", name="chore_in_lodging_of_stay"),
            SameParent("after", "lodging", deferrable=None, name="chore_in_lodging_of_other"),
            ParentKey("lodging", name="chore_key_in_lodging"),
        ]

    def __str__(self):
        return f"chore {self.pk}"


@track
class Errand(models.Model):
    """Follows its reservation to another lodging, and calls it otherwise."""

    stay = models.ForeignKey(Reservation, on_delete=models.CASCADE)
    place = models.ForeignKey(Lodging, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            SameParent(
                "stay",
                "place",
                parent_field="lodging",
                follows=True,
                name="errand_in_lodging_of_stay",
            )
        ]


class Course(models.Model):
    """What has to be learned before something else."""

    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


@track
class Prerequisite(SoftDeleteMixin):
    """That a course comes after another, unless that is waived."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="prerequisites")
    needed = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="needed_by")
    remark = models.CharField(max_length=20, db_default="", blank=True)

    class Meta:
        constraints = [
            NoCycle(
                "course",
                "needed",
                condition=Q(deleted_at__isnull=True) & ~Q(remark="100% waived"),
                name="prerequisite_no_cycle",
            )
        ]


class Branch(models.Model):
    """A tree, whose keys are no numbers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [NoCycle("pk", "parent", name="branch_no_cycle")]
