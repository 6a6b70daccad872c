"""Models for the tests of stamps and of managers; some are those of the documentation."""

from django.db import models
from django.db.models import F

from django_modernize.managers import ModernizeManager
from django_modernize.models import (
    ModelDiffMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)
from django_modernize.softdelete import SoftDeleteMixin
from django_modernize.softdelete.managers import SoftDeleteManager
from django_modernize.stamps.fields import UserStampField

__all__ = [
    "Chest",
    "Coffer",
    "Crate",
    "Invoice",
    "Letter",
    "Notice",
    "OpenInvoice",
    "Pallet",
    "Parcel",
    "ParcelView",
    "Payslip",
    "Sack",
    "Sealed",
    "Ticket",
    "Van",
    "Vault",
]


class Van(models.Model):
    """The other end of a foreign key."""

    driver = models.ForeignKey("testapp.Person", null=True, on_delete=models.CASCADE)


class Parcel(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    """All stamps, and nothing else."""

    code = models.CharField(max_length=20, unique=True)
    weight = models.IntegerField(default=1)
    van = models.ForeignKey(Van, null=True, on_delete=models.SET_NULL, related_name="parcels")


class ParcelView(Parcel):
    """A proxy."""

    class Meta:
        proxy = True


class Pallet(Parcel):
    """A child by multi-table inheritance, whose stamps are the parent's."""

    height = models.IntegerField(default=1)


class Crate(TimeStampedMixin):
    """A row with a column of the database's: Django 6 then asks for each stamp twice."""

    weight = models.IntegerField(default=1)
    double = models.GeneratedField(
        expression=F("weight") * 2, output_field=models.IntegerField(), db_persist=True
    )


class LetterQuerySet(models.QuerySet):
    """A project's own queryset."""

    def heavy(self):
        return self.filter(weight__gt=10)

    def update(self, **kwargs):
        self.model.updates_seen.append(sorted(kwargs))
        return super().update(**kwargs)


class Letter(ModelDiffMixin, SourceStampedMixin, TimeStampedMixin):
    """A project's queryset below the library's, and the mixins in another order."""

    updates_seen = []

    weight = models.IntegerField(default=1)
    van = models.ForeignKey(Van, null=True, on_delete=models.CASCADE, related_name="letters")

    objects = ModernizeManager.from_queryset(LetterQuerySet)()


class Sack(TimeStampedMixin, ModelDiffMixin, SoftDeleteMixin):
    """All the library's querysets, in one order."""

    name = models.CharField(max_length=20)


class Sealed(SoftDeleteMixin, ModelDiffMixin, TimeStampedMixin):
    """All the library's querysets, in the opposite order, with a project's below."""

    weight = models.IntegerField(default=1)

    objects = SoftDeleteManager.from_queryset(LetterQuerySet)()
    updates_seen = []


class Notice(ModelDiffMixin, TimeStampedMixin, UserStampedMixin):
    """A row whose stamps of a change tell of changes alone."""

    stamps_only_changes = True

    text = models.CharField(max_length=20)
    marks = models.JSONField(default=list)


class Ticket(models.Model):
    """The fields of stamps without the mixins."""

    text = models.CharField(max_length=20)
    imported_by = UserStampField(on_change=True)

    objects = ModernizeManager()


class Invoice(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    number = models.CharField(max_length=20, unique=True)
    total = models.DecimalField(max_digits=8, decimal_places=2, default=0)


class InvoiceQuerySet(models.QuerySet):
    def open(self):
        return self.filter(total__gt=0)


class OpenInvoice(TimeStampedMixin):
    total = models.DecimalField(max_digits=8, decimal_places=2, default=0)

    objects = ModernizeManager.from_queryset(InvoiceQuerySet)()


class Chest(TimeStampedMixin, UserStampedMixin, SourceStampedMixin, SoftDeleteMixin):
    """A row that the database stamps where Django does not."""

    stamped_by_database = True

    code = models.CharField(max_length=20, unique=True)
    weight = models.IntegerField(default=1)
    extra = models.JSONField(default=dict)
    house = models.ForeignKey("testapp.Sack", null=True, on_delete=models.SET_NULL)
    double = models.GeneratedField(
        expression=F("weight") * 2, output_field=models.IntegerField(), db_persist=True
    )


class Vault(models.Model):
    """Holds coffers. A database-level rule may not lead to a model with one of Python's."""


class Coffer(TimeStampedMixin, SourceStampedMixin):
    """A row that the database changes by itself, from Django 6.1 on."""

    stamped_by_database = True

    vault = models.ForeignKey(
        Vault, null=True, on_delete=getattr(models, "DB_SET_NULL", models.SET_NULL)
    )


class Payslip(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    stamped_by_database = True

    total = models.DecimalField(max_digits=8, decimal_places=2, default=0)
