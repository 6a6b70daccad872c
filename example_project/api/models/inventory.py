"""The supplies of the houses, and lost and found."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import SameParent, UniqueAlive
from django_modernize.uploads import SecureImageField

from .base import HouseModel, StampedModel
from .booking import Booking
from .photos import PHOTOS
from .property import Property
from .task import Task

__all__ = [
    "InventoryCategory",
    "InventoryItem",
    "InventoryTransaction",
    "LostFoundItem",
    "LostFoundPhoto",
    "LostFoundStatus",
    "PropertyInventory",
    "StockLevel",
    "TransactionType",
    "compare_levels",
]


@track
class InventoryCategory(HouseModel):
    """A category of items: linen, soap, tools."""

    name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "inventory categories"
        ordering = ["name"]
        constraints = [UniqueAlive("name", name="inventory_category_unique")]

    def __str__(self) -> str:
        return self.name


@track
class InventoryItem(HouseModel):
    """Something that the houses use up."""

    category = models.ForeignKey(InventoryCategory, models.PROTECT, related_name="items")
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=20, default="each")
    cost = models.DecimalField(
        "cost of one",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    sku = models.CharField("stock number", max_length=50, blank=True)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ["category__name", "name"]
        constraints = [
            UniqueAlive("name", name="inventory_item_unique"),
            UniqueAlive("sku", condition=~Q(sku=""), name="inventory_sku_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class StockLevel(models.TextChoices):
    """How much of an item there is, compared with what there should be."""

    OUT = "out", _("out")
    LOW = "low", _("low")
    NORMAL = "normal", _("normal")
    OVER = "over", _("over")


@track
class PropertyInventory(HouseModel):
    """The stock of one item in one house; only ``services.inventory`` changes it."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="inventory")
    item = models.ForeignKey(InventoryItem, models.PROTECT, related_name="stocks")
    stock = models.DecimalField(max_digits=10, decimal_places=2, default=0, editable=False)
    par = models.DecimalField(
        "par level", max_digits=10, decimal_places=2, default=0, help_text=_("At or below is low.")
    )
    maximum = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    place = models.CharField(
        max_length=100, blank=True, help_text=_("Where in the house it is kept.")
    )
    restock_task = models.ForeignKey(
        Task,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="restocks",
        help_text=_("The task to buy more of it; there is no second while it is open."),
    )

    class Meta:
        verbose_name = "stock"
        ordering = ["property__name", "item__name"]
        constraints = [
            UniqueAlive("property", "item", name="property_inventory_unique"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="inventory_not_negative"),
            models.CheckConstraint(condition=Q(par__gte=0), name="inventory_par_not_negative"),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True) | Q(maximum__gte=F("par")),
                name="inventory_maximum_from_par",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(item)s in %(house)s") % {"item": self.item, "house": self.property}

    def find_level(self) -> StockLevel:
        """Return the level of the stock."""
        if self.stock <= 0:
            return StockLevel.OUT
        if self.stock <= self.par:
            return StockLevel.LOW
        if self.maximum is not None and self.stock > self.maximum:
            return StockLevel.OVER
        return StockLevel.NORMAL


def compare_levels() -> Case:
    """Return :meth:`PropertyInventory.find_level` as an expression for a queryset of stocks."""
    return Case(
        When(stock__lte=0, then=Value(StockLevel.OUT)),
        When(stock__lte=F("par"), then=Value(StockLevel.LOW)),
        When(stock__gt=F("maximum"), then=Value(StockLevel.OVER)),
        default=Value(StockLevel.NORMAL),
        output_field=CharField(),
    )


class TransactionType(models.TextChoices):
    """Why a stock changed."""

    STOCK_IN = "stock_in", _("stock in")
    STOCK_OUT = "stock_out", _("stock out")
    ADJUSTMENT = "adjustment", _("adjustment")
    DAMAGE = "damage", _("damage")
    TRANSFER = "transfer", _("transfer")


@track
class InventoryTransaction(StampedModel):
    """One change of one stock. It is never changed itself, only followed by another.

    The database refuses to change or delete it; see ``api.append_only``.
    """

    append_only_fields = (
        "inventory",
        "transaction_type",
        "change",
        "stock_after",
        "counterpart",
        "note",
        "created_at",
    )
    """What nobody changes; that the task or the person is gone may be noted."""

    # A stock is soft-deleted with its house; its entries stay until both are restored.
    # Neither can be purged while there are entries, because nothing deletes those.
    inventory = models.ForeignKey(PropertyInventory, models.DO_NOTHING, related_name="transactions")
    transaction_type = models.CharField("type", max_length=20, choices=TransactionType.choices)
    change = models.DecimalField(
        max_digits=10, decimal_places=2, help_text=_("What was added; negative what was taken.")
    )
    stock_after = models.DecimalField(max_digits=10, decimal_places=2)
    counterpart = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="origin",
        help_text=_("At the end that got it, the end of the transfer that gave it."),
    )
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="inventory_transactions"
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(change=0), name="inventory_change_not_zero"),
            models.CheckConstraint(
                condition=Q(stock_after__gte=0), name="inventory_after_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change:+} {self.inventory}"


class LostFoundStatus(models.TextChoices):
    """What happened to the item."""

    FOUND = "found", _("found")
    CLAIMED = "claimed", _("claimed")
    DISPOSED = "disposed", _("disposed of")
    DONATED = "donated", _("donated")


@track
class LostFoundItem(HouseModel):
    """Something that a guest left behind."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="lost_found_items")
    booking = models.ForeignKey(
        Booking, models.SET_NULL, null=True, blank=True, related_name="lost_found_items"
    )
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="lost_found_items"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(
        max_length=20, choices=LostFoundStatus.choices, default=LostFoundStatus.FOUND
    )
    found_on = models.DateField()
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    found_where = models.CharField("found in", max_length=100, blank=True)
    value = models.DecimalField(
        "estimated value",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    storage_place = models.CharField("kept in", max_length=100, blank=True)
    claimed_by = models.CharField(max_length=200, blank=True)
    claimed_on = models.DateField(null=True, blank=True)
    disposed_on = models.DateField(null=True, blank=True)
    disposal_note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "lost and found item"
        ordering = ["-found_on", "-pk"]
        constraints = [
            SameParent("booking", "property", follows=True, name="lost_found_in_house_of_booking"),
            models.CheckConstraint(
                condition=~Q(status=LostFoundStatus.CLAIMED) | ~Q(claimed_by=""),
                name="lost_found_claimed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["status", "found_on"], name="lost_found_status")]

    def __str__(self) -> str:
        return self.title


@track
class LostFoundPhoto(HouseModel):
    """A photo of the item."""

    item = models.ForeignKey(LostFoundItem, models.CASCADE, related_name="photos")
    image = SecureImageField(
        upload_to="lost_found",
        policy=PHOTOS,
        size_field="size",
        width_field="width",
        height_field="height",
        thumbnails=[320],
    )
    size = models.PositiveIntegerField(default=0, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return gettext("photo of %s") % self.item
