"""Models with every mixin, in several orders, with managers of their own."""

from typing import Any, ClassVar

from django.db import models

from django_modernize.audit import track
from django_modernize.integrity import Before, UniqueAlive
from django_modernize.managers import ModernizeManager
from django_modernize.models import (
    ModelDiffMixin,
    SoftDeleteMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)
from django_modernize.softdelete.managers import SoftDeleteManager
from django_modernize.uploads import SecureImageField


class StampedBase(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    """A project's own base."""

    class Meta:
        abstract = True


class OrderQuerySet(models.QuerySet["Order"]):
    """A project's queryset."""

    def unpaid(self) -> "OrderQuerySet":
        return self.filter(paid_at__isnull=True)


@track
class Order(StampedBase, SoftDeleteMixin, ModelDiffMixin):
    """All mixins, stamps first, with a queryset."""

    diff_exclude = ("note",)
    sensitive_fields = ("note",)
    stamps_only_changes = True

    number = models.CharField(max_length=20)
    note = models.TextField(blank=True)
    ordered_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    objects: ClassVar = SoftDeleteManager.from_queryset(OrderQuerySet)()

    class Meta:
        constraints = [
            Before("ordered_at", "paid_at", name="order_before_paid"),
            UniqueAlive("number", name="order_number"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)


class Turned(
    SoftDeleteMixin, ModelDiffMixin, SourceStampedMixin, UserStampedMixin, TimeStampedMixin
):
    """All mixins, soft delete first."""

    number = models.CharField(max_length=20)


class Line(ModelDiffMixin, TimeStampedMixin):
    """Two mixins, in the other order than above."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    amount = models.IntegerField(default=1)
    photo = SecureImageField(upload_to="lines", thumbnails=(256,))


class CartQuerySet(models.QuerySet["Cart"]):
    """A project's queryset of rows that are not deleted softly."""

    def empty(self) -> "CartQuerySet":
        return self.filter(size=0)


class Cart(TimeStampedMixin):
    """One mixin, with a queryset."""

    size = models.IntegerField(default=0)

    objects: ClassVar = ModernizeManager.from_queryset(CartQuerySet)()


class Plain(ModelDiffMixin):
    """One mixin, and nothing else."""

    name = models.CharField(max_length=20)


class Narrow(SoftDeleteMixin, TimeStampedMixin):
    """A manager class of the project's own."""

    class NarrowManager(SoftDeleteManager["Narrow"]):
        def get_queryset(self) -> models.QuerySet["Narrow"]:
            return super().get_queryset().filter(pk__gt=1)

    objects: ClassVar = NarrowManager()
