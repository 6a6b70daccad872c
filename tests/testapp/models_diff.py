"""Models for the tests of the diff; the last two are those of the documentation."""

import uuid

from django.conf import settings
from django.core.files.storage import InMemoryStorage
from django.db import models
from django.db.models import F
from django.db.models.query_utils import DeferredAttribute

from django_modernize.models import ModelDiffMixin, TimeStampedMixin, UserStampedMixin

if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
    from django.contrib.postgres.fields import ArrayField, DateRangeField

__all__ = [
    "Account",
    "Article",
    "ArticleView",
    "Comment",
    "Essay",
    "Gauge",
    "Magazine",
    "Member",
    "Recipe",
    "Tag",
    "TagsField",
    "Uneven",
    "UnevenField",
    "Writer",
]


class TagsField(models.CharField):
    """A project's field, whose values are lists."""

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        if isinstance(value, str):
            return value.split(",") if value else []
        return value

    def get_prep_value(self, value):
        return ",".join(value)


class Uneven:
    """A value that equals nothing but itself, and cannot be copied."""

    def __init__(self, text):
        self.text = text

    def __deepcopy__(self, memo):
        raise TypeError("not to be copied")


class UnevenField(models.CharField):
    """A project's field with values that the diff can do little with."""

    def from_db_value(self, value, expression, connection):
        return Uneven(value)

    def get_prep_value(self, value):
        return value.text if isinstance(value, Uneven) else value


class SplitAttribute(DeferredAttribute):
    """A project's attribute: text that is assigned becomes a list."""

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class ColoursField(models.CharField):
    """A project's field with an attribute of its own."""

    descriptor_class = SplitAttribute

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        return value.split() if isinstance(value, str) else value

    def get_prep_value(self, value):
        return value if isinstance(value, str) else " ".join(value)


class PhotoField(models.ImageField):
    """An image field where Pillow is not installed, since nothing opens the images."""

    def check(self, **kwargs):
        return super(models.ImageField, self).check(**kwargs)


class Writer(models.Model):
    """The other end of a foreign key."""

    name = models.CharField(max_length=20)


class VendorFields(models.Model):
    """The field types that one database alone has."""

    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        words = ArrayField(models.CharField(max_length=20), default=list, blank=True)
        grid = ArrayField(ArrayField(models.IntegerField()), default=list, blank=True)
        season = DateRangeField(null=True)

    class Meta:
        abstract = True


class Article(ModelDiffMixin, VendorFields):
    """A row with a field of every kind."""

    title = models.CharField(max_length=50, blank=True)
    body = models.TextField(blank=True)
    pages = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    rating = models.FloatField(null=True)
    is_open = models.BooleanField(default=False)
    printed_on = models.DateField(null=True)
    printed_at = models.DateTimeField(null=True)
    opens_at = models.TimeField(null=True)
    reads_in = models.DurationField(null=True)
    address = models.GenericIPAddressField(null=True)
    link = models.URLField(blank=True)
    mail = models.EmailField(blank=True)
    slug = models.SlugField(blank=True)
    rank = models.BigIntegerField(default=0)
    weight = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(default=uuid.uuid4)
    extra = models.JSONField(default=dict, blank=True)
    tags = TagsField(max_length=100, default=list, blank=True)
    digest = models.BinaryField(null=True)
    scan = models.FileField(storage=InMemoryStorage(), blank=True)
    photo = PhotoField(storage=InMemoryStorage(), blank=True)
    shelf = models.FilePathField(path="/", blank=True)
    issue = models.SmallIntegerField(default=0)
    copies = models.PositiveIntegerField(default=0)
    readers = models.PositiveBigIntegerField(default=0)
    level = models.IntegerField(db_default=7)
    double = models.GeneratedField(
        expression=F("copies") * 2, output_field=models.IntegerField(), db_persist=True
    )
    writer = models.ForeignKey(Writer, null=True, on_delete=models.CASCADE)
    editor = models.OneToOneField(
        Writer, null=True, on_delete=models.CASCADE, related_name="edited"
    )
    judges = models.ManyToManyField(Writer, related_name="judged")


class ArticleView(Article):
    """A proxy."""

    class Meta:
        proxy = True


class Essay(Article):
    """A child by multi-table inheritance."""

    grade = models.IntegerField(default=1)
    notes = models.JSONField(default=list)


class Comment(models.Model):
    """A parent that knows nothing of the diff."""

    text = models.CharField(max_length=20)
    marks = models.JSONField(default=list)


class Magazine(ModelDiffMixin, Comment):
    """A child with a diff of a parent without one, which changes itself when it is made."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.text = self.text.strip()


class Tag(ModelDiffMixin):
    """A row with a value that can be neither compared nor copied."""

    shape = UnevenField(max_length=20)
    colours = ColoursField(max_length=20, default="")


class Gauge(ModelDiffMixin, TimeStampedMixin):
    """A row with columns that the database fills."""

    height = models.IntegerField(default=1)
    level = models.IntegerField(db_default=7)
    double = models.GeneratedField(
        expression=F("height") * 2, output_field=models.IntegerField(), db_persist=True
    )


class Account(ModelDiffMixin, TimeStampedMixin, UserStampedMixin):
    """A row with choices of its own, a secret, and relations."""

    diff_exclude = ("note", "modified_at", "modified_by", "created_at", "created_by")
    sensitive_fields = ("password", "friends")

    name = models.CharField(max_length=20)
    password = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=20, blank=True)
    friends = models.ManyToManyField(Writer)
    rivals = models.ManyToManyField(Writer, related_name="+")


class Recipe(ModelDiffMixin):
    title = models.CharField(max_length=50)
    portions = models.IntegerField(default=4)
    steps = models.JSONField(default=list)
    cook = models.ForeignKey("testapp.Person", null=True, on_delete=models.SET_NULL)


class Member(ModelDiffMixin):
    diff_exclude = ("note",)  # or diff_fields = ("name", "password")
    sensitive_fields = ("password",)

    name = models.CharField(max_length=20)
    password = models.CharField(max_length=20)
    note = models.CharField(max_length=20)
