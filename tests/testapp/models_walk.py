"""A small library, for the walk through all ways to change a row."""

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F

from django_modernize.audit import track

__all__ = [
    "Audio",
    "Book",
    "Bookcase",
    "Carton",
    "Jar",
    "Keyword",
    "Loan",
    "Measurement",
    "Media",
    "MediaProxy",
    "Oddity",
    "Reader",
    "Remark",
    "Seat",
    "Sticker",
    "Survey",
    "Vehicle",
]


@track
class Bookcase(models.Model):
    """Has a key that is text."""

    code = models.CharField(max_length=20, primary_key=True)
    room = models.CharField(max_length=20, default="")


@track
class Reader(models.Model):
    """Has a key that Python makes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=20)
    friends = models.ManyToManyField("self")


class Keyword(models.Model):
    """Is not tracked itself."""

    name = models.CharField(max_length=20)


@track
class Remark(models.Model):
    """Belongs to any object."""

    text = models.CharField(max_length=20)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()


@track
class Book(models.Model):
    """Has relations of every kind."""

    title = models.CharField(max_length=20, unique=True, db_column="book title")
    pages = models.IntegerField(default=0)
    shelf = models.ForeignKey(Bookcase, null=True, on_delete=models.CASCADE)
    lender = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="+")
    tags = models.ManyToManyField(Keyword, related_name="books", blank=True)
    readers = models.ManyToManyField(Reader, through="Loan", related_name="books")
    notes = GenericRelation(Remark)

    class Meta:
        db_table = "walk book"


@track
class Loan(models.Model):
    """A link with something to say, tracked like any model."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
    days = models.IntegerField(default=14)


class Media(models.Model):
    """A parent of multi-table inheritance, tracked for its child's sake."""

    title = models.CharField(max_length=20)


@track
class Audio(Media):
    """Its row is in two tables."""

    minutes = models.IntegerField(default=0)


class MediaProxy(Media):
    """The same rows under another name."""

    class Meta:
        proxy = True


@track
class Survey(models.Model):
    """Has values that the database makes."""

    low = models.IntegerField()
    high = models.IntegerField()
    span = models.GeneratedField(
        expression=F("high") - F("low"), output_field=models.IntegerField(), db_persist=True
    )
    unit = models.CharField(max_length=5, db_default="cm")


@track
class Seat(models.Model):
    """Has a key of two columns."""

    pk = models.CompositePrimaryKey("row", "number")
    row = models.CharField(max_length=2)
    number = models.IntegerField()
    taken = models.BooleanField(default=False)


@track
class Oddity(models.Model):
    """Has names that want quoting everywhere."""

    select = models.CharField(max_length=20, db_column="it's; --")
    größe = models.IntegerField(default=0, db_column="Größe {0} $1")

    class Meta:
        db_table = "group by 'x' ☃"


class Carton(models.Model):
    """Is not tracked; its jars are deleted with it by the database, where Django can say so."""

    name = models.CharField(max_length=20)


@track
class Jar(models.Model):
    """Goes with its carton."""

    carton = models.ForeignKey(Carton, on_delete=getattr(models, "DB_CASCADE", models.CASCADE))
    weight = models.IntegerField(default=1)


@track
class Sticker(models.Model):
    """Stays without its jar."""

    jar = models.ForeignKey(
        Jar, null=True, on_delete=getattr(models, "DB_SET_NULL", models.SET_NULL)
    )


@track
class Measurement(models.Model):
    """Is kept in partitions, which a test makes."""

    pk = models.CompositePrimaryKey("id", "day")
    id = models.IntegerField()
    day = models.DateField()
    value = models.IntegerField(default=0)

    class Meta:
        managed = False
        db_table = "walk_measurement"


@track
class Vehicle(models.Model):
    """Has rows in a table that inherits from its own, which a test makes."""

    wheels = models.IntegerField()

    class Meta:
        managed = False
        db_table = "walk_vehicle"
