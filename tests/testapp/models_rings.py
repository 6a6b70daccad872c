"""Models whose rows point to one another in a circle."""

from django.db import models

from django_modernize.softdelete import SoftDeleteMixin

__all__ = ["Crew", "Favour", "Meal", "Mess", "Pledge", "Sailor", "Watch"]


class Crew(SoftDeleteMixin):
    """Is led by one of its sailors, who protects it."""

    leader = models.ForeignKey("Sailor", models.PROTECT, null=True, related_name="led")


class Sailor(SoftDeleteMixin):
    """Goes with the crew."""

    crew = models.ForeignKey(Crew, models.CASCADE, related_name="sailors")
    picture = models.FileField(upload_to="sailors", blank=True)


class Mess(models.Model):
    """Cannot be hidden, and goes with the crew for good."""

    crew = models.ForeignKey(Crew, models.CASCADE)


class Meal(models.Model):
    """Protects what would go with the crew."""

    mess = models.ForeignKey(Mess, models.PROTECT)


class Watch(models.Model):
    """Cannot be hidden, and keeps whoever has it."""

    sailor = models.ForeignKey(Sailor, models.DO_NOTHING)


class Favour(SoftDeleteMixin):
    """Needs a pledge from the beginning."""

    pledge = models.ForeignKey("Pledge", models.CASCADE, related_name="+")


class Pledge(SoftDeleteMixin):
    """Needs a favour from the beginning."""

    favour = models.ForeignKey(Favour, models.CASCADE, related_name="+")
