"""Models for the tests of the audit trail."""

import uuid

from django.db import models

from django_modernize.audit import track

__all__ = ["EveryField", "Ledger", "Secret", "Untracked"]


@track
class Ledger(models.Model):
    """The simplest tracked model, with a child of its own kind."""

    title = models.CharField(max_length=50)
    amount = models.IntegerField(default=0)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    guarantor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self):
        return self.title


@track
class EveryField(models.Model):
    """A field of every type whose values events have to give back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    big = models.BigIntegerField(null=True)
    binary = models.BinaryField(null=True)
    boolean = models.BooleanField(null=True)
    date = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    decimal = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    duration = models.DurationField(null=True)
    file = models.FileField(null=True)
    floating = models.FloatField(null=True)
    address = models.GenericIPAddressField(null=True)
    json = models.JSONField(null=True)
    text = models.TextField(null=True, db_column="some text")
    time = models.TimeField(null=True)
    key = models.UUIDField(null=True)
    owner = models.ForeignKey(
        "testapp.Person", null=True, on_delete=models.SET_NULL, db_column="event_at"
    )

    class Meta:
        db_table = "every 'field' table with a name that is quite long"


@track(exclude=["views"], mask=["password"])
class Secret(models.Model):
    """A model with a masked and an excluded field."""

    password = models.CharField(max_length=50)
    views = models.IntegerField(default=0)


class Untracked(models.Model):
    """A model without a trail."""

    title = models.CharField(max_length=50)
