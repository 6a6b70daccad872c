"""Models that take files."""

from django.conf import settings
from django.db import models

from django_modernize.models import SoftDeleteMixin
from django_modernize.uploads import (
    DOCUMENTS,
    IMAGES,
    SPREADSHEETS,
    Quota,
    SecureFileField,
    SecureImageField,
)

__all__ = ["Papers", "Photo", "PlainCopy", "Portfolio", "Scan", "Snapshot"]


class Photo(models.Model):
    title = models.CharField(max_length=50, unique=True)
    image = SecureImageField(
        upload_to="photos",
        blank=True,
        name_field="client_name",
        size_field="size",
        type_field="content_type",
        digest_field="sha256",
        width_field="width",
        height_field="height",
        thumbnails=(2, 64),
    )
    client_name = models.CharField(max_length=255, blank=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False)
    content_type = models.CharField(max_length=100, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)


class Snapshot(models.Model):
    """A file and nothing beside it, so that it may be saved in bulk too."""

    image = SecureFileField(policy=IMAGES, null=True, blank=True)


class Papers(models.Model):
    """A file of each ready policy."""

    photo = SecureFileField(policy=IMAGES, null=True, blank=True)
    plan = SecureFileField(policy=SPREADSHEETS, null=True, blank=True)
    letter = SecureFileField(policy=DOCUMENTS, null=True, blank=True)


class Scan(SoftDeleteMixin, models.Model):
    image = SecureImageField(upload_to="scans")


class Portfolio(models.Model):
    """Whose user may store a kilobyte."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    cover = SecureImageField(
        policy=IMAGES.replace(name="covers", quotas=(Quota(per="owner", max_bytes=200),)),
        size_field="cover_size",
    )
    cover_size = models.PositiveBigIntegerField(default=0, editable=False)


class PlainCopy(models.Model):
    """What a project had before: takes anything."""

    file = models.FileField(upload_to="plain")
