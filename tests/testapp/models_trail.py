"""The model of the page on the audit trail, word for word; a test compares the two."""

from django.db import models

from django_modernize.audit import track


@track
class Booking(models.Model):
    guest_name = models.CharField(max_length=200)
    status = models.CharField(max_length=20, default="booked")
    nights = models.IntegerField(default=1)


__all__ = ["Booking"]
