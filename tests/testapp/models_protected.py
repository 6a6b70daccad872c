"""Models whose rows the database keeps, and one on which they hang."""

from django.db import models

from django_modernize.softdelete import SoftDeleteMixin

__all__ = ["Archive", "Deed", "Seal", "Will"]


class Archive(models.Model):
    """Not soft-deletable: deleting it destroys what hangs on it, where nothing refuses."""


class Deed(SoftDeleteMixin):
    """Kept by the database."""

    refuses_raw_delete = True

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, null=True)
    title = models.CharField(max_length=50, default="")


class Will(Deed):
    """Kept in both of its tables."""

    pages = models.IntegerField(default=1)


class Seal(SoftDeleteMixin):
    """Not kept itself; deeds hang on nothing of it."""

    deed = models.ForeignKey(Deed, on_delete=models.CASCADE)
