"""Documents of houses and bookings."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import SameParent
from django_modernize.uploads import DOCUMENTS, Quota, SecureFileField
from django_modernize.uploads.policies import MEGABYTE

from .base import HouseModel
from .booking import Booking
from .property import Property

__all__ = ["PAPERS", "Audience", "Document", "DocumentType"]

PAPERS: Final = DOCUMENTS.replace(
    name="papers",
    max_bytes=20 * MEGABYTE,
    quotas=(
        Quota(per="property", max_bytes=300 * MEGABYTE, max_files=500),
        Quota(per="created_by", max_bytes=1_000 * MEGABYTE, max_files=2_000),
    ),
)
"""PDF files without scripts, attachments and passwords."""


class DocumentType(models.TextChoices):
    """The kind of document."""

    MANUAL = "manual", _("house manual")
    CONTRACT = "contract", _("contract")
    INSURANCE = "insurance", _("insurance")
    PERMIT = "permit", _("permit")
    INVOICE = "invoice", _("invoice")
    OTHER = "other", _("other")


class Audience(models.TextChoices):
    """Who may read a document, among the people who can see the house."""

    MANAGERS = "managers", _("managers")
    STAFF = "staff", _("managers and staff")
    OWNERS = "owners", _("owners too")


@track
class Document(HouseModel):
    """A document of a house, or of one of its bookings."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="documents")
    booking = models.ForeignKey(
        Booking, models.SET_NULL, null=True, blank=True, related_name="documents"
    )
    title = models.CharField(max_length=200)
    document_type = models.CharField(
        "type", max_length=20, choices=DocumentType.choices, default=DocumentType.OTHER
    )
    audience = models.CharField(
        max_length=20,
        choices=Audience.choices,
        default=Audience.MANAGERS,
        help_text=_("Who may read it, among those who see the house."),
    )
    file = SecureFileField(
        upload_to="documents", policy=PAPERS, name_field="original_name", size_field="size"
    )
    original_name = models.CharField(max_length=255, blank=True, editable=False)
    size = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            SameParent("booking", "property", follows=True, name="document_in_house_of_booking")
        ]

    def __str__(self) -> str:
        return self.title
