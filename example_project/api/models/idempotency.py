"""Stored responses, so that a request that is sent twice is carried out once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["IdempotencyKey"]


class IdempotencyKey(models.Model):
    """An idempotency key and the response to its request. Written by code, never by hand."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField("SHA-256 of the request", max_length=64, blank=True)
    status_code = models.PositiveSmallIntegerField(
        null=True, help_text=_("Empty while the request is carried out, or where it was refused.")
    )
    body = models.TextField("answer, as JSON", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created_at")]

    def __str__(self) -> str:
        return self.key
