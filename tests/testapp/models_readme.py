"""The model of the README, word for word; a test compares the two."""

from django.db import models

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive
from django_modernize.models import SoftDeleteMixin, TimeStampedMixin, UserStampedMixin


@track
class Cabin(TimeStampedMixin, UserStampedMixin, SoftDeleteMixin):
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [UniqueAlive("name", name="cabin_name_unique")]


__all__ = ["Cabin"]
