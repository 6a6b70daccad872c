"""One model for each package, with a field of every type."""

import reversion
from auditlog.registry import auditlog
from django.apps import apps
from django.db import models
from safedelete import SOFT_DELETE_CASCADE
from safedelete.models import SafeDeleteModel
from simple_history.models import HistoricalRecords
from softdelete.models import SoftDeleteObject

from django_modernize.audit import track
from django_modernize.managers import ModernizeManager
from django_modernize.models import ModelDiffMixin, TimeStampedMixin
from django_modernize.stamps.fields import UserStampField


@track
class Order(models.Model):
    """What the pages of the documentation change."""

    count = models.IntegerField(default=0)


class Parcel(ModelDiffMixin, TimeStampedMixin):
    """What the pages on the diff change."""

    status = models.CharField(max_length=10, default="packed")


class Letter(models.Model):
    author = UserStampField(on_delete=models.CASCADE, related_name="letters")
    editor = UserStampField(on_delete=models.CASCADE, on_change=True)

    objects = ModernizeManager()


class EveryKind(models.Model):
    name = models.CharField(max_length=50, default="")
    count = models.IntegerField(null=True)
    flag = models.BooleanField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    length = models.DurationField(null=True)
    ratio = models.FloatField(null=True)
    address = models.GenericIPAddressField(null=True)
    data = models.JSONField(null=True)
    hour = models.TimeField(null=True)
    code = models.UUIDField(null=True)
    binary = models.BinaryField(null=True)
    owner = models.ForeignKey(
        "testapp.Person", models.SET_NULL, null=True, db_constraint=False, related_name="+"
    )

    class Meta:
        abstract = True


class Logged(EveryKind):
    friends = models.ManyToManyField("testapp.Person", related_name="+")


auditlog.register(Logged, m2m_fields={"friends"})


class Visit(models.Model):
    """A link that says more, and whose columns have names of their own."""

    host = models.ForeignKey("Kept", models.CASCADE, db_column="of host")
    person = models.ForeignKey("testapp.Person", models.CASCADE)
    nights = models.IntegerField(default=1)


class Kept(EveryKind):
    friends = models.ManyToManyField("testapp.Person", related_name="+")
    guests = models.ManyToManyField("testapp.Person", through=Visit, related_name="+")
    history = HistoricalRecords(m2m_fields=[friends, guests])


@reversion.register()
class Versioned(EveryKind):
    pass


class SafeHouse(SafeDeleteModel):
    """What django-safedelete hides."""

    _safedelete_policy = SOFT_DELETE_CASCADE
    name = models.CharField(max_length=20, default="")


class SafeRoom(SafeDeleteModel):
    house = models.ForeignKey(SafeHouse, models.CASCADE, related_name="rooms")


class ShelvedHouse(SoftDeleteObject):
    """What django-softdelete hides."""

    name = models.CharField(max_length=20, default="")


class ShelvedRoom(SoftDeleteObject):
    house = models.ForeignKey(ShelvedHouse, models.CASCADE, related_name="rooms")


class FlaggedHouse(models.Model):
    """What a project hides by a column of its own."""

    name = models.CharField(max_length=20, default="")
    is_deleted = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)


class FlaggedRoom(models.Model):
    house = models.ForeignKey(FlaggedHouse, models.CASCADE, related_name="rooms")
    is_deleted = models.BooleanField(default=False)


if apps.is_installed("pghistory"):
    import pghistory

    @pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        pghistory.ManualEvent("looked_at"),
    )
    class Evented(EveryKind):
        pass

    @pghistory.track(pghistory.InsertEvent(), context_field=None)
    class Bare(models.Model):
        """Events that say nothing of who and why."""

        name = models.CharField(max_length=20, default="")
