"""Models for the rules of soft delete: one child for each, and what the others lack."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

from django_modernize.integrity import UniqueAlive
from django_modernize.softdelete import AliveIndex, SoftDeleteMixin

__all__ = [
    "Album",
    "Chapter",
    "Label",
    "Marker",
    "Paper",
    "Pile",
    "Rack",
    "RackUse",
    "Record",
    "SoftCrate",
    "Track",
]


class Rack(SoftDeleteMixin):
    """Where albums stand; the first one takes what lost its place."""

    name = models.CharField(max_length=50)
    code = models.UUIDField(null=True, unique=True)

    def __str__(self):
        return self.name


def find_pile():
    """Return the shelf for what was moved."""
    return Rack._base_manager.get(name="pile")


class Marker(SoftDeleteMixin):
    """A generic child with a key of text."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=40)
    marked = GenericForeignKey()


class Album(SoftDeleteMixin):
    """Every way to lose a parent."""

    title = models.CharField(max_length=50)
    shelf = models.ForeignKey(Rack, models.SET_NULL, null=True, related_name="albums")
    by_code = models.ForeignKey(Rack, models.SET_NULL, null=True, to_field="code", related_name="+")
    reserve = models.ForeignKey(Rack, models.SET_DEFAULT, null=True, default=1, related_name="+")
    moved = models.ForeignKey(Rack, models.SET(find_pile), null=True, related_name="+")
    anywhere = models.ForeignKey(Rack, models.DO_NOTHING, null=True, related_name="+")
    markers = GenericRelation(Marker)
    labels = models.ManyToManyField("Label", related_name="albums")

    class Meta:
        constraints = [UniqueAlive("title", name="album_title_unique")]

    def __str__(self):
        return self.title


class Label(SoftDeleteMixin):
    """The other side of a many-to-many relation."""

    name = models.CharField(max_length=50, unique=True)


class Track(SoftDeleteMixin):
    """A second level."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="tracks")
    title = models.CharField(max_length=50, default="")


class Chapter(SoftDeleteMixin):
    """A third."""

    track = models.ForeignKey(Track, models.CASCADE, related_name="chapters")


class Record(models.Model):
    """Not soft-deletable, with a key that a deletion empties and a composite primary key."""

    pk = models.CompositePrimaryKey("batch", "number")
    batch = models.CharField(max_length=10)
    number = models.IntegerField()
    album = models.ForeignKey(Album, models.SET_NULL, null=True, related_name="records")


class RackUse(models.Model):
    """Restricts, and goes where the album goes: not soft-deletable."""

    shelf = models.ForeignKey(Rack, models.RESTRICT)
    album = models.ForeignKey(Album, models.CASCADE)


class Pile(SoftDeleteMixin):
    """Has no relations at all."""

    name = models.CharField(max_length=50)


class Paper(SoftDeleteMixin):
    """Has a file."""

    scan = models.FileField(upload_to="papers")


class SoftCrate(SoftDeleteMixin):
    """Has an index of the living alone."""

    name = models.CharField(max_length=50)

    class Meta:
        indexes = [AliveIndex("name", name="crate_alive")]
